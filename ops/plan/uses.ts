/**
 * When the values of a plan are needed.
 *
 * @module
 */
import type { Launch } from "./program.ts";

/** The values that a launch reads, one for each of its parameters that is no scalar. */
export function readsOf({ arguments: args }: Launch): number[] {
  return args.flatMap((argument) => "value" in argument ? [argument.value] : []);
}

/** For each value that a step reads the last step that does. A step is what is launched together. */
export function lastUses(steps: readonly (readonly Launch[])[]): ReadonlyMap<number, number> {
  const last = new Map<number, number>();
  steps.forEach((launches, step) => {
    for (const launch of launches) for (const value of readsOf(launch)) last.set(value, step);
  });
  return last;
}

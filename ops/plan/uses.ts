/**
 * When the values of a plan are needed.
 *
 * @module
 */
import type { Launch } from "./program.ts";

/** For each value that a step reads the last step that does. A step is what is launched together. */
export function lastUses(steps: readonly (readonly Launch[])[]): ReadonlyMap<number, number> {
  const last = new Map<number, number>();
  steps.forEach((launches, step) => {
    for (const launch of launches) {
      for (const argument of launch.arguments) {
        if ("value" in argument) last.set(argument.value, step);
      }
    }
  });
  return last;
}

/**
 * Which values of a plan lie in one buffer.
 *
 * @module
 */
import type { Program } from "../../plan/program.ts";
import { lastUses } from "../../plan/uses.ts";

/** The buffers that a run needs. */
export interface Slots {
  /** For each value the buffer that it lies in. */
  readonly of: readonly number[];
  /** Size of each buffer in elements. */
  readonly lengths: readonly number[];
}

/**
 * Gives each value a buffer: one of its own, or that of a value of the same length which nothing
 * reads any more. Inputs are there before the first launch, and results after the last.
 */
export function slotsOf({ lengths, launches, results }: Program): Slots {
  const inputs = lengths.length - launches.length;
  const of: number[] = [];
  const sizes: number[] = [];
  const free: number[] = [];
  const place = (value: number): void => {
    const at = free.findIndex((slot) => sizes[slot] === lengths[value]);
    of[value] = at >= 0 ? free.splice(at, 1)[0] : sizes.push(lengths[value]) - 1;
  };
  for (let value = 0; value < inputs; value++) place(value);
  const last = lastUses(launches.map((launch) => [launch]));
  const kept = new Set(results);
  launches.forEach(({ result, arguments: args }, step) => {
    place(result);
    const read = args.flatMap((argument) => "value" in argument ? [argument.value] : []);
    for (const value of new Set([result, ...read])) {
      if (!kept.has(value) && (last.get(value) ?? -1) <= step) free.push(of[value]);
    }
  });
  return { of, lengths: sizes };
}

/**
 * Which values of a plan lie in one buffer.
 *
 * @module
 */
import type { Program } from "../../plan/program.ts";
import type { Dispatch } from "./compiler/dispatches.ts";

/** The buffers that a run needs. */
export interface Slots {
  /**
   * For each value the buffer that it lies in; `undefined` for an input that has one of its own, and for
   * what never leaves a shader.
   */
  readonly of: readonly (number | undefined)[];
  /** Size of each buffer in elements. */
  readonly lengths: readonly number[];
  /** The value that lies in each buffer first. */
  readonly first: readonly number[];
}

/**
 * Gives each value a buffer: one for itself, or that of a value of the same length which nothing
 * reads any more. Inputs are there before the first dispatch, and results after the last. No buffer is
 * read and written by one dispatch.
 *
 * @param resident Whether an input is on the device already, where nothing may be written to it.
 */
export function slotsOf(
  { lengths, launches, results }: Program,
  dispatches: readonly Pick<Dispatch, "writes" | "shader">[],
  resident: (input: number) => boolean,
): Slots {
  const inputs = lengths.length - launches.length;
  const of: (number | undefined)[] = [];
  const sizes: number[] = [];
  const first: number[] = [];
  const free: number[] = [];
  const place = (value: number): void => {
    const at = free.findIndex((slot) => sizes[slot] === lengths[value]);
    if (at >= 0) of[value] = free.splice(at, 1)[0];
    else {
      of[value] = sizes.push(lengths[value]) - 1;
      first.push(value);
    }
  };
  for (let value = 0; value < inputs; value++) {
    if (resident(value)) of[value] = undefined;
    else place(value);
  }
  const last = new Map<number, number>();
  dispatches.forEach(({ shader }, step) => {
    for (const value of shader.reads) last.set(value, step);
  });
  const kept = new Set(results);
  dispatches.forEach(({ writes, shader }, step) => {
    writes.forEach(place);
    for (const value of new Set([...writes, ...shader.reads])) {
      const slot = of[value];
      if (slot !== undefined && !kept.has(value) && (last.get(value) ?? -1) <= step) {
        free.push(slot);
      }
    }
  });
  return { of, lengths: sizes, first };
}

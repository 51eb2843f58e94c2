/**
 * Runs the plan of a strip until a whole is computed.
 *
 * @module
 */
import type { Prepared } from "../prepared.ts";
import type { Slice, Strips } from "./strips.ts";

const BYTES = 4;

/** Where the block of a strip has the addresses of its inputs and results, among an arena's integers. */
export interface Entries {
  readonly inputs: readonly number[];
  readonly results: readonly number[];
}

/** Whether a slice is read again by later strips. */
export function isPeriodic({ span }: Slice, { units }: Pick<Strips, "units">): boolean {
  return span < units;
}

/** The inputs of the first strip, and all of those that are read again. */
export function firstOf(strips: Strips, data: readonly Float32Array[]): Float32Array[] {
  return data.map((one, i) => {
    const slice = strips.inputs[i];
    return slice === undefined || isPeriodic(slice, strips)
      ? one
      : one.subarray(0, slice.stride * strips.height);
  });
}

/** Runs all strips; the inputs of the first one are in place. */
export function runStrips(
  strips: Strips,
  { arena, linked, base, panels }: Prepared,
  entries: Entries,
  data: readonly Float32Array[],
): Float32Array[] {
  const { floats, integers } = arena;
  const { units, height, results } = strips;
  const whole = strips.lengths.map((length) => new Float32Array(length));
  const views = results.map(({ stride }, i) =>
    arena.view(integers[entries.results[i]] >>> 0, stride * height)
  );
  const copied: { from: Float32Array; slice: Slice; to: number }[] = [];
  const read: { address: number; slice: Slice; entry: number }[] = [];
  strips.inputs.forEach((slice, i) => {
    if (slice === undefined) return;
    const entry = entries.inputs[i];
    const address = integers[entry] >>> 0;
    if (isPeriodic(slice, strips)) read.push({ address, slice, entry });
    else copied.push({ from: data[i], slice, to: address / BYTES });
  });
  for (let next = 0; next < units; next += height) {
    // The last strip reaches back to where it is whole.
    const unit = Math.min(next, units - height);
    for (const { address, slice, entry } of read) {
      integers[entry] = address + startOf(slice, unit) * BYTES;
    }
    if (unit > 0) {
      for (const { from, slice, to } of copied) {
        const start = startOf(slice, unit);
        floats.set(from.subarray(start, start + slice.stride * height), to);
      }
    }
    linked.run(base, panels);
    for (let i = 0; i < results.length; i++) whole[i].set(views[i], startOf(results[i], unit));
  }
  return whole;
}

function startOf({ stride, span }: Slice, unit: number): number {
  return unit % span * stride;
}

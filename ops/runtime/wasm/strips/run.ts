/**
 * Runs a plan strip by strip.
 *
 * @module
 */
import type { Prepared } from "../prepared.ts";
import type { Slice, Strips } from "./strips.ts";

const BYTES = 4;

/** Where a strip's inputs and results lie, by the addresses in its block. */
export interface Places {
  readonly inputs: readonly number[];
  readonly results: readonly number[];
}

/** The inputs of the first strip: parts of those that are cut. */
export function firstOf({ inputs, height }: Strips, data: readonly Float32Array[]): Float32Array[] {
  return data.map((one, i) => {
    const slice = inputs[i];
    return slice === undefined ? one : one.subarray(0, slice.stride * height);
  });
}

/** Runs all strips; the inputs of the first one are in place. */
export function runStrips(
  { units, height, inputs, results, lengths }: Strips,
  { arena, linked, base, panels }: Prepared,
  places: Places,
  data: readonly Float32Array[],
): Float32Array[] {
  const { floats } = arena;
  const whole = lengths.map((length) => new Float32Array(length));
  const views = results.map(({ stride }, i) => arena.view(places.results[i], stride * height));
  const cut = inputs.flatMap((slice, i) => slice === undefined ? [] : [{ slice, i }]);
  for (let next = 0; next < units; next += height) {
    // The last strip reaches back to where it is whole.
    const unit = Math.min(next, units - height);
    if (unit > 0) {
      for (const { slice, i } of cut) {
        const start = startOf(slice, unit);
        const part = data[i].subarray(start, start + slice.stride * height);
        floats.set(part, places.inputs[i] / BYTES);
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

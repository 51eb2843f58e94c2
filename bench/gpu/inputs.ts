/**
 * The numbers of a repeated workload, and its answer.
 *
 * @module
 */
import { type Check, checkOf } from "../expected.ts";
import { type Inputs, inputsOf } from "../inputs.ts";
import type { GpuWorkload } from "./workloads.ts";

/** Repeats whose results are looked at, spread over all; the sums are over all anyway. */
const LOOKED_AT = 16;

/** Inputs of the workload as it runs. */
export function repeatedInputs({ small, repeats }: GpuWorkload): Inputs {
  const inputs = inputsOf(small);
  return { ...inputs, x: repeated(inputs.x, repeats), dy: repeated(inputs.dy, repeats) };
}

/** Numbers over and over. */
export function repeated(numbers: Float32Array, times: number): Float32Array {
  const all = new Float32Array(times * numbers.length);
  for (let i = 0; i < times; i++) all.set(numbers, i * numbers.length);
  return all;
}

/**
 * The check of the workload as it runs, by the answer of the small one: means over all repeats are
 * those of one, so y and the cotangent of x repeat too, and the parameters' cotangents add up.
 */
export function repeatedCheck({ small, repeats }: GpuWorkload): Check {
  const { x, beta, ...inputs } = inputsOf(small);
  const check = checkOf(small, { x, beta, ...inputs });
  return (answer) => {
    const parts = answer instanceof Float32Array ? [answer] : answer;
    const lengths = parts.map(({ length }, part) => part < 2 ? length / repeats : length);
    if (lengths.slice(0, 2).some((length) => length !== x.length)) return Infinity;
    const errors = spread(repeats, LOOKED_AT).map((repeat) =>
      check(
        parts.map((numbers, part) =>
          part < 2
            ? numbers.subarray(repeat * x.length, (repeat + 1) * x.length)
            : numbers.map((sum) => sum / repeats)
        ),
      )
    );
    return Math.max(...errors);
  };
}

/** Up to so many of the first integers, with both ends. */
export function spread(count: number, most: number): number[] {
  const taken = Math.min(count, most);
  return Array.from(
    { length: taken },
    (_, i) => taken === 1 ? 0 : Math.round(i * (count - 1) / (taken - 1)),
  );
}

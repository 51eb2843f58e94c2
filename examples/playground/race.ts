/**
 * How fast the backends are, and how far apart.
 *
 * @module
 */
import type { Backend, Tensor } from "../../mod.ts";
import { callOf } from "./apply.ts";
import { reasonOf, runtimeOf } from "./backends.ts";
import type { Failure, Lap } from "./messages.ts";
import type { Settings } from "./settings.ts";

const CALLS = 7;

/** After as many milliseconds a backend that has been called thrice is not called again. */
const ENOUGH = 1000;

/** After as many, no backend is. */
const TOO_MUCH = 3000;

/** Races the backends on one input; the first is cpu, which the others are compared with. */
export async function* race(
  x: Tensor,
  settings: Settings,
  backends: readonly Backend[],
  pause: () => Promise<void>,
): AsyncGenerator<Lap | Failure> {
  let expected: Float32Array | undefined;
  for (const backend of ["cpu", ...backends.filter((backend) => backend !== "cpu")] as const) {
    try {
      const { run } = await callOf(x, settings, await runtimeOf(backend));
      const { data } = await run(); // compiles
      expected ??= data;
      const times = await timesOf(run, pause);
      const difference = largestDifference(data, expected);
      yield { backend, time: median(times), calls: times.length, difference };
    } catch (error) {
      await pause(); // throws again if that was it
      yield { backend, reason: reasonOf(error) };
    }
  }
}

async function timesOf(
  run: () => Promise<unknown>,
  pause: () => Promise<void>,
): Promise<number[]> {
  const times: number[] = [];
  let spent = 0;
  while (times.length < CALLS && spent < (times.length < 3 ? TOO_MUCH : ENOUGH)) {
    await pause();
    const start = performance.now();
    await run();
    const time = performance.now() - start;
    times.push(time);
    spent += time;
  }
  return times;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  let found = 0;
  for (let i = 0; i < a.length; i++) {
    const by = Math.abs(a[i] - b[i]);
    if (!(by <= found)) found = by;
  }
  return found;
}

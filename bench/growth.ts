/**
 * Whether memory stays flat over many calls. Heaps reach their working size in a first pass; what
 * leaks then grows in every further one, and what is but the grain of allocators does not.
 *
 * @module
 */
import { createRuntime, groupNorm, type Runtime, tensor } from "../mod.ts";
import { random } from "../tests/support/random.ts";
import { median } from "./statistics.ts";
import { outcomeOf, type Verdict } from "./verdict.ts";

/** Bytes by which a process may grow in a pass after the first: the grain of its allocators. */
const GROWTH = 32 * 2 ** 20;
/** Passes that are measured, of which the median counts. */
const PASSES = 3;
const SETTLE_MS = 100;
/** Largest extents of a random shape. */
const SIDE = 61;
const CHANNELS = 32;

/** Memory after many calls of one shape, and of many shapes. */
export async function growths(): Promise<Verdict[]> {
  const next = random(7);
  const extent = (most: number) => 1 + Math.floor(next() * most);
  return [
    await growth("10 000 calls of one shape", 10_000, () => [1, 16, 16, 32]),
    await growth(
      "1 000 calls of random shapes",
      1_000,
      () => [1, extent(SIDE), extent(SIDE), extent(CHANNELS)],
    ),
  ];
}

async function growth(what: string, calls: number, shape: () => number[]): Promise<Verdict> {
  console.error(`memory over ${what} ...`);
  await using runtime = await createRuntime({ backend: "wasm" });
  const pass = async () => {
    for (let i = 0; i < calls; i++) await norm(runtime, shape());
    return await memory(runtime);
  };
  const readings = [await pass()];
  for (let i = 0; i < PASSES; i++) readings.push(await pass());
  const grown = readings[0].map((_, kind) =>
    median(readings.slice(1).map((reading, i) => reading[kind] - readings[i][kind]))
  );
  const text = grown.map((bytes) => (bytes / 2 ** 20).toFixed(1));
  return {
    what: `memory over ${what}`,
    bar: `< ${GROWTH / 2 ** 20} MiB`,
    measured: `process ${text[0]}, live objects ${text[1]}, held ${text[2]} MiB`,
    outcome: outcomeOf(grown.every((bytes) => bytes < GROWTH)),
  };
}

async function norm(runtime: Runtime, shape: readonly number[]): Promise<void> {
  const x = tensor(new Float32Array(shape.reduce((a, b) => a * b)).fill(1), shape);
  await groupNorm(x, {}, { groups: 1, center: false, scale: false, runtime });
}

/** What the process, its live objects and the runtime hold, in bytes. */
async function memory(runtime: Runtime): Promise<number[]> {
  // Without a collection, what is measured is when the engine last had one.
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) {
    throw new Error("Cannot measure memory: gc must be there, by --v8-flags=--expose-gc");
  }
  for (let i = 0; i < 3; i++) {
    gc();
    // Arrays that were collected are given back by another thread, a little later.
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
  const { rss, heapUsed } = Deno.memoryUsage();
  return [rss, heapUsed, runtime.stats().bytesHeld];
}

/**
 * Whether memory stays flat over many calls. They are made twice: heaps reach their working size in
 * the first pass, and what leaks grows as much again in the second, which is the one measured.
 *
 * @module
 */
import { createRuntime, groupNorm, type Runtime, tensor } from "../mod.ts";
import { random } from "../tests/random.ts";
import type { Verdict } from "./verdict.ts";

/** Bytes by which a process may grow after its warm-up: the grain of its allocators. */
const GROWTH = 32 * 2 ** 20;
const SETTLE_MS = 100;
/** Largest extents of a random shape. */
const [SIDE, CHANNELS] = [61, 32];

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
  for (let i = 0; i < calls; i++) await norm(runtime, shape());
  const before = await memory(runtime);
  for (let i = 0; i < calls; i++) await norm(runtime, shape());
  const after = await memory(runtime);
  const grown = after.map((bytes, i) => bytes - before[i]);
  const text = grown.map((bytes) => (bytes / 2 ** 20).toFixed(1));
  return {
    what: `memory over ${what}`,
    bar: `< ${GROWTH / 2 ** 20} MiB`,
    measured: `process ${text[0]}, live objects ${text[1]}, held ${text[2]} MiB`,
    met: grown.every((bytes) => bytes < GROWTH),
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

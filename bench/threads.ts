/**
 * Two threads beside one: where they gain, and that they cost nothing where they do not take part.
 *
 * @module
 */
import {
  batchNorm,
  createRuntime,
  gdn,
  groupNorm,
  initBatchNorm,
  initGdn,
  layerNorm,
  type Runtime,
  tensor,
} from "../mod.ts";
import { random } from "../tests/support/random.ts";
import { longerBy } from "./longer.ts";
import { timesInTurn } from "./turns.ts";
import type { Verdict } from "./verdict.ts";

/** How much longer a call may take with threads than without. */
const MOST = 1.05;
/** Threads that start at a call are there before the first round is timed. */
const TURNS = { warmUp: 10, rounds: 80, settle: 200 };

const next = random(5);
const draw = (shape: readonly number[]) => {
  const length = shape.reduce((product, size) => product * size);
  return tensor(Float32Array.from({ length }, next), shape);
};
const images = draw([8, 56, 56, 64]);
const rows = draw([512, 768]);
const { params, state } = initBatchNorm(64);

const CALLS: Readonly<Record<string, (runtime: Runtime) => unknown>> = {
  "batchNorm inference 8x56x56x64": (runtime) =>
    batchNorm(images, params, state, { training: false, runtime }),
  "batchNorm training 8x56x56x64": (runtime) => batchNorm(images, params, state, { runtime }),
  "groupNorm 32 8x56x56x64": (runtime) => groupNorm(images, {}, { groups: 32, runtime }),
  "layerNorm 512x768": (runtime) => layerNorm(rows, {}, { runtime }),
  ...gdnOf(16, 64),
  ...gdnOf(4096, 64),
  ...gdnOf(1024, 192),
  ...gdnOf(4096, 192),
  ...gdnOf(1024, 512),
};

function gdnOf(positions: number, channels: number): Record<string, (runtime: Runtime) => unknown> {
  const x = draw([positions, channels]);
  const params = initGdn(channels);
  return { [`gdn ${positions}x${channels}`]: (runtime) => gdn(x, params, { runtime }) };
}

/** A verdict for each call, with plain arrays. */
export async function threads(): Promise<Verdict[]> {
  await using one = await createRuntime({ backend: "wasm" });
  await using two = await createRuntime({ backend: "wasm", threads: 2 });
  const verdicts: Verdict[] = [];
  for (const [what, call] of Object.entries(CALLS)) {
    console.error(`${what}: two threads and one ...`);
    const [alone, together] = await timesInTurn([() => call(one), () => call(two)], TURNS);
    verdicts.push(longerBy(`${what}: two threads to one`, MOST, alone, together));
  }
  return verdicts;
}

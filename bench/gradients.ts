/**
 * A step of training whose gradient is taken by the tape, beside the same step gone back by hand.
 *
 * @module
 */
import { createRuntime } from "../mod.ts";
import { runOp } from "../ops/call/calls.ts";
import { type Sizes, stepByHand, stepByTape, trainingOf } from "../tests/support/training_step.ts";
import { longerBy } from "./longer.ts";
import { median } from "./statistics.ts";
import { timesInTurn } from "./turns.ts";
import type { Verdict } from "./verdict.ts";

/** How much longer the tape's step may take: they are the same plan. */
const MOST = 1.05;
const TURNS = { warmUp: 10, rounds: 80 };

const STEPS: Readonly<Record<string, Sizes>> = {
  "32x64x32, 64 channels": {
    samples: 32,
    positions: 64,
    inputs: 32,
    channels: 64,
    classes: 10,
  },
  "4x4x8, 8 channels": { samples: 4, positions: 4, inputs: 8, channels: 8, classes: 4 },
};

/** What was measured of one step. */
interface Measured {
  readonly what: string;
  readonly byHand: readonly number[];
  readonly byTape: readonly number[];
}

async function measured(): Promise<Measured[]> {
  const all: Measured[] = [];
  for (const [size, sizes] of Object.entries(STEPS)) {
    const what = `a step of training, ${size}`;
    console.error(`${what}: by the tape and by hand ...`);
    await using runtime = await createRuntime({ backend: "wasm" });
    const training = trainingOf(sizes);
    const [byHand, byTape] = await timesInTurn([
      () => runOp("train by hand", runtime, stepByHand, training),
      () => runOp("train by the tape", runtime, stepByTape, training),
    ], TURNS);
    all.push({ what, byHand, byTape });
  }
  return all;
}

/** A verdict for each size. */
export async function gradients(): Promise<Verdict[]> {
  return (await measured()).map(({ what, byHand, byTape }) =>
    longerBy(`${what}: the tape's to the one by hand`, MOST, byHand, byTape)
  );
}

/** `deno task bench gradients`: the times and their ratio. */
export async function main(): Promise<void> {
  for (const { what, byHand, byTape } of await measured()) {
    const { measured: ratio, bar } = longerBy(what, MOST, byHand, byTape);
    const text = [byTape, byHand].map((times) => `${median(times).toFixed(3)} ms`);
    console.log(`${what}: by the tape ${text[0]}, by hand ${text[1]}: ${ratio}, bar ${bar}`);
  }
}

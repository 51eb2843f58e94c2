/**
 * One codec: trained on some pictures, and measured on one that they do not include.
 *
 * @module
 */
import { type Runtime, type Tensor, tensor } from "../../mod.ts";
import type { Picture } from "../shared/image.ts";
import { openRandom, type Random } from "../shared/random.ts";
import { bitsPerPoint, coded, type Design, loss, start, trainer } from "./model.ts";
import { allPatches, errorOf, GAIN, POINTS, randomPatches, SIDE } from "./patches.ts";

const BATCH = 128;
/** Patches on which the loss is taken after the training. */
const MEASURED = 4096;

/** What a training is told, except its pictures. */
export interface Setting {
  readonly design: Design;
  /** How much the error counts against the rate. */
  readonly lambda: number;
  /** At the start; it falls along half a cosine. */
  readonly learningRate: number;
  readonly steps: number;
  readonly seed: number;
}

/** What has come out of a training. */
export interface Outcome {
  /** Bits per point of the picture that was held back: the entropies of its rounded codes. */
  readonly rate: number;
  /** Peak signal-to-noise ratio of what is decoded, in dB. */
  readonly quality: number;
  /** Rate plus lambda times the error, in bits per point: the smaller, the better. */
  readonly costs: {
    /** On patches of the pictures trained on, as in the training: noise, logistic codes. */
    readonly trained: number;
    /** The same on the picture that was held back. */
    readonly heldBack: number;
    /** With rounded codes and their entropies, on the picture that was held back. */
    readonly coded: number;
  };
}

/** Trains a codec on pictures, and codes another one with it. */
export async function fitted(
  { design, lambda, learningRate, steps, seed }: Setting,
  pictures: readonly Picture[],
  other: Picture,
  runtime: Runtime,
  onSteps: (count: number) => void,
): Promise<Outcome> {
  const random = openRandom(seed);
  let training = start(design, SIDE, random);
  const step = trainer(design, runtime);
  for (let i = 0; i < steps; i++) {
    const x = randomPatches(pictures, BATCH, random);
    const rate = learningRate * 0.5 * (1 + Math.cos(Math.PI * i / steps));
    training = await step({
      ...training,
      x,
      noise: noiseOf(x, random),
      lambda,
      learningRate: rate,
    });
    onSteps(1);
  }
  // The same patches and the same noise for all designs.
  const measuring = openRandom(seed + 1);
  const bitsOf = async (x: Tensor) => {
    const batch = { x, noise: noiseOf(x, measuring), lambda };
    return await loss(training.model, design, batch, runtime) / POINTS / Math.LN2;
  };
  const trained = await bitsOf(randomPatches(pictures, MEASURED, measuring));
  const x = allPatches(other);
  const heldBack = await bitsOf(x);
  const { codes, decoded } = await coded(training.model, design, x, runtime);
  const rate = bitsPerPoint(codes);
  const error = errorOf(x, decoded);
  return {
    rate,
    quality: -10 * Math.log10(error),
    costs: { trained, heldBack, coded: rate + lambda * error * GAIN ** 2 / Math.LN2 },
  };
}

/** As many numbers from -1/2 to 1/2 as there are codes. */
function noiseOf({ shape }: Tensor, random: Random): Tensor {
  const [count, points] = shape;
  return tensor(
    Float32Array.from({ length: count * points }, () => random.uniform() - 0.5),
    [count, points],
  );
}

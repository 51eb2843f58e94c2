/**
 * A learned transform codec with GDN, with ReLU and without anything between its layers.
 *
 *     deno task codec [image.png ...] [--seed=1] [--steps=2500]
 *
 * Balle, Laparra and Simoncelli, "End-to-end Optimization of Nonlinear Transform Codes for Perceptual
 * Quality", 2016, and "End-to-end Optimized Image Compression", 2017, learn convolutional transforms
 * with GDN after and IGDN before their layers, train them for rate plus lambda times distortion with
 * uniform noise in place of rounding, and report better rates at the same distortion than linear
 * transforms give; Balle, "Efficient Nonlinear Transforms for Lossy Image Compression", 2018, reports
 * that GDN beats ReLU at the same size. Here: patches of 8 x 8 points by themselves, two layers of 64
 * each way without convolutions, made-up pictures (dead leaves) unless others are named, logistic codes.
 * The rate that is shown is the entropy of the rounded codes, each by itself, on a picture that was not
 * trained on (the last one, if pictures are named); the distortion is the error of what is decoded.
 *
 * @module
 */
import { createRuntime, type Runtime, tensor } from "../mod.ts";
import { bitsPerPoint, coded, type Kind, start, trainer } from "./codec/model.ts";
import { allPatches, errorOf, POINTS, randomPatches, SIDE } from "./codec/patches.ts";
import { chart } from "./shared/chart.ts";
import { argumentsOf, pictures, progress, run, writeChart } from "./shared/command.ts";
import type { Picture } from "./shared/image.ts";
import { openRandom } from "./shared/random.ts";

const USAGE = "Usage: deno task codec [image.png ...] [--seed=1] [--steps=2500]";
const KINDS: readonly Kind[] = ["linear", "ReLU", "GDN"];
/** How much the error counts against the rate: from small files to good pictures. */
const LAMBDAS = [0.03, 0.1, 0.3, 1];
const BATCH = 128;

/** A point of a curve. */
interface Outcome {
  /** Bits for each point of the picture. */
  readonly rate: number;
  /** Peak signal-to-noise ratio in dB. */
  readonly quality: number;
}

if (import.meta.main) await run(() => main(Deno.args));

async function main(args: readonly string[]): Promise<void> {
  const { options, files } = argumentsOf(args, USAGE, { seed: 1, steps: 2500 });
  const all = await pictures(files, options.seed, SIDE);
  const [train, test] = all.length > 1 ? [all.slice(0, -1), all.at(-1)!] : [all, all[0]];
  await using runtime = await createRuntime({ backend: "wasm" });
  const tell = progress(KINDS.length * LAMBDAS.length * options.steps);
  let done = 0;
  const curves: { readonly kind: Kind; readonly outcomes: Outcome[] }[] = [];
  for (const kind of KINDS) {
    const outcomes: Outcome[] = [];
    for (const lambda of LAMBDAS) {
      const onStep = () => tell(++done, `${kind}, lambda ${lambda}`);
      outcomes.push(await outcomeOf(kind, lambda, train, test, options, runtime, onStep));
    }
    curves.push({ kind, outcomes });
  }
  console.log(`${"".padEnd(10)}${LAMBDAS.map((l) => `lambda ${l}`.padStart(20)).join("")}`);
  for (const { kind, outcomes } of curves) {
    const cells = outcomes.map(({ rate, quality }) =>
      `${rate.toFixed(3)} bpp ${quality.toFixed(2)} dB`.padStart(20)
    );
    console.log(`${kind.padEnd(10)}${cells.join("")}`);
  }
  const svg = chart("A learned codec of 8 x 8 patches", [{
    title: "a picture not trained on",
    x: "bits per point",
    y: "PSNR, dB",
    lines: curves.map(({ kind, outcomes }) => ({
      name: kind,
      points: outcomes.map(({ rate, quality }): [number, number] => [rate, quality]),
    })),
  }]);
  await writeChart(new URL("codec/codec.svg", import.meta.url).pathname, svg);
}

/** Trains one codec, and codes the picture with it. */
async function outcomeOf(
  kind: Kind,
  lambda: number,
  train: readonly Picture[],
  test: Picture,
  { seed, steps }: { readonly seed: number; readonly steps: number },
  runtime: Runtime,
  onStep: () => void,
): Promise<Outcome> {
  const random = openRandom(seed);
  let training = start(kind, POINTS, random);
  const step = trainer(runtime);
  for (let i = 0; i < steps; i++) {
    const x = randomPatches(train, BATCH, random);
    const noise = tensor(
      Float32Array.from({ length: BATCH * POINTS }, () => random.uniform() - 0.5),
      [BATCH, POINTS],
    );
    const learningRate = 0.003 * 0.5 * (1 + Math.cos(Math.PI * i / steps));
    training = await step({ ...training, x, noise, lambda, learningRate });
    onStep();
  }
  const x = allPatches(test);
  const { codes, decoded } = await coded(training.model, x, runtime);
  return { rate: bitsPerPoint(codes), quality: -10 * Math.log10(errorOf(x, decoded)) };
}

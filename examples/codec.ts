/**
 * Learned transform codecs with GDN, with ReLU and without anything between their layers.
 *
 *     deno task codec [image.png ...] [--seed=1] [--steps=2500] [--fits=3] [--cache=examples/codec/cache]
 *
 * Balle, Laparra and Simoncelli, "End-to-end Optimization of Nonlinear Transform Codes for Perceptual
 * Quality", 2016, learn a convolution with GDN after it and IGDN before the way back, for rate plus
 * lambda times distortion, with uniform noise in place of rounding, and report better rates at the same
 * distortion than linear transforms give. Their distortion is that of a perceptual metric, in which
 * errors count less where there is much contrast; here it is the squared error. "End-to-end Optimized
 * Image Compression", 2017, has three such layers and the squared error. Balle, "Efficient Nonlinear
 * Transforms for Lossy Image Compression", 2018, reports that GDN beats ReLU at the same size. Here:
 * patches of 8 x 8 points by themselves, layers of 64 numbers without convolutions, logistic codes.
 *
 * The photographs that come with the examples, and those that are named, are each held back in turn:
 * the codecs are trained on the others and code that one. The rate that is shown is the entropy of the
 * rounded codes, each by itself; the distortion is the error of what is decoded. All designs start from
 * nearly the same codec, the cosine transform, and have the same steps, patches and noise.
 * `deno task codec-study` finds out what each of these choices changes.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { createRuntime } from "../mod.ts";
import { fitted, type Outcome, type Setting } from "./codec/fit.ts";
import type { Design } from "./codec/model.ts";
import { SIDE } from "./codec/patches.ts";
import { chart, type Line } from "./shared/chart.ts";
import { argumentsOf, ExampleError, photographs, run, writeChart } from "./shared/command.ts";
import { allFits, digestOf } from "./shared/fits.ts";
import { meanOf, rangeOf, shown } from "./shared/spread.ts";

const CACHE = fileURLToPath(new URL("codec/cache", import.meta.url));
const USAGE =
  "Usage: deno task codec [image.png ...] [--seed=1] [--steps=2500] [--fits=3] [--cache=folder]";
const START = { basis: "cosines", gamma: 0.001 } as const;
const DESIGNS: Readonly<Record<string, Design>> = {
  "linear": { kind: "linear", layers: 2, isCodeNormalized: false, ...START },
  "ReLU": { kind: "ReLU", layers: 2, isCodeNormalized: false, ...START },
  "GDN, 1 layer": { kind: "GDN", layers: 1, isCodeNormalized: true, ...START },
  "GDN, 2 layers": { kind: "GDN", layers: 2, isCodeNormalized: false, ...START },
};
const NAMES = Object.keys(DESIGNS);
/** How much the error counts against the rate: from small files to good pictures. */
const LAMBDAS = [0.03, 0.1, 0.3, 1];
const LEARNING_RATE = 0.003;

if (import.meta.main) await run(() => main(Deno.args));

/** A fit: what it is told, and which picture is held back of those with this hash. */
interface Fit extends Setting {
  readonly name: string;
  readonly heldBack: number;
  readonly pictures: string;
}

async function main(args: readonly string[]): Promise<void> {
  const { options: { seed, steps, fits: count, cache }, files } = argumentsOf(args, USAGE, {
    seed: 1,
    steps: 2500,
    fits: 3,
    cache: CACHE,
  });
  if (count === 0) throw new ExampleError(USAGE);
  const all = await photographs(files, SIDE);
  const digest = await digestOf(all.map(({ data }) => data));
  const settings = NAMES.flatMap((name) =>
    LAMBDAS.flatMap((lambda) =>
      Array.from({ length: count }, (_, i): Fit => ({
        name,
        design: DESIGNS[name],
        lambda,
        learningRate: LEARNING_RATE,
        steps,
        seed: seed + i,
        heldBack: i % all.length,
        pictures: digest,
      }))
    )
  );
  await using runtime = await createRuntime({ backend: "wasm" });
  const fits = await allFits({
    settings,
    stepsOf: ({ steps }) => steps,
    nameOf: ({ name, lambda }) => `${name}, lambda ${lambda}`,
    fit: (fit, onSteps) => {
      const others = all.filter((_, i) => i !== fit.heldBack);
      return fitted(fit, others, all[fit.heldBack], runtime, onSteps);
    },
    folder: cache,
    file: "codec.json",
  });
  const outcomes = (name: string, lambda: number) =>
    fits.results.filter((_, i) => settings[i].name === name && settings[i].lambda === lambda);
  report(outcomes);
  await writeChart(
    fileURLToPath(new URL("codec/codec.svg", import.meta.url)),
    picture(outcomes, count),
  );
  await fits.forget();
}

/** The fits of a design with one lambda, in the order of their seeds. */
type Outcomes = (name: string, lambda: number) => readonly Outcome[];

/** What a design costs more than linear layers do, fit by fit, in bits per point. */
function differences(outcomes: Outcomes, name: string, lambda: number): number[] {
  const linear = outcomes("linear", lambda);
  return outcomes(name, lambda).map(({ costs }, i) => costs.coded - linear[i].costs.coded);
}

function report(outcomes: Outcomes): void {
  const header = LAMBDAS.map((lambda) => `lambda ${lambda}`.padStart(22)).join("");
  console.log(`${"rate and quality".padEnd(16)}${header}`);
  for (const name of NAMES) {
    const cells = LAMBDAS.map((lambda) => {
      const found = outcomes(name, lambda);
      const rate = meanOf(found.map(({ rate }) => rate)).toFixed(3);
      const quality = meanOf(found.map(({ quality }) => quality)).toFixed(2);
      return `${rate} bpp ${quality} dB`.padStart(22);
    });
    console.log(`${name.padEnd(16)}${cells.join("")}`);
  }
  console.log("\nrate + lambda x error, less that of linear layers, bits per point");
  for (const name of NAMES.slice(1)) {
    const cells = LAMBDAS.map((lambda) =>
      shown(differences(outcomes, name, lambda), 4).padStart(22)
    );
    console.log(`${`- ${name}`.padEnd(16)}${cells.join("")}`);
  }
}

/** Rate and quality, and the differences with their ranges. */
function picture(outcomes: Outcomes, count: number): string {
  const curves = NAMES.map((name): Line => ({
    name,
    points: LAMBDAS.map((lambda): [number, number] => {
      const found = outcomes(name, lambda);
      return [meanOf(found.map(({ rate }) => rate)), meanOf(found.map(({ quality }) => quality))];
    }),
  }));
  const gains = NAMES.map((name): Line => {
    const found = LAMBDAS.map((lambda) => differences(outcomes, name, lambda));
    return {
      name,
      points: LAMBDAS.map((lambda, i): [number, number] => [lambda, meanOf(found[i])]),
      ...(name !== "linear" && { bars: found.map(rangeOf) }),
    };
  });
  return chart("Learned codecs of 8 x 8 patches", [{
    title: `a photograph not trained on, mean of ${count}`,
    x: "rate, bits per point",
    y: "PSNR, dB",
    lines: curves,
  }, {
    title: `cost above linear layers, mean and range of ${count}`,
    x: "lambda",
    y: "rate + lambda x error, bits per point",
    logarithmic: true,
    ticks: LAMBDAS,
    lines: gains,
  }]);
}

/**
 * Density modelling with GDN: its parameters are fitted by maximum likelihood, so that what comes out
 * of it is as near to independent normal numbers as it can be.
 *
 *     deno task density [image.png ...] [--seed=1] [--steps=2500] [--fits=6] [--patches=24000] [--cache=...]
 *
 * Balle, Laparra and Simoncelli, "Density Modeling of Images using a Generalized Normalization
 * Transformation", 2016, compare GDN after a linear transform with independent components whose marginals
 * are Gaussianized one by one (ICA-MG) and with radial Gaussianization (RG), by the negentropy that each
 * takes from patches of photographs and by the mutual information that is left between pairs of
 * coefficients. They report that GDN leaves significantly less information than independent components
 * and RG do. Here: patches of 4 x 4 points without their means instead of 16 x 16, three photographs
 * instead of a database, exponents fixed at the classic 2 and 1/2 that the paper fits as well, and FastICA.
 *
 * The photographs that come with the examples, and those that are named, are each held back in turn:
 * everything is fitted to patches of the others and measured on patches of that one.
 *
 * The joint negentropy J cannot be measured in 15 dimensions, but what a transform takes from it can,
 * exactly (eq. 5 of the paper): `J(y) - J(z) = E[|y|^2 - |z|^2] / 2 - E log |det dy/dz|`. J is here the
 * divergence from independent standard normal numbers: since the held-back photograph has another mean
 * and covariance than those that are fitted to, these count too. What is left of it without the
 * divergences of the marginals is the dependence of the coefficients (multi-information).
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { createRuntime } from "../mod.ts";
import { fitted, type Measures, type Setting, type Transform, TRANSFORMS } from "./density/fit.ts";
import { BINS, REACH } from "./density/measures.ts";
import { SIDE } from "./density/patches.ts";
import { chart, type Panel } from "./shared/chart.ts";
import { argumentsOf, ExampleError, photographs, run, writeChart } from "./shared/command.ts";
import { allFits, digestOf } from "./shared/fits.ts";
import { meanOf, rangeOf, shown } from "./shared/spread.ts";

const CACHE = fileURLToPath(new URL("density/cache", import.meta.url));
const USAGE =
  "Usage: deno task density [image.png ...] [--seed=1] [--steps=2500] [--fits=6] [--patches=24000] [--cache=folder]";
/** Those that are drawn: of ICA-MG the marginals are normal, and pairs share what they do after ICA. */
const DRAWN: readonly Transform[] = ["ICA", "RG", "GDN"];

/** Fewer patches say nothing about their distribution. */
const LEAST = 500;

if (import.meta.main) await run(() => main(Deno.args));

/** A fit to pictures with this hash. */
interface Fit extends Setting {
  /** Which picture is held back. */
  readonly heldBack: number;
  readonly pictures: string;
}

type Result = Readonly<Record<Transform, Measures>>;

async function main(args: readonly string[]): Promise<void> {
  const { options: { seed, steps, fits: count, patches, cache }, files } = argumentsOf(
    args,
    USAGE,
    {
      seed: 1,
      steps: 2500,
      fits: 6,
      patches: 24000,
      cache: CACHE,
    },
  );
  if (count === 0 || patches < LEAST) throw new ExampleError(USAGE);
  const all = await photographs(files, SIDE);
  const digest = await digestOf(all.map(({ data }) => data));
  const settings = Array.from({ length: count }, (_, i): Fit => ({
    seed: seed + i,
    steps,
    patches,
    heldBack: i % all.length,
    pictures: digest,
  }));
  await using runtime = await createRuntime({ backend: "wasm" });
  const fits = await allFits<Fit, Result>({
    settings,
    stepsOf: ({ steps }) => steps,
    nameOf: ({ heldBack, seed }) => `photograph ${heldBack + 1} held back, seed ${seed}`,
    fit: (fit, onSteps) => {
      const others = all.filter((_, i) => i !== fit.heldBack);
      return fitted(fit, others, all[fit.heldBack], runtime, onSteps);
    },
    folder: cache,
    file: "density.json",
  });
  report(fits.results);
  const path = (name: string) => fileURLToPath(new URL(`density/${name}.svg`, import.meta.url));
  await writeChart(path("density"), distributions(fits.results));
  await writeChart(
    path("measures"),
    byPhotograph(fits.results, settings.map(({ heldBack }) => heldBack)),
  );
  await fits.forget();
}

/** Prints how far each transform's results are from independent normal numbers. */
function report(results: readonly Result[]): void {
  const columns = ["marginals", "gain", "dependence", "pair"] as const;
  const titles = ["marginals", "joint taken", "dependence taken", "per pair"];
  console.log(`${"bits".padEnd(8)}${titles.map((title) => title.padStart(20)).join("")}`);
  for (const name of TRANSFORMS) {
    const cells = columns.map((column) => {
      const bits = results.map((result) => result[name][column] / Math.LN2);
      return shown(bits, 3).padStart(20);
    });
    console.log(`${name.padEnd(8)}${cells.join("")}`);
  }
  console.log(`mean and deviation of ${results.length} fits; per coefficient, except for pairs`);
}

/** Marginals of all coefficients, on average of the fits, and a pair of the first fit. */
function distributions(results: readonly Result[]): string {
  const normal = results[0].GDN.density.map(([x]): [number, number] => [
    x,
    Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI),
  ]);
  const densities = DRAWN.map((name) =>
    results[0][name].density.map(([x], i): [number, number] => [
      x,
      meanOf(results.map((result) => result[name].density[i][1])),
    ])
  );
  const top = 1.05 * Math.max(...densities.flat().map(([, y]) => y));
  const marginals = densities.map((points, i): Panel => ({
    title: `${DRAWN[i]}: all coefficients`,
    x: "coefficient, deviations",
    y: "density, 1 / deviation",
    range: { x: [-REACH, REACH], y: [0, top] },
    lines: [
      { points, filled: true, name: "measured" },
      { points: normal, dashed: true, name: "normal" },
    ],
  }));
  const pairs = DRAWN.map((name): Panel => ({
    title: `${name}: second given first`,
    x: "first coefficient, deviations",
    y: "second coefficient, deviations",
    range: { x: [-REACH, REACH], y: [-REACH, REACH] },
    map: { size: BINS, counts: results[0][name].map },
  }));
  return chart("Patches of photographs after three transforms", [...marginals, ...pairs], 3);
}

/** The measures for each photograph that was held back. */
function byPhotograph(results: readonly Result[], heldBack: readonly number[]): string {
  const held = [...new Set(heldBack)];
  const panel = (title: string, y: string, column: "pair" | "gain"): Panel => ({
    title,
    x: "photograph held back",
    y,
    ticks: held.map((photograph) => photograph + 1),
    lines: TRANSFORMS.filter((name) => !isImplied(name, column)).map((name) => {
      const bits = held.map((photograph) =>
        results.filter((_, i) => heldBack[i] === photograph)
          .map((result) => result[name][column] / Math.LN2)
      );
      return {
        name,
        points: held.map((photograph, i) => [photograph + 1, meanOf(bits[i])] as const),
        bars: bits.map(rangeOf),
      };
    }),
  });
  return chart("How near patches come to independent normal numbers, mean and range of the fits", [
    panel("left between two coefficients", "mutual information, bits per pair", "pair"),
    panel("taken from the joint negentropy", "bits per coefficient", "gain"),
  ]);
}

/** ICA-MG changes no information of pairs; of the joint negentropy, rotations take nothing. */
function isImplied(name: Transform, column: "pair" | "gain"): boolean {
  return column === "pair" ? name === "ICA-MG" : name === "PCA" || name === "ICA";
}

/**
 * Density modelling with GDN: its parameters are fitted by maximum likelihood, so that what comes out
 * of it is as near to independent normal numbers as it can be.
 *
 *     deno task density [image.png ...] [--seed=1] [--steps=2500]
 *
 * Balle, Laparra and Simoncelli, "Density Modeling of Images using a Generalized Normalization
 * Transformation", 2016, report that GDN after a linear transform brings patches of photographs nearer
 * to normal numbers, and pairs of their coefficients nearer to independence, than linear transforms with
 * a Gaussianization of each marginal do. Here: patches of 4 x 4 points without their means instead of 16
 * x 16, made-up pictures (dead leaves) unless others are named, and exponents fixed at the classic 2
 * and 1/2 that the paper fits as well. Compared are principal components, independent components
 * (FastICA), and GDN with a linear transform in front, both fitted.
 *
 * The joint negentropy J cannot be measured in 15 dimensions, but what a transform takes from it can,
 * exactly (eq. 5 of the paper): `J(y) - J(z) = E[|y|^2 - |z|^2] / 2 - E log |det dy/dz|`. A rotation
 * takes nothing from it.
 *
 * @module
 */
import { createRuntime, tensor } from "../mod.ts";
import { independentComponents } from "./density/ica.ts";
import {
  BINS,
  column,
  conditional,
  density,
  marginalNegentropy,
  pairwiseInformation,
  REACH,
  standardized,
} from "./density/measures.ts";
import { fit, transformed } from "./density/model.ts";
import { batchOf, DIMENSIONS as N, SIDE, whitenedPatches } from "./density/patches.ts";
import { chart, type Panel } from "./shared/chart.ts";
import { argumentsOf, pictures, progress, run, writeChart } from "./shared/command.ts";
import { multiply } from "./shared/linear.ts";
import { openRandom } from "./shared/random.ts";

const USAGE = "Usage: deno task density [image.png ...] [--seed=1] [--steps=2500]";
/** Patches to fit to, and as many others to measure on. */
const PATCHES = 24000;
const BATCH = 256;

if (import.meta.main) await run(() => main(Deno.args));

async function main(args: readonly string[]): Promise<void> {
  const { options, files } = argumentsOf(args, USAGE, { seed: 1, steps: 2500 });
  const random = openRandom(options.seed);
  const all = await pictures(files, options.seed, SIDE);
  const z = whitenedPatches(all, 2 * PATCHES, random);
  const fitted = z.subarray(0, PATCHES * N);
  const measured = z.subarray(PATCHES * N);
  const rotation = independentComponents(fitted, N, random);
  await using runtime = await createRuntime({ backend: "wasm" });
  const tell = progress(options.steps);
  let done = 0;
  const model = await fit(
    () => batchOf(fitted, BATCH, random),
    tensor(Float32Array.from(rotation), [N, N]),
    options.steps,
    runtime,
    () => tell(++done, "fitting GDN"),
  );
  const whole = tensor(Float32Array.from(measured), [PATCHES, N]);
  const { y, gain } = await transformed(model, whole, runtime);
  const components = multiply(measured, rotation, N, N);
  report([
    { name: "principal components", data: measured, gain: 0 },
    { name: "independent components", data: components, gain: 0 },
    { name: "GDN", data: y, gain },
  ]);
  const path = new URL("density/density.svg", import.meta.url).pathname;
  await writeChart(path, picture(measured, components, y));
}

/** A representation of the patches. */
interface Representation {
  readonly name: string;
  readonly data: ArrayLike<number>;
  /** What it takes from the joint negentropy of the principal components. */
  readonly gain: number;
}

/** Prints how far each representation is from independent normal numbers, in bits per number. */
function report(representations: readonly Representation[]): void {
  const bits = (nats: number) => (nats / Math.LN2).toFixed(3).padStart(12);
  const [first] = representations;
  const start = marginalNegentropy(first.data, N);
  console.log(
    `${"bits per coefficient".padEnd(24)}    marginals  joint taken   dependence taken   per pair`,
  );
  for (const { name, data, gain } of representations) {
    const marginals = marginalNegentropy(data, N);
    // Multi-information is what of the joint negentropy the marginals do not have.
    const dependence = gain - (start - marginals);
    console.log(
      `${name.padEnd(24)} ${bits(marginals / N)} ${bits(gain / N)} ${
        bits(dependence / N).padStart(18)
      } ${bits(pairwiseInformation(data, N))}`,
    );
  }
}

/** Marginals of all coefficients and one pair, for each representation. */
function picture(...representations: readonly ArrayLike<number>[]): string {
  const names = ["principal components", "independent components", "GDN"];
  const normal = density(new Float64Array(0)).map(([x]): [number, number] => [
    x,
    Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI),
  ]);
  const densities = representations.map((data) =>
    density(
      Float64Array.from(
        Array.from({ length: N }, (_, c) => [...standardized(column(data, N, c))]).flat(),
      ),
    )
  );
  const top = 1.05 * Math.max(...densities.flat().map(([, y]) => y));
  const marginals = densities.map((points, i): Panel => {
    return {
      title: names[i],
      x: "coefficient, deviations",
      y: "density",
      range: { x: [-REACH, REACH], y: [0, top] },
      lines: [
        { points, filled: true, name: "measured" },
        { points: normal, dashed: true, name: "normal" },
      ],
    };
  });
  const pairs = representations.map((data): Panel => ({
    title: "a pair: second given first",
    x: "first",
    y: "second",
    range: { x: [-REACH, REACH], y: [-REACH, REACH] },
    map: {
      size: BINS,
      counts: conditional(standardized(column(data, N, 0)), standardized(column(data, N, 1))),
    },
  }));
  return chart("Patches before and after divisive normalization", [...marginals, ...pairs], 3);
}

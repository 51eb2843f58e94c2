/**
 * One fit of every transform to patches of some pictures, measured on a picture that they do not include.
 *
 * @module
 */
import { type Runtime, tensor } from "../../mod.ts";
import type { Picture } from "../shared/image.ts";
import { multiply } from "../shared/linear.ts";
import { openRandom } from "../shared/random.ts";
import { marginally, radially } from "./gaussianize.ts";
import { independentComponents } from "./ica.ts";
import {
  column,
  conditional,
  density,
  marginalDivergence,
  pairwiseInformation,
  standardized,
} from "./measures.ts";
import { fit, transformed } from "./model.ts";
import { batchOf, DIMENSIONS as N, randomPatches, whitened, whiteningOf } from "./patches.ts";

const BATCH = 256;

/** Transforms of the principal components; "PCA" leaves them as they are. */
export const TRANSFORMS = ["PCA", "ICA", "ICA-MG", "RG", "GDN"] as const;
/** One of these. */
export type Transform = (typeof TRANSFORMS)[number];

/** What a transform makes of the patches that it was not fitted to, in nats per coefficient. */
export interface Measures {
  /** The divergence of the marginals from standard normal numbers. */
  readonly marginals: number;
  /** What is taken from the joint divergence. */
  readonly gain: number;
  /** What is taken from the dependence, which is the joint divergence without that of the marginals. */
  readonly dependence: number;
  /** The information that two coefficients share, in nats, on average of all pairs. */
  readonly pair: number;
  /** The density of all coefficients, each with mean 0 and deviation 1. */
  readonly density: readonly (readonly [x: number, y: number])[];
  /** Counts of the second coefficient given the first, in deviations. */
  readonly map: readonly number[];
}

/** What a fit is told beside its pictures. */
export interface Setting {
  readonly seed: number;
  readonly steps: number;
  /** Patches to fit to, and as many others to measure on. */
  readonly patches: number;
}

/** Fits the transforms to patches of pictures, and measures them on those of another one. */
export async function fitted(
  { seed, steps, patches: count }: Setting,
  pictures: readonly Picture[],
  other: Picture,
  runtime: Runtime,
  onSteps: (count: number) => void,
): Promise<Readonly<Record<Transform, Measures>>> {
  const random = openRandom(seed);
  const patches = randomPatches(pictures, count, random);
  const whitening = whiteningOf(patches);
  const z = whitened(patches, whitening);
  const measured = whitened(randomPatches([other], count, random), whitening);

  const rotation = independentComponents(z, N, random);
  const components = multiply(measured, rotation, N, N);
  const start = tensor(Float32Array.from(rotation), [N, N]);
  const model = await fit(() => batchOf(z, BATCH, random), start, steps, runtime, onSteps);
  const whole = tensor(Float32Array.from(measured), [count, N]);

  const before = marginalDivergence(measured, N);
  const measuresOf = ({ y, gain }: { readonly y: ArrayLike<number>; readonly gain: number }) => {
    const marginals = marginalDivergence(y, N);
    const columns = Array.from({ length: N }, (_, c) => standardized(column(y, N, c)));
    return {
      marginals: marginals / N,
      gain: gain / N,
      dependence: (gain - (before - marginals)) / N,
      pair: pairwiseInformation(y, N),
      density: density(columns),
      map: Array.from(conditional(columns[0], columns[1])),
    };
  };
  return {
    "PCA": measuresOf({ y: measured, gain: 0 }),
    "ICA": measuresOf({ y: components, gain: 0 }), // a rotation takes nothing
    "ICA-MG": measuresOf(marginally(multiply(z, rotation, N, N), components, N)),
    "RG": measuresOf(radially(z, measured, N)),
    "GDN": measuresOf(await transformed(model, whole, runtime)),
  };
}

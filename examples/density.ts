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
import {
  createRuntime,
  gdnParams,
  type GdnVariables,
  initGdn,
  pipeline,
  type Runtime,
  type Tensor,
  tensor,
} from "../mod.ts";
import { adam, type AdamState, initAdam } from "../ops/training/mod.ts";
import { logDeterminants } from "./density/likelihood.ts";
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
import { DIMENSIONS as N, whitenedPatches } from "./density/patches.ts";
import { chart, type Panel } from "./shared/chart.ts";
import { argumentsOf, pictures, progress, run, writeChart } from "./shared/command.ts";
import { inverse, multiply } from "./shared/linear.ts";
import { openRandom, type Random } from "./shared/random.ts";

const USAGE = "Usage: deno task density [image.png ...] [--seed=1] [--steps=2500]";
/** Patches to fit to, and as many others to measure on. */
const PATCHES = 24000;
const BATCH = 256;

/** What is fitted: the linear transform, and GDN's stored parameters. */
interface Model {
  readonly h: Tensor;
  readonly gdn: GdnVariables<Tensor>;
}

if (import.meta.main) await run(() => main(Deno.args));

async function main(args: readonly string[]): Promise<void> {
  const { options, files } = argumentsOf(args, USAGE, { seed: 1, steps: 2500 });
  const random = openRandom(options.seed);
  const z = whitenedPatches(await pictures(files, options.seed), 2 * PATCHES, random);
  const fitted = z.subarray(0, PATCHES * N);
  const measured = z.subarray(PATCHES * N);
  const rotation = independentComponents(fitted, N, random);
  await using runtime = await createRuntime({ backend: "wasm" });
  const model = await fit(fitted, rotation, options.steps, random, runtime);
  const { y, gain } = await transformed(model, measured, runtime);
  const components = multiply(measured, rotation, N, N);
  report([
    { name: "principal components", data: measured, gain: 0 },
    { name: "independent components", data: components, gain: 0 },
    { name: "GDN", data: y, gain },
  ]);
  const path = new URL("density/density.svg", import.meta.url).pathname;
  await writeChart(path, picture(measured, components, y));
}

/** Maximum likelihood: `E[|y|^2 / 2 - log |det dy/dz|]` falls, step by step, on batches of patches. */
async function fit(
  z: Float64Array,
  rotation: Float64Array,
  steps: number,
  random: Random,
  runtime: Runtime,
): Promise<Model> {
  let model: Model = {
    h: tensor(Float32Array.from(rotation), [N, N]),
    gdn: initGdn(N),
  };
  let state: AdamState<Model> = initAdam(model);
  const linear = pipeline(
    (ops, { x, h }: { x: Tensor; h: Tensor }) => ops.matmul(x, h),
    { runtime },
  );
  // Of |y|^2 / 2 the cotangent of y is y itself; that of the determinants comes from outside.
  const back = pipeline((ops, input: { x: Tensor; model: Model; dv: Tensor }) => {
    const { x, model: { h, gdn } } = input;
    const { y, vjp } = ops.gdnVjp(ops.matmul(x, h), gdn);
    const { x: dv, params } = vjp(ops.scale(y, 1 / BATCH));
    const both = ops.add(dv, input.dv);
    return { gdn: params, h: ops.matmul(x, both, { transposeA: true }) };
  }, { runtime });
  const tell = progress(steps);
  for (let step = 0; step < steps; step++) {
    const x = batchOf(z, random);
    const v = await linear({ x, h: model.h });
    const { beta, gamma } = gdnParams(model.gdn);
    const determinants = logDeterminants(v.data, beta.data, gamma.data);
    const dv = tensor(determinants.x.map((value) => -value / BATCH), [BATCH, N]);
    const likelihood = await back({ x, model, dv });
    const grads = {
      h: minus(likelihood.h, inverseTransposed(model.h)),
      gdn: {
        reparamBeta: minus(
          likelihood.gdn.reparamBeta,
          stored(model.gdn.reparamBeta, determinants.beta, 1e-6),
        ),
        reparamGamma: minus(
          likelihood.gdn.reparamGamma,
          stored(model.gdn.reparamGamma, determinants.gamma, 0),
        ),
      },
    };
    const learningRate = 0.02 * (1 - step / steps);
    ({ params: model, state } = await adam(model, grads, state, { learningRate, runtime }));
    tell(step + 1, "fitting GDN");
  }
  return model;
}

/** What the model makes of patches, and what that takes from their negentropy, in nats. */
async function transformed(
  { h, gdn }: Model,
  z: Float64Array,
  runtime: Runtime,
): Promise<{ readonly y: Float32Array; readonly gain: number }> {
  const apply = pipeline((ops, x: Tensor) => {
    const v = ops.matmul(x, h);
    return { v, y: ops.gdn(v, gdn) };
  }, { runtime });
  const count = z.length / N;
  const { v, y } = await apply(tensor(Float32Array.from(z), [count, N]));
  const { beta, gamma } = gdnParams(gdn);
  const { sum } = logDeterminants(v.data, beta.data, gamma.data);
  const logDeterminant = sum / count + inverse(h.data, N).logDeterminant;
  const power = (data: ArrayLike<number>) =>
    Array.prototype.reduce.call(data, (sum, value) => (sum as number) + value ** 2, 0) as number;
  const change = (power(y.data) - power(z)) / count / 2 - logDeterminant;
  return { y: y.data, gain: -change };
}

function batchOf(z: Float64Array, random: Random): Tensor {
  const data = new Float32Array(BATCH * N);
  for (let i = 0; i < BATCH; i++) {
    const from = random.below(z.length / N) * N;
    data.set(z.subarray(from, from + N), i * N);
  }
  return tensor(data, [BATCH, N]);
}

/** The gradient of a stored parameter, per sample, from that of the effective one. */
function stored(raw: Tensor, effective: Float64Array, minimum: number): Float32Array {
  const bound = Math.sqrt(minimum + 2 ** -36);
  const pushed = raw.data.map((value, i) => 2 * Math.max(value, bound) * effective[i] / BATCH);
  // The determinants are maximised: the rule is about the gradient of what is minimised.
  // Below its bound a parameter follows only a step that leads back.
  return pushed.map((value, i) => raw.data[i] >= Math.fround(bound) || value > 0 ? value : 0);
}

/** The gradient of log |det h|. */
function inverseTransposed(h: Tensor): Float32Array {
  const { inverse: data } = inverse(h.data, N);
  return Float32Array.from(data, (_, k) => data[(k % N) * N + Math.floor(k / N)]);
}

function minus(a: Tensor, b: ArrayLike<number>): Tensor {
  return tensor(a.data.map((value, i) => value - b[i]), a.shape);
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

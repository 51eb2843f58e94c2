/**
 * Inputs from the smallest numbers to the largest, and every op on them.
 *
 * @module
 */
import {
  batchNorm,
  batchNormVjp,
  gdn,
  gdnInverse,
  gdnVjp,
  groupNorm,
  groupNormVjp,
  initBatchNorm,
  initGdn,
  instanceNorm,
  instanceNormVjp,
  layerNorm,
  layerNormVjp,
  moments,
  rmsNorm,
  rmsNormVjp,
  type Runtime,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { random } from "../support/random.ts";

/** Elements of a statistics set, and channels of a position of GDN. */
export const SET = 6;

const FACTORS = [1, -2, 0.5, 3, -1.5, 0.25];
const LARGEST = 3.4028234663852886e38;

/** Sets of six: every decade from `first` to `last` in five patterns, and magnitudes mixed at random. */
export function setsBetween(first: number, last: number, mixed: number): Float32Array[] {
  const sets: number[][] = [];
  for (let decade = first; decade <= last; decade++) {
    const size = Math.min(Number(`1e${decade}`), LARGEST);
    sets.push(
      FACTORS.map((factor) => factor * size),
      FACTORS.map((factor) => Math.abs(factor) * size),
      new Array(SET).fill(size),
      [size, 1, -2, 0.5, 0.25, -1],
      [0, 0, -size, 0, 0, size],
    );
  }
  sets.push(FACTORS.map((factor) => factor * Number(`1e${last}`) * 1.14));
  const next = random(2026);
  for (let i = 0; i < mixed; i++) {
    sets.push(Array.from({ length: SET }, () => {
      const decade = first + Math.floor(next() * (last - first + 1));
      const sign = next() < 0.1 ? 0 : next() < 0.5 ? -1 : 1;
      return sign * (1 + next()) * Number(`1e${decade}`);
    }));
  }
  return sets.map((set) => Float32Array.from(set, (v) => Math.min(Math.max(v, -LARGEST), LARGEST)));
}

/** An op on many sets at once, none of which sees another: names and values of all its results. */
export type Op = (
  sets: readonly Float32Array[],
  runtime: Runtime,
) => Promise<Readonly<Record<string, ArrayLike<number>>>>;

const DY = [1, -1, 0.5, 2, -0.3, 0.7];
const GAMMA = tensor(
  Array.from({ length: SET * SET }, (_, i) => i % 5 === 0 ? 0 : 0.02 * (i % 7)),
  [SET, SET],
);
const BETA = [1, 0.5, 2, 0, 1, 3];
const AFFINE = { gamma: [1, -2, 0.5, 3, 1, 0], beta: [0.5, -1, 0, 2, 1, 1] };

/** One set after the other, `[set][element]`. */
function side(sets: readonly ArrayLike<number>[], shape: readonly number[]): Tensor {
  return tensor(Float32Array.from(sets.flatMap((set) => Array.from(set))), [sets.length, ...shape]);
}

/** Sets as channels: `[element][set]`. */
function columns(sets: readonly ArrayLike<number>[]): Tensor {
  const data = new Float32Array(SET * sets.length);
  sets.forEach((set, i) => {
    for (let k = 0; k < SET; k++) data[k * sets.length + i] = set[k];
  });
  return tensor(data, [SET, sets.length]);
}

/** Ops that go forward. */
export function forwardOps(): Record<string, Op> {
  const ops: Record<string, Op> = {};
  for (const [alpha, epsilon] of [[2, 0.5], [1, 1], [2, 1], [1.5, 0.7], [0.5, 0.3]]) {
    for (const inverse of [false, true]) {
      const what = `alpha ${alpha}, epsilon ${epsilon}, inverse ${inverse}`;
      for (
        const [name, params] of [["", { beta: BETA, gamma: GAMMA }], [
          "stored ",
          initGdn(SET),
        ]] as const
      ) {
        ops[`${name}gdn, ${what}`] = async (sets, runtime) => {
          const options = { alphaParameter: alpha, epsilonParameter: epsilon, inverse, runtime };
          return { y: (await gdn(side(sets, [SET]), params, options)).data };
        };
      }
    }
  }
  for (const epsilon of [1e-6, 0]) {
    const what = `epsilon ${epsilon}`;
    for (
      const activation of ["none", "relu6", "elu", "tanh", "softplus", "swish", "gelu"] as const
    ) {
      ops[`layerNorm, ${what}, ${activation}`] = async (sets, runtime) => {
        const options = { epsilon, activation, runtime };
        return { y: (await layerNorm(side(sets, [SET]), AFFINE, options)).data };
      };
    }
    ops[`rmsNorm, ${what}`] = async (sets, runtime) => {
      const { gamma } = AFFINE;
      return { y: (await rmsNorm(side(sets, [SET]), { gamma }, { epsilon, runtime })).data };
    };
    ops[`groupNorm, ${what}`] = async (sets, runtime) => {
      const params = { gamma: [1, 2], beta: [0, 1] };
      return {
        y: (await groupNorm(side(sets, [SET / 2, 2]), params, { groups: 1, epsilon, runtime }))
          .data,
      };
    };
    ops[`instanceNorm, ${what}`] = async (sets, runtime) => ({
      y: (await instanceNorm(side(sets, [SET, 1]), {}, { epsilon, runtime })).data,
    });
    for (
      const [name, options] of Object.entries({
        plain: {},
        "decay 0": { decay: 0 },
        weighted: { batchWeights: [1, 2, 0.5, 0, 1, 1] },
        renorm: { renorm: true },
        debiased: { zeroDebiasMovingMean: true },
        inference: { training: false },
      })
    ) {
      ops[`batchNorm, ${what}, ${name}`] = async (sets, runtime) => {
        const { params, state } = initBatchNorm(sets.length, {
          scale: true,
          renorm: name === "renorm",
          zeroDebiasMovingMean: name === "debiased",
        });
        const given = { epsilon, ...options, runtime };
        const { y, state: next } = await batchNorm(columns(sets), params, state, given);
        const { movingMean, movingVariance } = next;
        return { y: y.data, mean: movingMean.data, variance: movingVariance.data };
      };
    }
  }
  ops["moments"] = async (sets, runtime) => {
    const { mean, m2 } = await moments(columns(sets), { runtime });
    return { mean: mean.data, m2: m2.data };
  };
  return ops;
}

/** Ops that go back; of the cotangents those that belong to one set. */
export function backwardOps(): Record<string, Op> {
  const ops: Record<string, Op> = {};
  for (const [alpha, epsilon] of [[2, 0.5], [1, 1], [1.5, 0.7], [0.5, 0.3]]) {
    for (const inverse of [false, true]) {
      const name = `gdnVjp, alpha ${alpha}, epsilon ${epsilon}, inverse ${inverse}`;
      ops[name] = async (sets, runtime) => {
        const params = { beta: BETA, gamma: GAMMA };
        const options = { alphaParameter: alpha, epsilonParameter: epsilon, inverse, runtime };
        const { vjp } = await gdnVjp(side(sets, [SET]), params, options);
        return { x: (await vjp(side(sets.map(() => DY), [SET]))).x.data };
      };
    }
  }
  for (const epsilon of [1e-6, 0]) {
    const what = `epsilon ${epsilon}`;
    for (const activation of ["none", "relu6", "sigmoid", "gelu"] as const) {
      ops[`layerNormVjp, ${what}, ${activation}`] = async (sets, runtime) => {
        const options = { epsilon, activation, runtime };
        const { vjp } = await layerNormVjp(side(sets, [SET]), AFFINE, options);
        return { x: (await vjp(side(sets.map(() => DY), [SET]))).x.data };
      };
    }
    ops[`rmsNormVjp, ${what}`] = async (sets, runtime) => {
      const { gamma } = AFFINE;
      const { vjp } = await rmsNormVjp(side(sets, [SET]), { gamma }, { epsilon, runtime });
      return { x: (await vjp(side(sets.map(() => DY), [SET]))).x.data };
    };
    ops[`groupNormVjp, ${what}`] = async (sets, runtime) => {
      const x = side(sets, [SET / 2, 2]);
      const params = { gamma: [1, 2], beta: [0, 1] };
      const { vjp } = await groupNormVjp(x, params, { groups: 1, epsilon, runtime });
      return { x: (await vjp(side(sets.map(() => DY), [SET / 2, 2]))).x.data };
    };
    ops[`instanceNormVjp, ${what}`] = async (sets, runtime) => {
      const { vjp } = await instanceNormVjp(side(sets, [SET, 1]), {}, { epsilon, runtime });
      return { x: (await vjp(side(sets.map(() => DY), [SET, 1]))).x.data };
    };
    for (
      const [name, options] of Object.entries({
        plain: {},
        weighted: { batchWeights: [1, 2, 0.5, 0, 1, 1] },
        renorm: { renorm: true },
        inference: { training: false },
      })
    ) {
      ops[`batchNormVjp, ${what}, ${name}`] = async (sets, runtime) => {
        const { params, state } = initBatchNorm(sets.length, {
          scale: true,
          renorm: name === "renorm",
        });
        const given = { epsilon, ...options, runtime };
        const { vjp } = await batchNormVjp(columns(sets), params, state, given);
        const { x, params: { gamma, beta } } = await vjp(columns(sets.map(() => DY)));
        return { x: x.data, gamma: gamma.data, beta: beta.data };
      };
    }
  }
  return ops;
}

/** Ops with results that are sums over all sets, or a search that goes on until all are found. */
export function summedOps(): Record<string, Op> {
  return {
    gdnVjp: async (sets, runtime) => {
      const { vjp } = await gdnVjp(side(sets, [SET]), { beta: BETA, gamma: GAMMA }, { runtime });
      const { params: { beta, gamma }, alphaParameter: alpha, epsilonParameter: epsilon } =
        await vjp(
          side(sets.map(() => DY), [SET]),
        );
      return { beta: beta.data, gamma: gamma.data, alpha: alpha.data, epsilon: epsilon.data };
    },
    layerNormVjp: async (sets, runtime) => {
      const { vjp } = await layerNormVjp(side(sets, [SET]), AFFINE, { runtime });
      const { params: { gamma, beta } } = await vjp(side(sets.map(() => DY), [SET]));
      return { gamma: gamma.data, beta: beta.data };
    },
    gdnInverse: async (sets, runtime) => {
      const y = side(sets, [SET]);
      const { x, converged } = await gdnInverse(y, initGdn(SET), { maxSteps: 24, runtime });
      return { x: x.data, converged: [converged ? 1 : 0] };
    },
  };
}

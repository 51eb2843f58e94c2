/**
 * Norms, GDN and products with matrices for random networks.
 *
 * @module
 */
import type { Tensor } from "../../../mod.ts";
import { add, type Dual, exp, matmul, scale, transpose } from "./dual.ts";
import { batchNorm, gdn, groupNorm, layerNorm, linearGdn, rmsNorm } from "./dual_norms.ts";
import { type Context, type Draw, EPSILON, formatOf, NOTHING, type Step } from "./steps.ts";

/** Layers, most of them with parameters. */
export const layerSteps: readonly Draw[] = [
  ({ shape }) =>
    normOf(shape, "batchNorm", (context, x, params) => {
      const c = params.gamma.shape[0];
      const state = {
        movingMean: new Float32Array(c),
        movingVariance: new Float32Array(c).fill(1),
      };
      return context.ops.batchNorm(x, params, state, { ...formatOf(context), epsilon: EPSILON }).y;
    }, batchNorm),
  ({ shape, next }) => {
    const groups = next() < 0.5 ? 2 : 1;
    return normOf(
      shape,
      `groupNorm of ${groups}`,
      (context, x, params) =>
        context.ops.groupNorm(x, params, { ...formatOf(context), groups, epsilon: EPSILON }),
      (x, gamma, beta) => groupNorm(x, gamma, beta, groups, EPSILON),
    );
  },
  ({ shape }) =>
    normOf(
      shape,
      "instanceNorm",
      (context, x, params) =>
        context.ops.instanceNorm(x, params, { ...formatOf(context), epsilon: EPSILON }),
      (x, gamma, beta) => groupNorm(x, gamma, beta, shape.at(-1)!, EPSILON),
    ),
  ({ shape, last }) =>
    last
      ? normOf(
        shape,
        "layerNorm",
        ({ ops }, x, params) => ops.layerNorm(x, params, { epsilon: EPSILON }),
        layerNorm,
      )
      : undefined,
  ({ shape, last }) =>
    last
      ? {
        name: "rmsNorm",
        shapes: { gamma: [shape.at(-1)!] },
        run: ({ ops }, x, { gamma }) => ops.rmsNorm(x, { gamma }, { epsilon: EPSILON }),
        dual: (x, { gamma }) => rmsNorm(x, gamma, EPSILON),
      }
      : undefined,
  ({ shape, next }) => {
    const inverse = next() < 0.3;
    return gdnOf(
      shape,
      inverse ? "inverse gdn" : "gdn",
      (context, x, params) => context.ops.gdn(x, params, { ...formatOf(context), inverse }),
      (x, gamma, beta) => gdn(x, gamma, beta, inverse),
    );
  },
  ({ shape }) =>
    gdnOf(
      shape,
      "gdn of exponents 1",
      (context, x, params) =>
        context.ops.gdn(context.ops.exp(context.ops.scale(x, 0.3)), params, {
          ...formatOf(context),
          alphaParameter: 1,
          epsilonParameter: 1,
        }),
      (x, gamma, beta) => linearGdn(exp(scale(x, 0.3)), gamma, beta),
    ),
  ({ shape, last, next }) => {
    if (!last) return undefined;
    const units = 2 + 2 * Math.floor(3 * next());
    return {
      name: `dense of ${units}`,
      shapes: { kernel: [shape.at(-1)!, units], bias: [units] },
      channels: units,
      run: ({ ops }, x, { kernel, bias }) => ops.dense(x, { kernel, bias }),
      dual: (x, { kernel, bias }) => add(matmul(x, kernel), bias),
    };
  },
  ({ shape, last }) =>
    last
      ? {
        name: "matmul",
        shapes: { w: [4, shape.at(-1)!] },
        channels: 4,
        run: ({ ops }, x, { w }) => ops.matmul(x, w, { transposeB: true }),
        dual: (x, { w }) => matmul(x, transpose(w)),
      }
      : undefined,
  ({ last }) =>
    last
      ? {
        name: "transpose twice",
        shapes: NOTHING,
        run: ({ ops }, x) => ops.transpose(ops.scale(ops.transpose(x), 1.1)),
        dual: (x) => scale(x, 1.1),
      }
      : undefined,
];

/** Runs an op with a gamma and a beta. */
type Run = (
  context: Context,
  x: Tensor,
  params: { readonly gamma: Tensor; readonly beta: Tensor },
) => Tensor;

/** A norm with gamma and beta. */
function normOf(
  shape: readonly number[],
  name: string,
  run: Run,
  dual: (x: Dual, gamma: Dual, beta: Dual, epsilon: number) => Dual,
): Step {
  const c = shape.at(-1)!;
  return {
    name,
    shapes: { gamma: [c], beta: [c] },
    run: (context, x, { gamma, beta }) => run(context, x, { gamma, beta }),
    dual: (x, { gamma, beta }) => dual(x, gamma, beta, EPSILON),
  };
}

/** GDN, whose parameters are made of others so that they are above 0. */
function gdnOf(
  shape: readonly number[],
  name: string,
  run: Run,
  dual: (x: Dual, gamma: Dual, beta: Dual) => Dual,
): Step {
  const c = shape.at(-1)!;
  return {
    name,
    shapes: { gamma: [c, c], beta: [c] },
    run(context, x, { gamma, beta }) {
      const { ops } = context;
      return run(context, x, { gamma: ops.exp(gamma), beta: ops.exp(beta) });
    },
    dual: (x, { gamma, beta }) => dual(x, exp(gamma), exp(beta)),
  };
}

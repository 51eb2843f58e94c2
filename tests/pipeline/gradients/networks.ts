/**
 * Random networks: lists of steps, each some ops of a pipeline and the same in dual numbers.
 *
 * @module
 */
import type { PipelineOps, Tensor } from "../../../mod.ts";
import {
  add,
  div,
  type Dual,
  exp,
  type Kinks,
  log,
  map,
  matmul,
  meanKept,
  mul,
  plus,
  pow,
  reshape,
  scale,
  sqrt,
  square,
  sub,
  sumKept,
  transpose,
  withKink,
} from "./dual.ts";
import {
  batchNorm,
  crossEntropy,
  gdn,
  groupNorm,
  layerNorm,
  linearGdn,
  rmsNorm,
} from "./dual_norms.ts";

/** What ops are recorded with: `last` for NHWC, else NCHW. */
interface Context {
  readonly ops: PipelineOps;
  readonly last: boolean;
}

type Params<T> = Readonly<Record<string, T>>;

/** One step of a network. The dual numbers always have channels last. */
export interface Step {
  readonly name: string;
  /** Shapes of its parameters, as the dual numbers have them. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  run(context: Context, x: Tensor, params: Params<Tensor>): Tensor;
  dual(x: Dual, params: Params<Dual>, kinks: Kinks): Dual;
}

/** What a step is drawn for: the shape of x with channels last, and its format. */
interface Place {
  readonly shape: readonly number[];
  readonly last: boolean;
  readonly next: () => number;
}

/** Draws a step, if one can follow there. */
type Draw = (place: Place) => Step | undefined;

const EPSILON = 0.1;
const NOTHING = {};

/** An op without parameters, the same number by number. */
function pointwise(
  name: string,
  run: (ops: PipelineOps, x: Tensor) => Tensor,
  dual: (x: Dual, kinks: Kinks) => Dual,
): Draw {
  return () => ({
    name,
    shapes: NOTHING,
    run: ({ ops }, x) => run(ops, x),
    dual: (x, _, kinks) => dual(x, kinks),
  });
}

const formatOf = ({ last }: Context) => ({ dataFormat: last ? "NHWC" : "NCHW" } as const);

/** A vector of the channels as it broadcasts. */
function perChannel({ ops, last }: Context, vector: Tensor): Tensor {
  return last ? vector : ops.reshape(vector, [vector.shape[0], 1, 1]);
}

const gelu = (v: number) => v / (1 + Math.exp(-v));
const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));

const DRAWS: readonly Draw[] = [
  pointwise("neg", (ops, x) => ops.neg(x), (x) => scale(x, -1)),
  pointwise("scale", (ops, x) => ops.scale(x, 0.7), (x) => scale(x, 0.7)),
  pointwise(
    "exp",
    (ops, x) => ops.exp(ops.scale(x, 0.3)),
    (x) => exp(scale(x, 0.3)),
  ),
  pointwise(
    "log",
    (ops, x) => ops.log(ops.add(ops.square(x), { shape: [1], data: Float32Array.of(1.5) })),
    (x) => log(plus(square(x), 1.5)),
  ),
  pointwise(
    "sqrt",
    (ops, x) => ops.sqrt(ops.add(ops.mul(x, x), { shape: [], data: Float32Array.of(0.5) })),
    (x) => sqrt(plus(square(x), 0.5)),
  ),
  pointwise(
    "pow",
    (ops, x) => ops.pow(ops.exp(ops.scale(x, 0.2)), 1.5),
    (x) => pow(exp(scale(x, 0.2)), 1.5),
  ),
  pointwise(
    "abs",
    (ops, x) => ops.abs(x),
    (x, kinks) => withKink(x, 0, kinks, Math.abs, Math.sign),
  ),
  pointwise(
    "max",
    (ops, x) => ops.max(x, -0.4),
    (x, kinks) => withKink(x, -0.4, kinks, (v) => Math.max(v, -0.4), (v) => v > -0.4 ? 1 : 0),
  ),
  pointwise(
    "min",
    (ops, x) => ops.min(x, 0.9),
    (x, kinks) => withKink(x, 0.9, kinks, (v) => Math.min(v, 0.9), (v) => v < 0.9 ? 1 : 0),
  ),
  pointwise(
    "tanh",
    (ops, x) => ops.activate(x, "tanh"),
    (x) => map(x, Math.tanh, (v) => 1 - Math.tanh(v) ** 2),
  ),
  pointwise(
    "swish",
    (ops, x) => ops.activate(x, "swish"),
    (x) => map(x, gelu, (v) => sigmoid(v) * (1 + v * (1 - sigmoid(v)))),
  ),
  pointwise(
    "leakyRelu",
    (ops, x) => ops.activate(x, "leakyRelu"),
    (x, kinks) => withKink(x, 0, kinks, (v) => v > 0 ? v : 0.2 * v, (v) => v > 0 ? 1 : 0.2),
  ),
  pointwise(
    "twice",
    (ops, x) => ops.sub(ops.add(x, x), ops.mul(x, x)),
    (x) => sub(add(x, x), mul(x, x)),
  ),
  pointwise(
    "centre",
    (ops, x) => ops.sub(x, ops.mean(x)),
    (x) => sub(x, reshape(meanKept(x, x.shape.map((_, axis) => axis)), [])),
  ),
  pointwise("moments", (ops, x) => {
    const all = x.shape.map((_, axis) => axis);
    const { mean, m2 } = ops.moments(x, { axes: all });
    return ops.add(ops.sub(x, mean), ops.scale(m2, 1 / 64));
  }, (x) => {
    const all = x.shape.map((_, axis) => axis);
    const centred = sub(x, meanKept(x, all));
    return add(centred, scale(sumKept(square(centred), all), 1 / 64));
  }),
  ({ shape, last }) => ({
    name: "positions",
    shapes: NOTHING,
    run({ ops }, x) {
      const axes = last ? [1, 2] : [2, 3];
      const kept = x.shape.map((extent, axis) => axes.includes(axis) ? 1 : extent);
      const sum = ops.reshape(ops.sum(x, axes), kept);
      return ops.sub(x, ops.scale(sum, 0.1));
    },
    dual: (x) => shape.length === 4 ? sub(x, scale(sumKept(x, [1, 2]), 0.1)) : x,
  }),
  ({ shape }) => ({
    name: "bias and factor",
    shapes: { bias: [shape.at(-1)!], factor: [shape.at(-1)!] },
    run: (context, x, { bias, factor }) =>
      context.ops.mul(
        context.ops.add(x, perChannel(context, bias)),
        perChannel(context, factor),
      ),
    dual: (x, { bias, factor }) => mul(add(x, bias), factor),
  }),
  ({ shape }) => ({
    name: "division",
    shapes: { by: [shape.at(-1)!] },
    run: (context, x, { by }) => context.ops.div(x, perChannel(context, context.ops.exp(by))),
    dual: (x, { by }) => div(x, exp(by)),
  }),
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
      ({ ops, ...context }, x, params) =>
        ops.gdn(x, params, { ...formatOf({ ops, ...context }), inverse }),
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
      run: ({ ops }, x, { kernel, bias }) => ops.dense(x, { kernel, bias }),
      dual: (x, { kernel, bias }) => add(matmul(x, kernel), bias),
    };
  },
  ({ shape, last }) =>
    last
      ? {
        name: "matmul",
        shapes: { w: [4, shape.at(-1)!] },
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

/** A norm with gamma and beta. */
function normOf(
  shape: readonly number[],
  name: string,
  run: (
    context: Context,
    x: Tensor,
    params: { readonly gamma: Tensor; readonly beta: Tensor },
  ) => Tensor,
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
  run: (
    context: Context,
    x: Tensor,
    params: { readonly gamma: Tensor; readonly beta: Tensor },
  ) => Tensor,
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

/** A loss at the end of a network, a number. */
const LOSSES: readonly Step[] = [
  {
    name: "mean of squares",
    shapes: NOTHING,
    run: ({ ops }, x) => ops.mean(ops.square(x)),
    dual: (x) => reshape(meanKept(square(x), x.shape.map((_, axis) => axis)), []),
  },
  {
    name: "mean cross entropy",
    shapes: NOTHING,
    run({ ops }, x) {
      const c = x.shape.at(-1)!;
      const data = Float32Array.from({ length: c }, (_, i) => i === 1 ? 0.75 : 0.25 / (c - 1));
      const labels = ops.add(ops.scale(ops.stopGradient(x), 0), { shape: [c], data });
      return ops.mean(ops.softmaxCrossEntropy(x, labels));
    },
    dual(x) {
      const c = x.shape.at(-1)!;
      const labels = map(x, () => 0, () => 0);
      labels.values.forEach((_, i) => labels.values[i] = i % c === 1 ? 0.75 : 0.25 / (c - 1));
      const rows = crossEntropy(x, labels);
      return reshape(meanKept(rows, rows.shape.map((_, axis) => axis)), []);
    },
  },
];

/** A network: its steps, of which the last is the loss, and the shape of its input with channels last. */
export interface Network {
  readonly last: boolean;
  readonly shape: readonly number[];
  readonly steps: readonly Step[];
}

/** The network of some random numbers. */
export function networkOf(next: () => number): Network {
  const last = next() < 0.6;
  const shape = [2, 2, 1 + Math.floor(2 * next()), 4];
  const count = 3 + Math.floor(10 * next());
  const steps: Step[] = [];
  let now: readonly number[] = shape;
  while (steps.length < count) {
    const step = DRAWS[Math.floor(next() * DRAWS.length)]({ shape: now, last, next });
    if (step === undefined) continue;
    steps.push(step);
    const { kernel } = step.shapes;
    if (kernel !== undefined) now = [...now.slice(0, -1), kernel[1]];
    else if (step.name === "matmul") now = [...now.slice(0, -1), 4];
  }
  const loss = LOSSES[last ? Math.floor(next() * LOSSES.length) : 0];
  return { last, shape, steps: [...steps, loss] };
}

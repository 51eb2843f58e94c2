/**
 * Steps of arithmetic for random networks.
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
  withKink,
} from "./dual.ts";
import { type Context, type Draw, NOTHING } from "./steps.ts";

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

/** A vector of the channels as it broadcasts. */
function perChannel({ ops, last }: Context, vector: Tensor): Tensor {
  return last ? vector : ops.reshape(vector, [vector.shape[0], 1, 1]);
}

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));

/** Functions of every number, sums, and what broadcasts. */
export const arithmeticSteps: readonly Draw[] = [
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
    (x) => map(x, (v) => v * sigmoid(v), (v) => sigmoid(v) * (1 + v * (1 - sigmoid(v)))),
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
  ({ last }) => ({
    name: "positions",
    shapes: NOTHING,
    run({ ops }, x) {
      const axes = last ? [1, 2] : [2, 3];
      const kept = x.shape.map((extent, axis) => axes.includes(axis) ? 1 : extent);
      const sum = ops.reshape(ops.sum(x, axes), kept);
      return ops.sub(x, ops.scale(sum, 0.1));
    },
    dual: (x) => sub(x, scale(sumKept(x, [1, 2]), 0.1)),
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
];

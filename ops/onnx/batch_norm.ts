/**
 * Batch norm at inference: BatchNormalization where channels come second, else a scale and an offset.
 *
 * @module
 */
import { checkCall } from "../batch_norm/call.ts";
import type { BatchNormOptions } from "../batch_norm/options.ts";
import type { BatchNormState } from "../batch_norm/state.ts";
import type { NormParams } from "../norm/options.ts";
import type { AnyTensor } from "../tensor/types.ts";
import { activated } from "./activation.ts";
import { overChannels } from "./axes.ts";
import type { Graph, Value } from "./graph.ts";
import { filled } from "./norms.ts";
import { binary } from "./operators.ts";
import { rootOf } from "./primitives.ts";
import { ACTION, type Writing } from "./writing.ts";

/** What batch norm applies, per channel. */
interface PerChannel {
  readonly mean: Value;
  readonly variance: Value;
  readonly gamma: Value | undefined;
  readonly beta: Value | undefined;
  readonly epsilon: number;
}

/** The result; the state is that which came in. */
export function writeBatchNorm(
  w: Writing,
  x: AnyTensor,
  params: NormParams,
  state: BatchNormState,
  options: BatchNormOptions = {},
): { readonly y: Value } {
  const { params: { gamma, beta }, options: checked, view } = checkCall(x, params, state, options);
  if (checked.training) {
    throw new TypeError(
      `Cannot ${ACTION}: ops.batchNorm must have training: false, as its state would move, got ${
        options.training === undefined ? "none, which is true" : "true"
      }`,
    );
  }
  const g = w.graph;
  const value = w.valueOf("x", x);
  const values: PerChannel = {
    mean: w.valueOf("movingMean", state.movingMean),
    variance: w.valueOf("movingVariance", state.movingVariance),
    gamma: gamma && w.valueOf("gamma", gamma),
    beta: beta && w.valueOf("beta", beta),
    epsilon: checked.epsilon,
  };
  const y = view.channelsAxis === 1 && !w.style.precise
    ? byOperator(g, value, values)
    : scaledAndMoved(w, value, values, view.channelsAxis);
  return { y: activated(g, y, checked.activation) };
}

function byOperator(
  g: Graph,
  x: Value,
  { mean, variance, gamma, beta, epsilon }: PerChannel,
): Value {
  const scale = gamma ?? filled(g, 1, mean.shape, "gamma");
  const offset = beta ?? filled(g, 0, mean.shape, "beta");
  const inputs = [x, scale, offset, mean, variance];
  return g.node("BatchNormalization", inputs, x.shape, { epsilon });
}

/** Constants are joined beforehand, but for a mean that is to be taken off first. */
function scaledAndMoved(
  { graph: g, style }: Writing,
  x: Value,
  { mean, variance, gamma, beta, epsilon }: PerChannel,
  channelsAxis: number,
): Value {
  const view = { x, pooled: [], channels: [channelsAxis] };
  const along = (vector: Value) => overChannels(g, vector, view);
  const deviation = rootOf(g, variance, epsilon);
  const scale = binary(g, "Div", gamma ?? g.number(1), deviation);
  if (style.precise) {
    const deviations = binary(g, "Sub", x, along(mean));
    const y = binary(g, "Mul", deviations, along(scale));
    return beta === undefined ? y : binary(g, "Add", y, along(beta));
  }
  const taken = binary(g, "Mul", mean, scale);
  const offset = binary(g, "Sub", beta ?? g.number(0), taken);
  return binary(g, "Add", binary(g, "Mul", x, along(scale)), along(offset));
}

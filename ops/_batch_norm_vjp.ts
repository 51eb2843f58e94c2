/**
 * Records the vector-Jacobian product of batch norm.
 *
 * @module
 */
import { checkedAdjustment } from "./_adjustment.ts";
import { type BatchNormValues, checkCall, normalized, resultOf, unchanged } from "./_batch_norm.ts";
import { checkBatchNorm, stateFields } from "./_batch_norm_checks.ts";
import { fieldsOf, readable } from "./_checks.ts";
import { read, SymbolicTensor } from "./_graph.ts";
import { emptyLike } from "./_group_norm.ts";
import { beforeActivation, type Pulled, pullParts } from "./_norm_vjp.ts";
import { type Part, spreadOver } from "./_parts.ts";
import type { Plan, Value } from "./_plan.ts";
import { sizeOf } from "./_shape.ts";
import { statistics } from "./_statistics.ts";
import { sums } from "./_sums.ts";
import { checkCotangent, zeros } from "./_vjp.ts";
import type { BatchNormCotangents, BatchNormOptions, BatchNormState } from "./batch_norm.ts";
import type { NormParams } from "./group_norm.ts";
import type { SymbolicVjp } from "./pipeline.ts";
import type { Tensor } from "./tensor.ts";

const ACTION = "pull back batchNorm";

/** Batch norm in a plan with the way back through it. */
export interface RecordedBatchNorm extends SymbolicVjp<BatchNormCotangents> {
  readonly state: BatchNormState<Tensor>;
}

/** Records {@linkcode batchNormVjp}: both ways share the moments. */
export function recordBatchNormVjp(
  plan: Plan,
  x: Tensor,
  params: NormParams,
  givenState: BatchNormState,
  givenOptions: BatchNormOptions,
): RecordedBatchNorm {
  const action = "apply batchNorm";
  const state = stateFields(action, givenState);
  const options = fieldsOf(action, "options", givenOptions);
  const readCall = checkCall(x, params, state, options);
  if (sizeOf(x.shape) === 0) {
    return {
      ...unchanged(x, state),
      vjp(dy) {
        checkCotangent(ACTION, x, dy);
        return nothing(x, params, options);
      },
    };
  }
  const values = readCall(plan);
  return {
    ...resultOf(plan, x, state, values),
    vjp(dy) {
      checkCotangent(ACTION, x, dy);
      return pullBack(plan, x, values, options, read(plan, "dy", dy));
    },
  };
}

/** Options in which an adjustment that is a function has been called, so that both ways see one answer. */
export function adjustedOnce(
  x: Tensor,
  state: BatchNormState,
  options: BatchNormOptions,
): BatchNormOptions {
  const { training, adjustment } = readable(
    "apply batchNorm",
    "arguments",
    () => checkBatchNorm("apply batchNorm", x, state, options),
  );
  if (!training || typeof adjustment !== "function" || sizeOf(x.shape) === 0) return options;
  return {
    ...options,
    adjustment: checkedAdjustment("apply batchNorm", adjustment([...x.shape])),
  };
}

/**
 * x and dy are read twice, for the sums and for the cotangent of x, which is written once; where the
 * moments do not depend on x, dy alone is read for the latter.
 */
function pullBack(
  plan: Plan,
  x: Tensor,
  values: BatchNormValues,
  options: BatchNormOptions,
  dy: Value,
): BatchNormCotangents {
  const { checked, view, value, moments, beta, gamma } = values;
  const parts = x.shape.map((size, axis): Part => ({
    size,
    pooled: axis !== view.channelsAxis,
    ...(axis === view.channelsAxis && { channel: "group" }),
  }));
  const weights = checked.training && checked.batchWeights !== undefined
    ? read(plan, "batchWeights", checked.batchWeights)
    : undefined;
  const back = pullParts(plan, {
    x: value,
    dy: beforeActivation(plan, checked.activation, () => normalized(plan, values, "none"), dy),
    parts,
    moments,
    epsilon: checked.epsilon,
    factor: factorOf(plan, values, parts),
    constant: !checked.training || checked.moments !== undefined,
    weights,
  });
  const channels = affineCotangents(plan, values, back);
  const tensor = (value: Value, shape: readonly number[]) => new SymbolicTensor(value, [...shape]);
  const perChannel = [view.channels];
  return {
    x: tensor(back.x, x.shape),
    params: {
      ...(beta && { beta: tensor(channels.beta, perChannel) }),
      ...(gamma && { gamma: tensor(channels.gamma, perChannel) }),
    },
    ...(weights && {
      batchWeights: tensor(weightCotangent(plan, values, parts, back), [view.samples]),
    }),
    ...(channels.adjustment && { adjustment: channels.adjustment }),
    ...(checked.training && options.moments && { moments: momentCotangents(plan, values, back) }),
  };
}

/** What the normalised values are multiplied by: gamma, renorm's r and the adjustment's scale. */
function factorOf(
  plan: Plan,
  { gamma, correction, adjustment, view }: BatchNormValues,
  parts: readonly Part[],
): { readonly value: Value; readonly over: (part: Part) => boolean } | undefined {
  const times = (a: Value | undefined, b: Value | undefined) =>
    a && b ? plan.each("multiply", { a, b }) : a ?? b;
  const perChannel = times(gamma, correction?.r);
  const overChannels = (part: Part) => part.channel !== undefined;
  if (adjustment === undefined) return perChannel && { value: perChannel, over: overChannels };
  const spread = perChannel && spreadOver(plan, perChannel, adjustment.parts, overChannels, -1);
  const everywhere = adjustment.parts.length === view.rank;
  return {
    value: times(adjustment.scale, spread)!,
    over: (part) => everywhere || overChannels(part) || part === parts[0],
  };
}

/** The cotangents of beta, gamma and the adjustment; those with no such argument mean nothing. */
function affineCotangents(
  plan: Plan,
  { gamma, correction, adjustment, view }: BatchNormValues,
  { offsets, factors, cells }: Pulled,
): {
  readonly beta: Value;
  readonly gamma: Value;
  readonly adjustment?: { readonly scale: Tensor; readonly bias: Tensor };
} {
  const spread = (value: Value) =>
    spreadOver(plan, value, cells, (part) => part.channel !== undefined, -1);
  const times = (a: Value, b: Value) => plan.each("multiply", { a, b });
  const plus = (a: Value, b: Value) => plan.each("add", { a, b });
  // Sums of dy times what r and d make of x-hat.
  const corrected = correction === undefined
    ? factors
    : plus(times(factors, spread(correction.r)), times(offsets, spread(correction.d)));
  if (adjustment === undefined) return { beta: offsets, gamma: corrected };
  const overChannels = (value: Value) =>
    sums(plan, value, cells.map((part) => ({ ...part, pooled: part.channel === undefined })));
  const given = (value: Value, shape: readonly number[]) => {
    const scaled = gamma === undefined ? value : times(value, spread(gamma));
    const padded = [...new Array(view.rank - shape.length).fill(1), ...shape];
    const axes = cells.length === view.rank ? cells.map((_, i) => i) : [0, view.channelsAxis];
    const parts = cells.map((part, i) => ({ ...part, pooled: padded[axes[i]] === 1 }));
    return new SymbolicTensor(sums(plan, scaled, parts), [...shape]);
  };
  return {
    beta: overChannels(offsets),
    gamma: overChannels(
      plus(times(corrected, adjustment.scale), times(offsets, adjustment.bias)),
    ),
    adjustment: {
      scale: given(corrected, adjustment.shapes[0]),
      bias: given(offsets, adjustment.shapes[1]),
    },
  };
}

/** The cotangents of the samples' weights, from the moments of each sample and channel. */
function weightCotangent(
  plan: Plan,
  { value, view, moments }: BatchNormValues,
  parts: readonly Part[],
  { push, slope }: Pulled,
): Value {
  const { samples, channels, positions } = view;
  const own = statistics(plan, value, parts.map((part, i) => i === 0 ? kept(part) : part));
  const table = [{ size: samples, pooled: false }, { size: channels, pooled: false }];
  const spread = (value: Value) => spreadOver(plan, value, table, (part) => part === table[1], -1);
  const minus = (a: Value, b: Value) => plan.each("subtract", { a, b: spread(b) });
  const { squares, count } = moments;
  const shares = plan.each("normWeight", {
    deviation: plan.each("add", {
      a: minus(own.shift, moments.shift),
      b: minus(own.delta, moments.delta),
    }),
    squares: own.squares,
    variance: spread(plan.each("variance", { squares, count }, { UNBIASED: false })),
    push: spread(push),
    slope: spread(slope),
    elements: positions,
  });
  return sums(plan, shares, [table[0], { ...table[1], pooled: true }]);
}

/** The cotangents of moments that were given. */
function momentCotangents(
  plan: Plan,
  { moments, view }: BatchNormValues,
  { sum, inverse, slope }: Pulled,
): NonNullable<BatchNormCotangents["moments"]> {
  const { squares, count } = moments;
  const perChannel = (value: Value) => new SymbolicTensor(value, [view.channels]);
  const times = (a: Value, b: Value) => plan.each("multiply", { a, b });
  const scaled = (a: Value, factor: number) => plan.each("affine", { a, factor, term: 0 });
  const m2 = scaled(slope, -0.5);
  const variance = plan.each("variance", { squares, count }, { UNBIASED: false });
  const counts = sums(plan, times(m2, variance), [{ size: view.channels, pooled: true }]);
  return {
    mean: perChannel(scaled(times(inverse, sum), -1)),
    m2: perChannel(m2),
    count: new SymbolicTensor(scaled(counts, -1), []),
  };
}

/** The cotangents where x has no elements. */
function nothing(
  x: Tensor,
  params: NormParams,
  options: BatchNormOptions,
): BatchNormCotangents {
  const { center, scale, training = true, batchWeights, adjustment, moments } = options;
  const like = (vector: NonNullable<NormParams["beta"]>) =>
    zeros("shape" in vector ? vector.shape : [vector.length]);
  // A function is not called for nothing.
  const pair = typeof adjustment === "object" && checkedAdjustment(ACTION, adjustment);
  return {
    x: emptyLike(x),
    params: {
      ...(params.beta && center !== false && { beta: like(params.beta) }),
      ...(params.gamma && scale !== false && { gamma: like(params.gamma) }),
    },
    ...(training && batchWeights && { batchWeights: like(batchWeights) }),
    ...(training && pair && {
      adjustment: { scale: zeros(pair.scale.shape), bias: zeros(pair.bias.shape) },
    }),
    ...(training && moments && {
      moments: { mean: like(moments.mean), m2: like(moments.m2), count: zeros([]) },
    }),
  };
}

function kept(part: Part): Part {
  return { ...part, pooled: false };
}

/**
 * Records batch norm: statistics, normalisation, and the new state.
 *
 * @module
 */
import { affineParams } from "./_affine.ts";
import {
  adjust,
  type Adjusted,
  type AdjustmentValues,
  type Correction,
  readAdjustment,
} from "./_adjustment.ts";
import { checkBatchNorm, type Checked, stateFields } from "./_batch_norm_checks.ts";
import { fieldsOf } from "./_checks.ts";
import { read, SymbolicTensor } from "./_graph.ts";
import { emptyLike } from "./_group_norm.ts";
import { type View, viewOf } from "./_layout.ts";
import { readWeights } from "./_moments.ts";
import { normalizeView, scaleOf } from "./_normalize.ts";
import type { Plan, Value } from "./_plan.ts";
import { sizeOf } from "./_shape.ts";
import { type Statistics, statistics } from "./_statistics.ts";
import { mapTensors } from "./_run.ts";
import type { Activation } from "./activations.ts";
import type {
  BatchNormOptions,
  BatchNormResult,
  BatchNormState,
  RenormClipping,
} from "./batch_norm.ts";
import type { NormParams } from "./group_norm.ts";
import { type Tensor, tensor } from "./tensor.ts";

const ACTION = "apply batchNorm";

/** The largest float32: a limit that clips nothing. */
const UNLIMITED = 3.4028234663852886e38;

/** Batch norm whose arguments have been read into a plan. */
export interface BatchNormValues {
  readonly checked: Checked;
  readonly view: View;
  readonly value: Value;
  readonly beta: Value | undefined;
  readonly gamma: Value | undefined;
  readonly moments: Statistics;
  readonly correction: Correction | undefined;
  readonly adjustment: AdjustmentValues | undefined;
}

/**
 * Records {@linkcode batchNorm}: in training x is read for the moments and for y, in inference for y
 * only; y is written once.
 */
export function recordBatchNorm(
  plan: Plan,
  x: Tensor,
  params: NormParams,
  state: BatchNormState,
  options: BatchNormOptions,
): BatchNormResult {
  const before = stateFields(ACTION, state);
  const readCall = checkCall(x, params, before, fieldsOf(ACTION, "options", options));
  if (sizeOf(x.shape) === 0) return unchanged(x, before);
  return resultOf(plan, x, before, readCall(plan));
}

/** Checks the arguments of batch norm; the answer reads them into a plan. */
export function checkCall(
  x: Tensor,
  params: NormParams,
  state: BatchNormState,
  options: BatchNormOptions,
): (plan: Plan) => BatchNormValues {
  const checked = checkBatchNorm(ACTION, x, state, options);
  const view = viewOf(ACTION, x, checked.dataFormat);
  const affine = affineParams(ACTION, params, options, [view.channels]);
  return (plan) => {
    const { training } = checked;
    const value = read(plan, "x", x);
    const moments = training
      ? batchMoments(plan, x, value, view.channelsAxis, checked)
      : movingMoments(plan, state, view.channels);
    return {
      checked,
      view,
      value,
      beta: affine.beta && read(plan, "beta", affine.beta),
      gamma: affine.gamma && read(plan, "gamma", affine.gamma),
      moments,
      correction: training && checked.renorm
        ? renormCorrection(plan, moments, state, checked)
        : undefined,
      adjustment: training && checked.adjustment !== undefined
        ? readAdjustment(plan, ACTION, x, view, checked.adjustment)
        : undefined,
    };
  };
}

/** Records the result of batch norm whose arguments have been read. */
export function resultOf(
  plan: Plan,
  x: Tensor,
  state: BatchNormState,
  values: BatchNormValues,
): BatchNormResult {
  const { checked, moments, correction } = values;
  return {
    y: new SymbolicTensor(normalized(plan, values, checked.activation), [...x.shape]),
    state: checked.training
      ? newState(plan, moments, state, checked, correction)
      : tensorsOf(state),
  };
}

/** The result of batch norm of nothing. */
export function unchanged(x: Tensor, state: BatchNormState): BatchNormResult {
  return { y: emptyLike(x), state: tensorsOf(state) };
}

/** Plans the normalised values with all that is applied to them. */
export function normalized(
  plan: Plan,
  { checked, view, value, beta, gamma, moments, correction, adjustment }: BatchNormValues,
  activation: Activation,
): Value {
  const normal = { value, view, moments, epsilon: checked.epsilon, activation };
  return adjustment === undefined
    ? plainResult(plan, normal, beta, gamma, correction)
    : adjust(plan, normal, { beta, gamma, correction, adjustment });
}

/** The moments that training normalises with: of the batch, or those given. */
function batchMoments(
  plan: Plan,
  x: Tensor,
  value: Value,
  channelsAxis: number,
  { moments, batchWeights }: Checked,
): Statistics {
  if (moments !== undefined) {
    const { count, mean, m2 } = moments;
    return {
      shift: read(plan, "moments.mean", mean),
      delta: plan.constant(0, mean.shape[0]),
      squares: read(plan, "moments.m2", m2),
      count: typeof count === "number"
        ? plan.constant(count, 1)
        : read(plan, "moments.count", count),
    };
  }
  const weights = batchWeights && readWeights(plan, ACTION, batchWeights);
  const parts = x.shape.map((size, axis) => ({ size, pooled: axis !== channelsAxis }));
  return statistics(plan, value, parts, weights && { weights });
}

/** The moving statistics, as the moments of one element. */
function movingMoments(plan: Plan, state: BatchNormState, channels: number): Statistics {
  return {
    shift: read(plan, "state.movingMean", state.movingMean),
    delta: plan.constant(0, channels),
    squares: read(plan, "state.movingVariance", state.movingVariance),
    count: plan.constant(1, 1),
  };
}

function renormCorrection(
  plan: Plan,
  moments: Statistics,
  state: BatchNormState,
  { epsilon, renormClipping }: {
    readonly epsilon: number;
    readonly renormClipping: RenormClipping;
  },
): Correction {
  const { rmin = -UNLIMITED, rmax = UNLIMITED, dmax = UNLIMITED } = renormClipping;
  const renormMean = read(plan, "state.renorm.renormMean", state.renorm!.renormMean);
  const renormStddev = read(plan, "state.renorm.renormStddev", state.renorm!.renormStddev);
  const { shift, delta, squares, count } = moments;
  const deviation = plan.each("deviation", { squares, count, epsilon });
  return {
    deviation,
    r: plan.each("renormScale", { deviation, renormStddev, epsilon, rmin, rmax }),
    d: plan.each("renormOffset", { shift, delta, renormMean, renormStddev, epsilon, dmax }),
  };
}

/** y = act((x-hat r + d) gamma + beta). */
function plainResult(
  plan: Plan,
  { value, view, moments, epsilon, activation }: Adjusted,
  beta: Value | undefined,
  gamma: Value | undefined,
  correction: Correction | undefined,
): Value {
  let scale = scaleOf(plan, moments, gamma, epsilon);
  let offset = beta;
  if (correction !== undefined) {
    const { r, d } = correction;
    scale = plan.each("multiply", { a: scale, b: r });
    const pushed = gamma === undefined ? d : plan.each("multiply", { a: d, b: gamma });
    offset = beta === undefined ? pushed : plan.each("add", { a: pushed, b: beta });
  }
  const { samples: n, channels: c, positions: s } = view;
  const { shift, delta } = moments;
  const applied = { shift, delta, scale, beta: offset, activation };
  return normalizeView(plan, value, view.format, { n, c, s }, applied);
}

function newState(
  plan: Plan,
  moments: Statistics,
  state: BatchNormState,
  checked: Checked,
  correction: Correction | undefined,
): BatchNormState<Tensor> {
  const { decay, renormDecay, epsilon, unbiasedMovingVariance } = checked;
  const { shift: mean, squares, count } = moments;
  const average = (moving: Value, value: Value, rate = 1 - decay) =>
    plan.each("movingAverage", { moving, value, rate });
  const stored = (name: string, value: Parameters<typeof read>[2]) =>
    read(plan, `state.${name}`, value);
  const kept = tensorsOf(state);
  if (correction !== undefined) {
    const { deviation } = correction;
    const { movingStddev, renormMean, renormStddev } = state.renorm!;
    const rate = 1 - renormDecay;
    const stddev = average(stored("renorm.movingStddev", movingStddev), deviation);
    return {
      ...kept,
      movingMean: vector(average(stored("movingMean", state.movingMean), mean)),
      movingVariance: vector(plan.each("renormVariance", { stddev, epsilon })),
      renorm: {
        movingStddev: vector(stddev),
        renormMean: vector(average(stored("renorm.renormMean", renormMean), mean, rate)),
        renormStddev: vector(
          average(stored("renorm.renormStddev", renormStddev), deviation, rate),
        ),
      },
    };
  }
  const variance = plan.each("variance", { squares, count }, { UNBIASED: unbiasedMovingVariance });
  const movingVariance = vector(
    average(stored("movingVariance", state.movingVariance), variance),
  );
  if (!checked.zeroDebiasMovingMean) {
    const movingMean = vector(average(stored("movingMean", state.movingMean), mean));
    return { ...kept, movingMean, movingVariance };
  }
  const { biased, localStep } = state.debias!;
  const step = plan.each("affine", {
    a: stored("debias.localStep", localStep),
    factor: 1,
    term: 1,
  });
  const moved = average(stored("debias.biased", biased), mean);
  return {
    ...kept,
    movingMean: vector(plan.each("debiased", {
      biased: moved,
      weight: plan.each("collectedWeight", { step, rate: 1 - decay }),
    })),
    movingVariance,
    debias: { biased: vector(moved), localStep: new SymbolicTensor(step, []) },
  };
}

function vector(value: Value): Tensor {
  return new SymbolicTensor(value, [value.length]);
}

/** A state whose vectors are tensors, with the same numbers. */
function tensorsOf(state: BatchNormState): BatchNormState<Tensor> {
  const asTensor = (value: unknown): unknown => {
    if (Array.isArray(value)) return tensor(value);
    if (value instanceof Float32Array) return tensor(value);
    return value;
  };
  const entries = (record: object): Record<string, unknown> =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, asTensor(value)]));
  const { debias, renorm } = state;
  return mapTensors({
    ...entries(state),
    ...(debias !== undefined && { debias: entries(debias) }),
    ...(renorm !== undefined && { renorm: entries(renorm) }),
  }, (kept) => kept) as unknown as BatchNormState<Tensor>;
}

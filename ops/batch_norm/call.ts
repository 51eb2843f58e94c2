/**
 * A call of batch norm, checked and read into a plan.
 *
 * @module
 */
import { affineParams } from "../norm/affine.ts";
import type { NormParams } from "../norm/options.ts";
import type { Moments } from "../moments/summary.ts";
import { type Statistics, statistics } from "../norm/statistics.ts";
import { readWeights } from "../norm/weights.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { read } from "../plan/symbolic.ts";
import { type View, viewOf } from "../plan/view.ts";
import type { AnyRuntime } from "../runtime/runtime.ts";
import { checkNumber } from "../tensor/numbers.ts";
import type { AnyTensor } from "../tensor/types.ts";
import { type AdjustmentValues, readAdjustment } from "./adjustment.ts";
import { ACTION, type BatchNormOptions, checkBatchNorm, type Checked } from "./options.ts";
import { type Correction, renormCorrection } from "./renorm.ts";
import type { BatchNormState } from "./state.ts";

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

/** Arguments of batch norm that have been checked. */
export interface CheckedBatchNorm {
  readonly x: AnyTensor;
  readonly params: NormParams;
  readonly state: BatchNormState;
  readonly options: Checked;
  readonly view: View;
}

/** Checks the arguments of batch norm. */
export function checkCall(
  x: AnyTensor,
  params: NormParams,
  state: BatchNormState,
  options: BatchNormOptions<AnyRuntime>,
): CheckedBatchNorm {
  const checked = checkBatchNorm(ACTION, x, state, options);
  const view = viewOf(ACTION, x, checked.dataFormat);
  const affine = affineParams(ACTION, params, options, [view.size.c]);
  return { x, params: affine, state, options: checked, view };
}

/**
 * Reads a call of batch norm into a plan.
 *
 * @param whole The moments of a batch that x is a part of; `"part"` for those of x alone, from which
 * they are yet to be made.
 */
export function readCall(
  plan: Plan,
  { x, params: { beta, gamma }, state, options, view }: CheckedBatchNorm,
  whole?: Moments | "part",
): BatchNormValues {
  const { training, renorm, adjustment } = options;
  const value = read(plan, "x", x);
  const isPart = whole === "part";
  const given = isPart ? undefined : whole ?? options.moments;
  const moments = !training
    ? movingMoments(plan, state, view.size.c)
    : given === undefined
    ? batchMoments(plan, x, value, view, options, isPart)
    : readMoments(plan, given);
  return {
    checked: options,
    view,
    value,
    beta: beta && read(plan, "beta", beta),
    gamma: gamma && read(plan, "gamma", gamma),
    moments,
    correction: training && renorm ? renormCorrection(plan, moments, state, options) : undefined,
    // A function is not called for nothing.
    adjustment: training && adjustment !== undefined && value.length > 0
      ? readAdjustment(plan, ACTION, x, view, adjustment)
      : undefined,
  };
}

/**
 * The moments of a batch.
 *
 * @param isPart Whether it is a part of a whole, so that all its weights may be 0.
 */
function batchMoments(
  plan: Plan,
  x: AnyTensor,
  value: Value,
  { channelsAxis, size }: View,
  { batchWeights }: Checked,
  isPart: boolean,
): Statistics {
  const weights = batchWeights && readWeights(plan, ACTION, batchWeights, size.s, isPart);
  const parts = x.shape.map((size, axis) => ({ size, pooled: axis !== channelsAxis }));
  return statistics(plan, value, parts, weights && { weights });
}

/** Moments that were given, as those of a plan. */
function readMoments(plan: Plan, { count, mean, low, m2 }: Moments<AnyTensor>): Statistics {
  const shift = read(plan, "moments.mean", mean);
  return {
    shift,
    delta: low === undefined ? plan.constant(0, shift.length) : read(plan, "moments.low", low),
    squares: read(plan, "moments.m2", m2),
    count: readCount(plan, count),
  };
}

/** The count of given moments: of nothing there is neither a mean nor a variance. */
function readCount(plan: Plan, count: AnyTensor): Value {
  const value = read(plan, "moments.count", count);
  plan.require(value, ([count]) => checkNumber(ACTION, "moments.count", count, "positive"));
  return value;
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

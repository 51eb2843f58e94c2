/**
 * A call of batch norm, checked and read into a plan.
 *
 * @module
 */
import { affineParams } from "../norm/affine.ts";
import type { NormParams } from "../norm/options.ts";
import { type Statistics, statistics } from "../norm/statistics.ts";
import { readWeights } from "../norm/weights.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { read } from "../plan/symbolic.ts";
import { type View, viewOf } from "../plan/view.ts";
import type { Tensor } from "../tensor/types.ts";
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

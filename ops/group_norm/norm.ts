/**
 * Records group norm, and instance and layer norm as cases of it.
 *
 * @module
 */
import { checkActivation } from "../norm/activation.ts";
import type { Activation } from "../norm/activations.ts";
import { affineParams } from "../norm/affine.ts";
import { groupParts } from "../norm/group_parts.ts";
import { type Affine, normalizeParts } from "../norm/normalize.ts";
import type { NormOptions, NormParams } from "../norm/options.ts";
import { mergeParts, type Part } from "../norm/parts.ts";
import { type Statistics, statistics } from "../norm/statistics.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { read, SymbolicTensor } from "../plan/symbolic.ts";
import { type DataFormat, resolveAxis, viewOf } from "../plan/view.ts";
import type { AnyRuntime, Runtime } from "../runtime/runtime.ts";
import { checkFlag, type Keys } from "../tensor/arguments.ts";
import { checkLeastRank, checkTensor } from "../tensor/checks.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { sizeOf } from "../tensor/shape.ts";
import { shown } from "../tensor/shown.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { emptyLike } from "../tensor/zeros.ts";

/** The options that all norms have. */
export const COMMON: Keys<NormOptions<AnyRuntime>> = {
  center: true,
  scale: true,
  epsilon: true,
  activation: true,
  runtime: true,
};

/** Options for {@linkcode groupNorm}; `epsilon` is 1e-6 by default. */
export interface GroupNormOptions<R extends AnyRuntime = Runtime> extends NormOptions<R> {
  /** How many groups the channels form; must divide them. -1: one per channel. @default {32} */
  readonly groups?: number;
  /** The axis of the channels, negative from the end; not the batch axis 0. @default {-1} */
  readonly channelsAxis?: number;
  /** Where the channels are, by name; instead of `channelsAxis`. */
  readonly dataFormat?: DataFormat;
  /** Axes pooled besides the channels of a group. @default {all but axis 0 and the channels} */
  readonly reductionAxes?: readonly number[];
  /** Take the variance as mean of squares less square of the mean; cancels far from zero. @default {false} */
  readonly meanCloseToZero?: boolean;
}

/** A norm over a tensor whose arguments have been checked. */
export interface Norm {
  readonly x: Tensor;
  readonly params: NormParams;
  /** The parts of x; a set lies over the pooled ones. */
  readonly parts: readonly Part[];
  readonly epsilon: number;
  readonly activation: Activation;
  readonly meanCloseToZero: boolean;
}

/** A norm whose arguments have been read into a plan. */
export interface NormValues {
  readonly value: Value;
  readonly parts: readonly Part[];
  readonly moments: Statistics;
  readonly affine: Affine;
}

/** Checks the arguments that group and instance norm share. */
export function grouped(
  action: string,
  x: AnyTensor,
  params: NormParams,
  options: GroupNormOptions<AnyRuntime> & { readonly groups: number; readonly epsilon: number },
): Norm {
  const { groups, epsilon, activation = "none", meanCloseToZero = false } = options;
  checkNumber(action, "epsilon", epsilon, "notNegative");
  checkActivation(action, activation);
  checkFlag(action, "meanCloseToZero", meanCloseToZero);
  checkTensor(action, "x", x);
  const channelsAxis = channelsAxisOf(action, x, options);
  const parts = groupParts(action, x, channelsAxis, groups, options.reductionAxes);
  const affine = affineParams(action, params, options, [x.shape[channelsAxis]]);
  return { x, params: affine, parts: mergeParts(parts), epsilon, activation, meanCloseToZero };
}

/** Records a norm whose arguments have been checked. */
export function recordNorm(plan: Plan, norm: Norm): Tensor {
  if (sizeOf(norm.x.shape) === 0) return emptyLike(norm.x);
  return normalized(plan, norm, readNorm(plan, norm));
}

/** Reads the arguments of a norm into a plan, and plans its statistics. */
export function readNorm(
  plan: Plan,
  { x, params: { beta, gamma }, parts, epsilon, activation, meanCloseToZero }: Norm,
): NormValues {
  const value = read(plan, "x", x);
  return {
    value,
    parts,
    moments: statistics(plan, value, parts, { meanCloseToZero }),
    affine: {
      beta: beta && read(plan, "beta", beta),
      gamma: gamma && read(plan, "gamma", gamma),
      epsilon,
      activation,
    },
  };
}

/** Plans the result of a norm that has been read. */
export function normalized(
  plan: Plan,
  { x }: Norm,
  { value, parts, moments, affine }: NormValues,
): Tensor {
  return new SymbolicTensor(normalizeParts(plan, value, parts, moments, affine), [...x.shape]);
}

function channelsAxisOf(
  action: string,
  x: AnyTensor,
  options: GroupNormOptions<AnyRuntime>,
): number {
  const { channelsAxis, dataFormat } = options;
  if (dataFormat !== undefined && channelsAxis !== undefined) {
    throw new TypeError(
      `Cannot ${action}: channelsAxis must not be given with dataFormat, got ${
        shown(channelsAxis)
      } and ${shown(dataFormat)}`,
    );
  }
  if (dataFormat !== undefined) return viewOf(action, x, dataFormat).channelsAxis;
  checkLeastRank(action, "x", x.shape, 2);
  const axis = resolveAxis(action, "channelsAxis", channelsAxis ?? -1, x.shape.length);
  if (axis === 0) {
    throw new RangeError(
      `Cannot ${action}: channelsAxis must not be the batch axis, got ${channelsAxis}`,
    );
  }
  return axis;
}

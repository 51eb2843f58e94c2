/**
 * A call of moments: which axes are pooled, and what is planned for them.
 *
 * @module
 */
import { groupParts } from "../norm/group_parts.ts";
import type { Part } from "../norm/parts.ts";
import { type Statistics, statistics } from "../norm/statistics.ts";
import { readWeights } from "../norm/weights.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { read } from "../plan/symbolic.ts";
import { type DataFormat, resolveAxes, resolveAxis, viewOf } from "../plan/view.ts";
import type { AnyRuntime, Runtime } from "../runtime/runtime.ts";
import { checkKeys, type Keys } from "../tensor/arguments.ts";
import { checkLeastRank, checkTensor, checkVector } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Vector } from "../tensor/types.ts";

export const ACTION = "take moments";

const OPTIONS: Keys<MomentsOptions<AnyRuntime>> = {
  dataFormat: true,
  axes: true,
  groups: true,
  channelsAxis: true,
  reductionAxes: true,
  batchWeights: true,
  runtime: true,
};

/** Options for {@linkcode moments}: one way to say what is pooled, and where to run. */
export interface MomentsOptions<R extends AnyRuntime = Runtime> {
  /** Pool all axes but the channels: one set per channel. @default {"NHWC"} */
  readonly dataFormat?: DataFormat;
  /** Pool these axes: one set for each place on the others. */
  readonly axes?: readonly number[];
  /** Pool as group norm does, with so many groups. -1: one per channel. @default {32} */
  readonly groups?: number;
  /** The axis that `groups` splits. @default {-1} */
  readonly channelsAxis?: number;
  /** Axes pooled besides the channels of a group. @default {all but axis 0 and the channels} */
  readonly reductionAxes?: readonly number[];
  /** One weight per item of axis 0, finite and `>= 0`, not all 0. Not modified. @default {1 each} */
  readonly batchWeights?: Vector;
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: R;
}

/** Arguments that have been checked. */
export interface CheckedMoments {
  readonly x: AnyTensor;
  readonly parts: readonly Part[];
  /** The shape of what is kept. */
  readonly shape: readonly number[];
  /** That of the count: weighted sets inside of items have counts of their own. */
  readonly counts: readonly number[];
  readonly batchWeights: Vector | undefined;
}

/** Arguments that have been read into a plan, and the moments of their sets. */
export interface MomentsValues {
  readonly value: Value;
  readonly parts: readonly Part[];
  readonly weights: Value | undefined;
  /** Whether every set lies inside one item of axis 0, whose weight all its elements share. */
  readonly inItems: boolean;
  /** Weighted where axis 0 is pooled; where sets lie inside items, as if they had no weight. */
  readonly statistics: Statistics;
  /** Elements of a set, of which a weighted one may count more or less. */
  readonly elements: number;
}

export function checkMoments(x: AnyTensor, options: MomentsOptions<AnyRuntime>): CheckedMoments {
  const own = checkKeys(ACTION, "options", options, OPTIONS);
  const { batchWeights } = own;
  checkTensor(ACTION, "x", x);
  const parts = partsOf(x, own);
  if (batchWeights !== undefined) {
    checkLeastRank(ACTION, "x with batchWeights", x.shape, 1);
    checkVector(ACTION, "batchWeights", batchWeights, [x.shape[0]]);
    const [first, second] = parts;
    if (first.channel === "group" && second.size > 1) {
      throw new TypeError(
        `Cannot ${ACTION}: batchWeights must not be combined with groups of items, got ${first.size} ` +
          `groups on channelsAxis 0`,
      );
    }
  }
  const shape = parts.filter(({ pooled }) => !pooled).map(({ size }) => size);
  const counts = batchWeights === undefined || parts[0].pooled ? [] : [x.shape[0]];
  return { x, parts, shape, counts, batchWeights };
}

export function readMoments(
  plan: Plan,
  { x, parts, shape, batchWeights }: CheckedMoments,
): MomentsValues {
  const value = read(plan, "x", x);
  const elements = sizeOf(x.shape) / sizeOf(shape);
  const inItems = !parts[0]?.pooled;
  const perItem = inItems ? elements : elements / x.shape[0];
  const weights = batchWeights && readWeights(plan, ACTION, batchWeights, perItem);
  return {
    value,
    parts,
    weights,
    inItems,
    statistics: statistics(plan, value, parts, weights && !inItems ? { weights } : {}),
    elements,
  };
}

/** The parts of `x` under any of the three ways to say what is pooled. */
function partsOf(x: AnyTensor, options: MomentsOptions<AnyRuntime>): Part[] {
  const { dataFormat, axes, groups, channelsAxis, reductionAxes } = options;
  const grouped = [groups, channelsAxis, reductionAxes].some((option) => option !== undefined);
  const ways = [dataFormat !== undefined, axes !== undefined, grouped].filter(Boolean).length;
  if (ways > 1) {
    throw new TypeError(
      `Cannot ${ACTION}: options must be one of { dataFormat }, { axes } and { groups, channelsAxis, reductionAxes }, got ${
        Object.keys(options).filter((key) => !["batchWeights", "runtime"].includes(key)).join(", ")
      }`,
    );
  }
  const rank = x.shape.length;
  if (axes !== undefined) {
    const pooled = resolveAxes(ACTION, "axes", axes, rank);
    return x.shape.map((size, axis) => ({ size, pooled: pooled.includes(axis) }));
  }
  if (grouped) {
    checkLeastRank(ACTION, "x", x.shape, 2);
    const axis = resolveAxis(ACTION, "channelsAxis", channelsAxis ?? -1, rank);
    return groupParts(ACTION, x, axis, groups ?? 32, reductionAxes);
  }
  const view = viewOf(ACTION, x, dataFormat ?? "NHWC");
  return x.shape.map((size, axis) => ({ size, pooled: axis !== view.channelsAxis }));
}

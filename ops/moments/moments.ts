/**
 * Moments of a tensor: which axes are pooled, and what comes out.
 *
 * @module
 */
import { runOp } from "../call/calls.ts";
import { groupParts } from "../norm/group_parts.ts";
import type { Part } from "../norm/parts.ts";
import { spreadOver } from "../norm/spread.ts";
import { type Statistics, statistics } from "../norm/statistics.ts";
import { readWeights } from "../norm/weights.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { read, SymbolicTensor } from "../plan/symbolic.ts";
import { type DataFormat, resolveAxes, resolveAxis, viewOf } from "../plan/view.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, checkKeys, fieldsOf, type Keys } from "../tensor/arguments.ts";
import { checkTensor, checkVector } from "../tensor/checks.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor, TensorLike, Vector } from "../tensor/types.ts";
import { zeros } from "../tensor/zeros.ts";
import type { Moments } from "./summary.ts";

const ACTION = "take moments";
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

/**
 * Count, mean and sum of squared deviations over axes of a tensor.
 *
 * `mean = sum(x) / count` and `m2 = sum((x - mean)^2)`; with weights w per item of axis 0,
 * `count = sum(w)`, `mean = sum(w x) / count` and `m2 = sum(w (x - mean)^2)`. The mean is one
 * float32, within 3e-7 of the larger of its magnitude and the deviation, however far the data lie from
 * zero and wherever up to three outliers of 1e8 times their spread lie. Without outliers it is right to
 * one unit in its last place, or to 1e-7 of the deviation where that is more. An empty tensor gives
 * count 0.
 *
 * @param x Input. Not modified.
 * @param options What is pooled: `{ dataFormat }`, `{ axes }`, or `{ groups, channelsAxis,
 * reductionAxes }`; weights, and runtime.
 * @returns The summary; `mean` and `m2` have the shape of the kept axes, with the groups in place of
 * the channels.
 * @throws {TypeError} If a shape, a length or the choice of axes is wrong.
 * @throws {RangeError} If an axis is out of range, `groups` does not divide the channels, or a weight
 * is negative or all are 0.
 *
 * @example Usage
 * ```ts
 * import { moments, tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const { count, mean, m2 } = await moments(tensor([[1, 10], [3, 30]]));
 * assertEquals([...count.data, ...mean.data, ...m2.data], [2, 2, 20, 2, 200]);
 * ```
 */
export async function moments<R extends AnyRuntime = Runtime>(
  x: TensorLike,
  options: MomentsOptions<R> = {},
): Promise<Placed<Moments, R>> {
  const action = "take moments";
  checkArguments(action, arguments, 2);
  const own = fieldsOf(action, "options", options);
  return await runOp(action, own.runtime, recordMoments, x, own);
}

/** Records {@linkcode moments}: x is read once. */
export function recordMoments(
  plan: Plan,
  x: AnyTensor,
  options: MomentsOptions<AnyRuntime>,
): Moments {
  const own = checkKeys(ACTION, "options", options, OPTIONS);
  const { batchWeights } = own;
  checkTensor(ACTION, "x", x);
  const parts = partsOf(x, own);
  if (batchWeights !== undefined) checkVector(ACTION, "batchWeights", batchWeights, [x.shape[0]]);
  const shape = parts.filter(({ pooled }) => !pooled).map(({ size }) => size);
  if (sizeOf(x.shape) === 0) {
    return { count: single(0), mean: zeros(shape), m2: zeros(shape) };
  }
  const value = read(plan, "x", x);
  const weights = batchWeights && readWeights(plan, ACTION, batchWeights);
  const result = (m: Statistics, squares: Value, count: Tensor): Moments => ({
    count,
    mean: new SymbolicTensor(m.shift, shape),
    m2: new SymbolicTensor(squares, shape),
  });
  if (weights !== undefined && parts[0].pooled) {
    const weighted = statistics(plan, value, parts, { weights });
    return result(weighted, weighted.squares, new SymbolicTensor(weighted.count, []));
  }
  const plain = statistics(plan, value, parts);
  const count = x.shape.length === 0 ? 1 : sizeOf(x.shape) / sizeOf(shape);
  if (weights === undefined) return result(plain, plain.squares, single(count));
  // Every set lies inside one item: its weight counts all of the set's elements alike.
  const kept = parts.filter(({ pooled }) => !pooled);
  const perSet = spreadOver(plan, weights, kept, (part) => part === kept[0]);
  const squares = plan.each("multiply", { a: plain.squares, b: perSet });
  const counts = plan.each("affine", { a: weights, factor: count, term: 0 });
  return result(plain, squares, new SymbolicTensor(counts, [x.shape[0]]));
}

/** A single number. */
function single(count: number): Tensor {
  return { shape: [], data: Float32Array.of(count) };
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
    if (!(rank >= 2)) {
      throw new TypeError(
        `Cannot ${ACTION}: x must have rank >= 2, got shape ${formatShape(x.shape)}`,
      );
    }
    const axis = resolveAxis(ACTION, "channelsAxis", channelsAxis ?? -1, rank);
    return groupParts(ACTION, x, axis, groups ?? 32, reductionAxes);
  }
  const view = viewOf(ACTION, x, dataFormat ?? "NHWC");
  return x.shape.map((size, axis) => ({ size, pooled: axis !== view.channelsAxis }));
}

/**
 * Records moments: which axes are pooled, and what the answer looks like.
 *
 * @module
 */
import { checkKeys } from "./_checks.ts";
import { checkTensor, checkVector, read, SymbolicTensor } from "./_graph.ts";
import { groupParts } from "./_group_norm.ts";
import { resolveAxes, resolveAxis, viewOf } from "./_layout.ts";
import { type Part, spreadOver } from "./_parts.ts";
import type { Plan, Value } from "./_plan.ts";
import { formatShape, sizeOf } from "./_shape.ts";
import { type Statistics, statistics } from "./_statistics.ts";
import type { Moments, MomentsOptions } from "./moments.ts";
import type { Tensor, Vector } from "./tensor.ts";

const ACTION = "take moments";
const OPTIONS = ["dataFormat", "axes", "groups", "channelsAxis", "reductionAxes", "runtime"];

/** Records {@linkcode moments}: x is read once. A weighted count stays symbolic. */
export function recordMoments(
  plan: Plan,
  x: Tensor,
  options: MomentsOptions,
  batchWeights: Vector | undefined,
): Moments {
  const own = checkKeys(ACTION, "options", options, OPTIONS);
  checkTensor(ACTION, "x", x);
  const parts = partsOf(x, own);
  if (batchWeights !== undefined) checkVector(ACTION, "batchWeights", batchWeights, [x.shape[0]]);
  const shape = parts.filter(({ pooled }) => !pooled).map(({ size }) => size);
  if (sizeOf(x.shape) === 0) {
    const zeros = () => ({ shape, data: new Float32Array(sizeOf(shape)) });
    return { count: 0, mean: zeros(), m2: zeros() };
  }
  const value = read(plan, "x", x);
  const weights = batchWeights && readWeights(plan, ACTION, batchWeights);
  const result = (m: Statistics, squares: Value, count: number | Tensor): Moments => ({
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
  if (weights === undefined) return result(plain, plain.squares, count);
  // Every set lies inside one item: its weight counts all of the set's elements alike.
  const kept = parts.filter(({ pooled }) => !pooled);
  const perSet = spreadOver(plan, weights, kept, (part) => part === kept[0], -1);
  const squares = plan.each("multiply", { a: plain.squares, b: perSet });
  const counts = plan.each("affine", { a: weights, factor: count, term: 0 });
  return result(plain, squares, new SymbolicTensor(counts, [x.shape[0]]));
}

/**
 * Reads weights into a plan and has them checked at every run.
 *
 * @throws {RangeError} At the run, if one is negative or not finite, or all are 0.
 */
export function readWeights(plan: Plan, action: string, batchWeights: Vector): Value {
  const value = read(plan, "batchWeights", batchWeights);
  plan.require(value, (weights) => {
    const wrong = weights.find((weight) => !(Number.isFinite(weight) && weight >= 0));
    if (wrong !== undefined) {
      throw new RangeError(
        `Cannot ${action}: batchWeights must be finite numbers >= 0, got ${wrong}`,
      );
    }
    if (!weights.some((weight) => weight > 0)) {
      throw new RangeError(`Cannot ${action}: batchWeights must have a sum > 0, got 0`);
    }
  });
  return value;
}

/** The parts of `x` under any of the three ways to say what is pooled. */
function partsOf(x: Tensor, options: MomentsOptions): Part[] {
  const { dataFormat, axes, groups, channelsAxis, reductionAxes } = options;
  const grouped = [groups, channelsAxis, reductionAxes].some((option) => option !== undefined);
  const ways = [dataFormat !== undefined, axes !== undefined, grouped].filter(Boolean).length;
  if (ways > 1) {
    throw new TypeError(
      `Cannot ${ACTION}: options must be one of { dataFormat }, { axes } and { groups, channelsAxis, reductionAxes }, got ${
        Object.keys(options).filter((key) => key !== "runtime").join(", ")
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

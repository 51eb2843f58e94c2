/**
 * Plans the way back through moments.
 *
 * @module
 */
import { normalizeView } from "../norm/normalize.ts";
import { cut, largest, type Part, viewOfCut } from "../norm/parts.ts";
import { spreadOver } from "../norm/spread.ts";
import { type Statistics, statistics } from "../norm/statistics.ts";
import { sums } from "../norm/sums.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { read, SymbolicTensor } from "../plan/symbolic.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor, Vector } from "../tensor/types.ts";
import type { CheckedMoments, MomentsValues } from "./call.ts";
import type { Moments } from "./summary.ts";

export const ACTION = "pull back moments";

/** Cotangents that have been checked, and the moments of the whole that they belong to. */
export interface CheckedCotangents {
  readonly cotangents: {
    readonly count?: Vector;
    readonly mean?: Vector;
    readonly m2?: Vector;
  };
  readonly whole: Moments<AnyTensor> | undefined;
}

/** What is about to be pulled back, as values of a plan. */
interface Pull extends MomentsValues {
  /** The means and the count that the cotangents belong to. */
  readonly about: Pick<Statistics, "shift" | "delta" | "count">;
  readonly count: Value | undefined;
  /** The cotangent of the mean over the count, and that of m2. */
  readonly push: Value;
  readonly m2: Value;
}

/** Plans the cotangents of x and of its weights. */
export function pullMoments(
  plan: Plan,
  { x, shape, batchWeights }: CheckedMoments,
  values: MomentsValues,
  { cotangents: { count, mean, m2 }, whole }: CheckedCotangents,
): { readonly x: Tensor; readonly batchWeights?: Tensor } {
  const sets = sizeOf(shape);
  const given = (name: string, vector: Vector | undefined) =>
    vector === undefined ? plan.constant(0, sets) : read(plan, `cotangents.${name}`, vector);
  const about = whole === undefined ? ownMoments(plan, values) : momentsOfWhole(plan, whole, sets);
  const inverse = plan.constant(1, sets);
  const pull: Pull = {
    ...values,
    about,
    count: count && read(plan, "cotangents.count", count),
    push: plan.each("normPush", { sum: given("mean", mean), inverse, count: about.count }),
    m2: given("m2", m2),
  };
  return {
    x: new SymbolicTensor(inputOf(plan, pull), [...x.shape]),
    ...(batchWeights && {
      batchWeights: new SymbolicTensor(weightsOf(plan, pull), [x.shape[0]]),
    }),
  };
}

/** The moments of x itself; where sets lie inside items, of as many elements as there are. */
function ownMoments(plan: Plan, { statistics, inItems, elements }: MomentsValues): Pull["about"] {
  return inItems ? { ...statistics, count: plan.constant(elements, 1) } : statistics;
}

function momentsOfWhole(
  plan: Plan,
  { count, mean, low }: Moments<AnyTensor>,
  sets: number,
): Pull["about"] {
  const counted = read(plan, "whole.count", count);
  plan.require(counted, ([count]) => checkNumber(ACTION, "whole.count", count, "positive"));
  return {
    count: counted,
    shift: read(plan, "whole.mean", mean),
    delta: low === undefined ? plan.constant(0, sets) : read(plan, "whole.low", low),
  };
}

/** w (push + 2 Q (x - mean)): the deviations, scaled and shifted, as a norm does it. */
function inputOf(plan: Plan, { value, parts, weights, inItems, about, push, m2 }: Pull): Value {
  const first = weights === undefined ? 0 : 1;
  const along = largest(parts, ({ pooled }, i) => pooled && i >= first);
  const all = along === undefined ? [...parts, { size: 1, pooled: true }] : parts;
  const at = along ?? parts.length;
  const overSets = (value: Value) => spreadOver(plan, value, all, (part) => !part.pooled, at);
  const weigh = (value: Value) =>
    weights === undefined ? value : plan.each("multiply", {
      a: value,
      b: spreadOver(plan, weights, all, (part) => part === all[0], at),
    });
  const twice = plan.each("affine", { a: m2, factor: 2, term: 0 });
  const offset = overSets(push);
  const { format, size } = viewOfCut(cut(all, at));
  return normalizeView(plan, value, format, size, {
    shift: overSets(about.shift),
    delta: overSets(about.delta),
    scale: weigh(overSets(twice)),
    beta: inItems ? offset : weigh(offset),
    activation: "none",
  });
}

/** The cotangents of the items' weights. */
function weightsOf(plan: Plan, pull: Pull): Value {
  const { parts, inItems, elements, statistics: own, m2, count, weights } = pull;
  const items = weights!.length;
  const kept = parts.filter(({ pooled }) => !pooled);
  const shares = inItems
    ? plan.each("multiply", { a: m2, b: own.squares })
    : sharesOfItems(plan, pull);
  const table: Part[] = inItems ? kept.map((part, i) => ({ ...part, pooled: i > 0 })) : [
    { size: items, pooled: false },
    { size: shares.length / items, pooled: true },
  ];
  const sum = sums(plan, shares, table);
  if (count === undefined) return sum;
  const perItem = inItems ? elements : elements / items;
  const counts = plan.each("affine", { a: count, factor: perItem, term: 0 });
  const spread = inItems
    ? counts
    : spreadOver(plan, counts, [{ size: items, pooled: true }], () => false);
  return plan.each("add", { a: sum, b: spread });
}

/** M sum(x - mean) / N + Q sum((x - mean)^2) of every item and set, from moments of each of them. */
function sharesOfItems(
  plan: Plan,
  { value, parts, elements, weights, about, push, m2 }: Pull,
): Value {
  const each: Part[] = parts.map((part, i) => i === 0 ? { ...part, pooled: false } : part);
  const own = statistics(plan, value, each);
  const kept = each.filter(({ pooled }) => !pooled);
  const overItems = (value: Value) => spreadOver(plan, value, kept, (part) => part !== kept[0]);
  const minus = (a: Value, b: Value) => plan.each("subtract", { a, b: overItems(b) });
  return plan.each("normWeight", {
    deviation: plan.each("add", {
      a: minus(own.shift, about.shift),
      b: minus(own.delta, about.delta),
    }),
    squares: own.squares,
    variance: plan.constant(0, own.squares.length),
    push: overItems(plan.each("affine", { a: push, factor: -1, term: 0 })),
    slope: overItems(plan.each("affine", { a: m2, factor: -2, term: 0 })),
    elements: elements / weights!.length,
  });
}

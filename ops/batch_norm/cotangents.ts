/**
 * The gradients of batch norm's parameters, weights and moments.
 *
 * @module
 */
import type { NormCotangents, NormParams } from "../norm/options.ts";
import type { Part } from "../norm/parts.ts";
import { spreadOver } from "../norm/spread.ts";
import { statistics } from "../norm/statistics.ts";
import { sums } from "../norm/sums.ts";
import type { Pulled } from "../norm/vjp.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { SymbolicTensor } from "../plan/symbolic.ts";
import type { Tensor } from "../tensor/types.ts";
import type { AdjustmentTensors } from "./adjustment.ts";
import type { BatchNormValues } from "./call.ts";

/** The cotangents of {@linkcode batchNorm}, each under the name of what it belongs to. */
export interface BatchNormCotangents<
  P extends NormParams = NormParams,
  Center extends boolean = boolean,
  Scale extends boolean = boolean,
> extends NormCotangents<P, Center, Scale> {
  /** Of the samples' weights, if there are any. */
  readonly batchWeights?: Tensor;
  /** Of the adjustment, in the shapes in which it was given. */
  readonly adjustment?: AdjustmentTensors;
  /** Of moments that were given; `count` has shape (). */
  readonly moments?: { readonly count: Tensor; readonly mean: Tensor; readonly m2: Tensor };
}

/** What the normalised values are multiplied by: gamma, renorm's r and the adjustment's scale. */
export function factorOf(
  plan: Plan,
  { gamma, correction, adjustment, view }: BatchNormValues,
  parts: readonly Part[],
): { readonly value: Value; readonly over: (part: Part) => boolean } | undefined {
  const times = (a: Value | undefined, b: Value | undefined) =>
    a && b ? plan.each("multiply", { a, b }) : a ?? b;
  const perChannel = times(gamma, correction?.r);
  const overChannels = (part: Part) => part.channel !== undefined;
  if (adjustment === undefined) return perChannel && { value: perChannel, over: overChannels };
  const spread = perChannel && spreadOver(plan, perChannel, adjustment.parts, overChannels);
  const everywhere = adjustment.parts.length === view.rank;
  return {
    value: times(adjustment.scale, spread)!,
    over: (part) => everywhere || overChannels(part) || part === parts[0],
  };
}

/** The cotangents of beta, gamma and the adjustment; those with no such argument mean nothing. */
export function affineCotangents(
  plan: Plan,
  { gamma, correction, adjustment, view }: BatchNormValues,
  { offsets, factors, cells }: Pulled,
): {
  readonly beta: Value;
  readonly gamma: Value;
  readonly adjustment?: { readonly scale: Tensor; readonly bias: Tensor };
} {
  const spread = (value: Value) =>
    spreadOver(plan, value, cells, (part) => part.channel !== undefined);
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
export function weightCotangent(
  plan: Plan,
  { value, view, moments }: BatchNormValues,
  parts: readonly Part[],
  { push, slope }: Pulled,
): Value {
  const { n: samples, c: channels, s: positions } = view.size;
  const own = statistics(plan, value, parts.map((part, i) => i === 0 ? kept(part) : part));
  const table = [{ size: samples, pooled: false }, { size: channels, pooled: false }];
  const spread = (value: Value) => spreadOver(plan, value, table, (part) => part === table[1]);
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
export function momentCotangents(
  plan: Plan,
  { moments, view }: BatchNormValues,
  { sum, inverse, slope }: Pulled,
): NonNullable<BatchNormCotangents["moments"]> {
  const { squares, count } = moments;
  const perChannel = (value: Value) => new SymbolicTensor(value, [view.size.c]);
  const times = (a: Value, b: Value) => plan.each("multiply", { a, b });
  const scaled = (a: Value, factor: number) => plan.each("affine", { a, factor, term: 0 });
  const m2 = scaled(slope, -0.5);
  const variance = plan.each("variance", { squares, count }, { UNBIASED: false });
  const counts = sums(plan, times(m2, variance), [{ size: view.size.c, pooled: true }]);
  return {
    mean: perChannel(scaled(times(inverse, sum), -1)),
    m2: perChannel(m2),
    count: new SymbolicTensor(scaled(counts, -1), []),
  };
}

function kept(part: Part): Part {
  return { ...part, pooled: false };
}

/**
 * Norms as primitives: the mean, the deviations from it, and the mean of their squares.
 *
 * @module
 */
import type { Norm } from "../group_norm/norm.ts";
import type { Part } from "../norm/parts.ts";
import { activated } from "./activation.ts";
import { overChannels, pooledParts } from "./axes.ts";
import type { Graph, Value } from "./graph.ts";
import { binary, reduce, reshape, square, unary } from "./operators.ts";
import type { Writing } from "./writing.ts";

/** Gamma and beta in a graph. */
export interface AffineValues {
  readonly gamma: Value | undefined;
  readonly beta: Value | undefined;
}

/** Deviations from a mean, and what the mean is. */
export interface Centred {
  readonly deviations: Value;
  /** The mean as it is rounded. */
  readonly mean: Value;
  /** What the deviations' mean was before it was taken off, where that was done. */
  readonly rest?: Value;
}

/**
 * Deviations from the mean over some axes. Far from zero the mean is rounded, so that the deviations
 * have a mean of their own; `precise` takes it off.
 */
export function centred(g: Graph, x: Value, axes: readonly number[], precise: boolean): Centred {
  const mean = reduce(g, "ReduceMean", x, axes);
  const deviations = binary(g, "Sub", x, mean);
  if (!precise) return { deviations, mean };
  const rest = reduce(g, "ReduceMean", deviations, axes);
  return { deviations: binary(g, "Sub", deviations, rest), mean, rest };
}

/** A norm as its formula is written. */
export function normAsPrimitives(
  { graph: g, style }: Writing,
  given: Value,
  norm: Norm,
  affine: AffineValues,
): Value {
  const view = pooledParts(g, given, norm.parts);
  const { x, pooled } = view;
  const { deviations, mean } = centred(g, x, pooled, style.precise);
  const variance = norm.meanCloseToZero
    ? binary(g, "Sub", reduce(g, "ReduceMean", square(g, x), pooled), square(g, mean))
    : reduce(g, "ReduceMean", square(g, deviations), pooled);
  const deviation = rootOf(g, variance, norm.epsilon);
  const gamma = affine.gamma && overChannels(g, affine.gamma, view);
  const beta = affine.beta && overChannels(g, affine.beta, view);
  const y = scaled(g, deviations, deviation, gamma, norm.parts);
  const moved = beta === undefined ? y : binary(g, "Add", y, beta);
  return reshape(g, activated(g, moved, norm.activation), given.shape);
}

/** The root of what stands under it in every norm. */
export function rootOf(g: Graph, variance: Value, epsilon: number): Value {
  return unary(g, "Sqrt", binary(g, "Add", variance, g.number(epsilon)));
}

/** Deviations over the deviation, times gamma, of which there is little where all of a set has one. */
function scaled(
  g: Graph,
  deviations: Value,
  deviation: Value,
  gamma: Value | undefined,
  parts: readonly Part[],
): Value {
  if (gamma === undefined) return binary(g, "Div", deviations, deviation);
  const isOne = parts.every(({ channel, size }) => channel !== "member" || size === 1);
  return isOne
    ? binary(g, "Mul", deviations, binary(g, "Div", gamma, deviation))
    : binary(g, "Mul", binary(g, "Div", deviations, deviation), gamma);
}

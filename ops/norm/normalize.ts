/**
 * Plans the last step of every norm: deviations from the mean, scaled and shifted.
 *
 * @module
 */
import { field, type Plan, rows, type Size, type Value } from "../plan/plan.ts";
import type { Activation } from "./activations.ts";
import { cut, largest, type MemberSets, memberSets, type Part, viewOfCut } from "./parts.ts";
import { spreadOver } from "./spread.ts";
import type { Statistics } from "./statistics.ts";

/** What is done to the normalised values. */
export interface Affine {
  readonly beta?: Value | undefined;
  readonly gamma?: Value | undefined;
  readonly epsilon: number;
  readonly activation: Activation;
}

/** The factor of each deviation: gamma / sqrt(squares / count + epsilon). */
export function scaleOf(
  plan: Plan,
  { squares, count }: Pick<Statistics, "squares" | "count">,
  gamma: Value | undefined,
  epsilon: number,
): Value {
  const size = { n: 1, c: squares.length, s: 1 };
  const args = {
    squares: rows(squares, squares.length),
    count,
    gamma: gamma && rows(gamma, 1),
    epsilon,
  };
  return plan.launch("scale", "channelsFirst", size, args, { SCALED: gamma !== undefined });
}

/** Per channel, or per sample and channel, of a view: what `normalizeView` applies. */
export interface Applied {
  readonly shift: Value;
  readonly delta: Value;
  readonly scale: Value;
  readonly beta: Value | undefined;
  readonly activation: Activation;
}

/** `y = ((x - shift) - delta) * scale + beta`, each of them `[c]` or `[n, c]`. */
export function normalizeView(
  plan: Plan,
  x: Value,
  format: "channelsLast" | "channelsFirst",
  size: Size,
  { shift, delta, scale, beta, activation }: Applied,
): Value {
  const table = (value: Value) => rows(value, size.c);
  const args = {
    x: field(x, size),
    shift: table(shift),
    delta: table(delta),
    scale: table(scale),
    beta: table(beta ?? plan.constant(0, shift.length)),
  };
  return plan.launch("normalize", format, size, args, {
    PER_SAMPLE: shift.length !== size.c,
    PER_POSITION: false,
    ACTIVATION: activation,
  });
}

/** Normalises every set of a tensor by its statistics. */
export function normalizeParts(
  plan: Plan,
  x: Value,
  parts: readonly Part[],
  statistics: Statistics,
  affine: Affine,
): Value {
  const { beta, gamma, epsilon, activation } = affine;
  const sets = memberSets(parts);
  const plain = beta === undefined && gamma === undefined;
  if (sets !== undefined && !plain) return normalizeMembers(plan, x, sets, statistics, affine);
  const along = largest(parts, (part) => part.pooled && (plain || part.channel === undefined));
  // Without an axis along which nothing changes, everything is spread over the whole tensor.
  const all = along === undefined ? [...parts, { size: 1, pooled: true }] : parts;
  const at = along ?? parts.length;
  const overSets = (value: Value) => spreadOver(plan, value, all, (part) => !part.pooled, at);
  const overChannels = (value: Value | undefined) =>
    value && spreadOver(plan, value, all, (part) => part.channel !== undefined, at);
  const { shift, delta, squares, count } = statistics;
  const { format, size } = viewOfCut(cut(all, at));
  return normalizeView(plan, x, format, size, {
    shift: overSets(shift),
    delta: overSets(delta),
    scale: scaleOf(
      plan,
      { squares: overSets(squares), count },
      overChannels(gamma),
      epsilon,
    ),
    beta: overChannels(beta),
    activation,
  });
}

/** Sets that are the channels of one group at one place: parameters differ inside the set. */
function normalizeMembers(
  plan: Plan,
  x: Value,
  { groups, members }: MemberSets,
  { shift, delta, squares, count }: Statistics,
  { beta, gamma, epsilon, activation }: Affine,
): Value {
  const size = { n: x.length / groups / members, c: groups, s: members };
  const scale = scaleOf(plan, { squares, count }, undefined, epsilon);
  const args = {
    x: field(x, size),
    shift: rows(shift, groups),
    delta: rows(delta, groups),
    scale: rows(scale, groups),
    beta: rows(beta ?? plan.constant(0, groups * members), members),
    gamma: rows(gamma ?? plan.constant(1, groups * members), members),
  };
  return plan.launch("normalize", "channelsFirst", size, args, {
    PER_SAMPLE: true,
    PER_POSITION: true,
    ACTIVATION: activation,
  });
}

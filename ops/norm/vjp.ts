/**
 * Plans the vector-Jacobian product of a norm: the cotangents of x and of what its normalised values
 * are multiplied by.
 *
 * @module
 */
import { field, type Plan, rows, type Value } from "../plan/plan.ts";
import { normalizeView, scaleOf } from "./normalize.ts";
import { cut, largest, type MemberSets, memberSets, type Part, viewOfCut } from "./parts.ts";
import { spreadOver } from "./spread.ts";
import type { Statistics } from "./statistics.ts";
import { scaledSums, sumChunks, sums, sumsOf } from "./sums.ts";

/** What is pulled back, and through which norm. */
export interface Pull {
  readonly x: Value;
  /** The cotangent of the normalised values times `factor`, and of what is added to them. */
  readonly dy: Value;
  /** Parts of x; a set of the statistics lies over those that are pooled. */
  readonly parts: readonly Part[];
  readonly moments: Statistics;
  readonly epsilon: number;
  /** What the normalised values are multiplied by, and over which parts it is given. */
  readonly factor: Factor | undefined;
  /** Whether the moments do not depend on x. */
  readonly constant?: boolean;
  /** A weight for each element of the first part in the moments. */
  readonly weights?: Value | undefined;
  /** The sums over sets of which x is only a part, instead of its own. */
  readonly totals?: Totals | undefined;
}

/** Per set: the sums of h = factor dy and of h x-hat. */
export interface Totals {
  readonly sum: Value;
  readonly share: Value;
}

/** A value over those parts of a tensor for which `over` holds. */
export interface Factor {
  readonly value: Value;
  readonly over: (part: Part) => boolean;
}

/** What comes back. */
export interface Pulled extends Totals {
  readonly x: Value;
  /** Sums of dy and of dy x-hat over all parts along which neither sets nor the factor differ. */
  readonly offsets: Value;
  readonly factors: Value;
  /** The parts that those sums lie over. */
  readonly cells: readonly Part[];
  /** Per set: 1 / sqrt(variance + epsilon). */
  readonly inverse: Value;
  /** Per set: what the mean and the variance take back. */
  readonly push: Value;
  readonly slope: Value;
}

/** Plans the way back through a norm: x and dy are read for the sums and for the cotangent of x. */
export function pullParts(plan: Plan, pull: Pull): Pulled {
  const { x, dy, parts, moments, epsilon, factor } = pull;
  const fine = parts.map((part): Part => factor?.over(part) ? { ...part, pooled: false } : part);
  const sets = new Set(fine.filter((_, i) => !parts[i].pooled));
  const factored = new Set(fine.filter((_, i) => factor?.over(parts[i])));
  const overSets = (value: Value, among: readonly Part[], except?: number) =>
    spreadOver(plan, value, among, (part) => sets.has(part), except);
  const overFactor = (value: Value, among: readonly Part[], except?: number) =>
    spreadOver(plan, value, among, (part) => factored.has(part), except);
  const times = (a: Value, b: Value) => plan.each("multiply", { a, b });

  const cells = fine.filter(({ pooled }) => !pooled);
  const inverse = scaleOf(plan, moments, undefined, epsilon);
  const deviations = dots(plan, pull, fine, (value, left) => overSets(value, left));
  const offsets = sums(plan, dy, fine);
  const factors = times(deviations, overSets(inverse, cells));
  const weighed = (value: Value) => {
    const h = factor === undefined ? value : times(value, overFactor(factor.value, cells));
    return sums(plan, h, cells.map((part) => ({ ...part, pooled: !sets.has(part) })));
  };
  const { sum, share } = pull.totals ?? { sum: weighed(offsets), share: weighed(factors) };
  const { count, shift, delta } = moments;
  const push = plan.each("normPush", { sum, inverse, count });
  const slope = plan.each("normSlope", { share, inverse, count });
  const back = { offsets, factors, cells, sum, share, inverse, push, slope };

  // Weights differ from sample to sample, so that the tables of the last kernel must too.
  const first = pull.weights === undefined ? 0 : 1;
  const along = largest(fine, ({ pooled }, i) => pooled && i >= first);
  const all = along === undefined ? [...fine, { size: 1, pooled: true }] : fine;
  const at = along ?? fine.length;
  const { format, size } = viewOfCut(cut(all, at));
  const direct = overSets(inverse, all, at);
  const scale = factor === undefined ? direct : times(direct, overFactor(factor.value, all, at));
  if (pull.constant) {
    const zero = plan.constant(0, scale.length);
    const applied = {
      shift: zero,
      delta: zero,
      scale,
      beta: undefined,
      activation: "none" as const,
    };
    return { ...back, x: normalizeView(plan, dy, format, size, applied) };
  }
  const table = (value: Value) => {
    const spread = overSets(value, all, at);
    const { weights } = pull;
    return weights === undefined
      ? spread
      : times(spread, spreadOver(plan, weights, all, (part) => part === all[0], at));
  };
  const args = {
    x: field(x, size),
    shift: rows(overSets(shift, all, at), size.c),
    dy: field(dy, size),
    scale: rows(scale, size.c),
    offset: rows(table(plan.each("normOffset", { push, slope, delta })), size.c),
    slope: rows(table(slope), size.c),
  };
  const holes = { PER_SAMPLE: scale.length !== size.c, PER_POSITION: false };
  return { ...back, x: plan.launch("normInput", format, size, args, holes) };
}

/** The cotangents of a norm's arguments. */
export interface PulledNorm {
  readonly x: Value;
  readonly beta: Value;
  readonly gamma: Value;
}

/** Plans the way back through a norm whose gamma and beta are per channel. */
export function pullNorm(
  plan: Plan,
  pull: Omit<Pull, "factor"> & { readonly gamma: Value | undefined },
): PulledNorm {
  const { parts, gamma } = pull;
  const plain = gamma === undefined;
  const isChannel = (part: Part) => part.channel !== undefined;
  const sets = memberSets(parts);
  if (sets !== undefined) return pullMembers(plan, pull, sets);
  // Without gamma its cotangent is still taken per channel.
  const factor = { value: plain ? plan.constant(1, channelsOf(parts)) : gamma, over: isChannel };
  const { x, offsets, factors, cells } = pullParts(plan, { ...pull, factor });
  const overChannels = cells.map((part) => ({ ...part, pooled: !isChannel(part) }));
  return {
    x,
    beta: sums(plan, offsets, overChannels),
    gamma: sums(plan, factors, overChannels),
  };
}

/** Sets that are the channels of one group at one place: gamma differs inside the set. */
function pullMembers(
  plan: Plan,
  { x, dy, parts, moments, epsilon, gamma }: Omit<Pull, "factor"> & {
    readonly gamma: Value | undefined;
  },
  { groups, members }: MemberSets,
): PulledNorm {
  const size = { n: x.length / groups / members, c: groups, s: members };
  const { shift, delta, count } = moments;
  const inverse = scaleOf(plan, moments, undefined, epsilon);
  const table = (value: Value) => rows(value, groups);
  const shares = plan.launch("normShare", "channelsFirst", size, {
    x: field(x, size),
    shift: table(shift),
    delta: table(delta),
    inverse: table(inverse),
    dy: field(dy, size),
  });
  const weighed = (value: Value) =>
    gamma === undefined
      ? sums(plan, value, [{ size: size.n * groups, pooled: false }, {
        size: members,
        pooled: true,
      }])
      : scaledSums(plan, value, gamma, { groups, members });
  const push = plan.each("normPush", { sum: weighed(dy), inverse, count });
  const slope = plan.each("normSlope", { share: weighed(shares), inverse, count });
  const args = {
    x: field(x, size),
    shift: table(shift),
    dy: field(dy, size),
    scale: table(inverse),
    gamma: rows(gamma ?? plan.constant(1, groups * members), members),
    offset: table(plan.each("normOffset", { push, slope, delta })),
    slope: table(slope),
  };
  const overChannels = parts.map((part) => ({ ...part, pooled: part.channel === undefined }));
  return {
    x: plan.launch("normInput", "channelsFirst", size, args, {
      PER_SAMPLE: true,
      PER_POSITION: true,
    }),
    beta: sums(plan, dy, overChannels),
    gamma: sums(plan, shares, overChannels),
  };
}

/** Sums of dy times the deviations from the mean over the pooled parts. */
function dots(
  plan: Plan,
  { x, dy, moments: { shift, delta } }: Pull,
  parts: readonly Part[],
  spread: (value: Value, left: readonly Part[]) => Value,
): Value {
  return sumsOf(plan, parts, (whole, left) => {
    const { format, size } = viewOfCut(whole);
    const args = {
      x: field(x, size),
      shift: rows(spread(shift, left), size.c),
      delta: rows(spread(delta, left), size.c),
      dy: field(dy, size),
    };
    return sumChunks(plan, { kernel: "chunkDot", holes: {} }, format, size, args);
  });
}

function channelsOf(parts: readonly Part[]): number {
  return parts.reduce((n, { channel, size }) => channel === undefined ? n : n * size, 1);
}

/**
 * Parts: the axes of a row-major tensor as runs of axes that are pooled or kept.
 *
 * Group norm with 3 groups of x = [2, 6, 5, 5], NCHW, pools the channels of a group and the positions
 * of a sample:
 *
 * ```
 * axes    2        6                         5 x 5
 * parts   2 kept   3 kept, 2 pooled          25 pooled
 *                  "group", "member"
 * ```
 *
 * The sets of the statistics lie over the kept parts in their order: 2 x 3 sets, each of 2 x 25 elements.
 * gamma and beta lie over the parts that are of the channels: 3 x 2. To reduce or to normalise, one part
 * is cut out, and what lies before and after it is multiplied up. Cutting out the 25 leaves
 * `{ before: 12, size: 25, after: 1 }`: 12 rows of 25 numbers side by side, which kernels see as
 * channelsFirst with c = 12 and s = 25. In NHWC the same part has 6 channels after it,
 * `{ before: 2, size: 25, after: 6 }`: channelsLast with n = 2, s = 25 and c = 6.
 *
 * @module
 */
import type { Size } from "../plan/plan.ts";

/** A run of axes of a row-major tensor, pooled or kept. Adjacent alike ones may be one part. */
export interface Part {
  readonly size: number;
  readonly pooled: boolean;
  /** The channel axis, split into its groups and the channels of one group. */
  readonly channel?: "group" | "member";
}

/** A part's neighbours multiplied up: `before` x `size` x `after` elements. */
export interface Cut {
  readonly before: number;
  readonly size: number;
  readonly after: number;
}

/** The index of the part with the most elements among those that qualify, if there is one. */
export function largest(
  parts: readonly Part[],
  qualifies: (part: Part, index: number) => boolean,
): number | undefined {
  let best: number | undefined;
  for (const [i, part] of parts.entries()) {
    if (qualifies(part, i) && (best === undefined || part.size > parts[best].size)) best = i;
  }
  return best;
}

/** The elements before, in and after a part. */
export function cut(parts: readonly Part[], at: number): Cut {
  return {
    before: sizeOfParts(parts.slice(0, at)),
    size: parts[at].size,
    after: sizeOfParts(parts.slice(at + 1)),
  };
}

/** The view of a cut: positions innermost where nothing comes after them. */
export function viewOfCut({ before, size, after }: Cut): {
  format: "channelsLast" | "channelsFirst";
  size: Size;
} {
  return after === 1
    ? { format: "channelsFirst", size: { n: 1, c: before, s: size } }
    : { format: "channelsLast", size: { n: before, c: after, s: size } };
}

/** How many elements parts have together. */
export function sizeOfParts(parts: readonly Part[]): number {
  return parts.reduce((product, { size }) => product * size, 1);
}

/** Joins neighbours of one kind: they are one axis to every kernel. */
export function mergeParts(parts: readonly Part[]): Part[] {
  const merged: Part[] = [];
  for (const part of parts) {
    const previous = merged.at(-1);
    if (
      previous !== undefined && previous.pooled === part.pooled &&
      previous.channel === undefined && part.channel === undefined
    ) merged[merged.length - 1] = { ...part, size: previous.size * part.size };
    else merged.push(part);
  }
  return merged;
}

/** Sets that are the channels of one group at one place: parameters differ inside of them. */
export interface MemberSets {
  /** How many groups there are at every place. */
  readonly groups: number;
  /** Channels of a group, the elements of a set. */
  readonly members: number;
}

/** The groups and their channels, where every set is the channels of one group at one place. */
export function memberSets(parts: readonly Part[]): MemberSets | undefined {
  if (parts.some(({ pooled, channel }) => pooled && channel === undefined)) return undefined;
  const [group, member] = parts.slice(-2);
  return member?.channel === "member" && member.pooled
    ? { groups: group.size, members: member.size }
    : undefined;
}

/**
 * Plans sums over the pooled parts of a tensor.
 *
 * @module
 */
import type { Holes } from "../plan/kernels.ts";
import { type Arguments, field, type Plan, rows, type Size, type Value } from "../plan/plan.ts";
import { type Cut, type MemberSets, type Part, viewOfCut } from "./parts.ts";
import { chunksOf, inLanes, LANES, reductionsAfter, reductionsOf } from "./reductions.ts";

/** Plans the sums of `x` over its pooled parts. */
export function sums(plan: Plan, x: Value, parts: readonly Part[]): Value {
  if (!parts.some(({ pooled }) => pooled)) return x;
  return sumsOf(plan, parts, (whole) => sumOver(plan, x, whole));
}

/**
 * Plans the sums of something over pooled parts, the largest of them first.
 *
 * @param sumFirst Sums over the middle of a cut; the parts that are left then are before and after it.
 */
export function sumsOf(
  plan: Plan,
  parts: readonly Part[],
  sumFirst: (whole: Cut, left: readonly Part[]) => Value,
): Value {
  const first = inLanes(reductionsOf(parts).first);
  return reductionsAfter(first).reduce(
    (value, { whole }) => sumOver(plan, value, whole),
    sumFirst(first.whole, first.rest),
  );
}

/**
 * Plans the sums of `gamma x` over the last axis, for an `x` of axes (rows, groups, members) and a
 * gamma of the last two.
 */
export function scaledSums(
  plan: Plan,
  x: Value,
  gamma: Value,
  { groups, members }: MemberSets,
): Value {
  const count = x.length / groups / members;
  const scaled = { kernel: "chunkSum", holes: { SCALED: true } } as const;
  if (groups > 1 || members % LANES !== 0) {
    const size = { n: count, c: groups, s: members };
    const args = { x: field(x, size), gamma: rows(gamma, members) };
    return sumChunks(plan, scaled, "channelsFirst", size, args);
  }
  const size = { n: count, c: LANES, s: members / LANES };
  const args = { x: field(x, size), gamma: rows(gamma, LANES) };
  const lanes = sumChunks(plan, scaled, "channelsLast", size, args);
  return sumOver(plan, lanes, { before: count, size: LANES, after: 1 });
}

/** A kernel that sums over one chunk of positions. */
export interface ChunkKernel {
  readonly kernel: "chunkSum" | "chunkDot" | "chunkShare";
  readonly holes: Holes;
}

/** Plans a kernel that sums over the positions of a view chunk by chunk, and the sum of the chunks. */
export function sumChunks(
  plan: Plan,
  { kernel, holes }: ChunkKernel,
  format: "channelsLast" | "channelsFirst",
  size: Size,
  args: Arguments,
): Value {
  const chunking = chunksOf(size.s, format);
  const { chunks } = chunking;
  const partial = plan.launch(kernel, format, { ...size, s: chunks }, args, holes, { ...chunking });
  if (chunks === 1) return partial;
  return sumOver(
    plan,
    partial,
    format === "channelsLast"
      ? { before: size.n, size: chunks, after: size.c }
      : { before: size.n * size.c, size: chunks, after: 1 },
  );
}

function sumOver(plan: Plan, x: Value, whole: Cut): Value {
  const { format, size } = viewOfCut(whole);
  const plain = { kernel: "chunkSum", holes: { SCALED: false } } as const;
  return sumChunks(plan, plain, format, size, { x: field(x, size) });
}

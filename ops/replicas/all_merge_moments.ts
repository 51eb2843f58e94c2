/**
 * The moments of what all replicas have together.
 *
 * @module
 */
import { momentsFrom } from "../moments/merge.ts";
import type { Moments } from "../moments/summary.ts";
import { mergeWide, narrowed, type WideMoments, widened } from "../moments/wide.ts";
import { checkArguments } from "../tensor/arguments.ts";
import { formatShape } from "../tensor/shape.ts";
import type { AnyTensor } from "../tensor/types.ts";
import { exchange, joined } from "./exchange.ts";
import { groupFrom, type ReplicaGroup } from "./group.ts";
import { inMemory } from "./in_memory.ts";

const ACTION = "merge moments of replicas";

/**
 * The moments of what all replicas have together: those of every replica merged in order of rank, as
 * {@linkcode mergeMoments} merges two, so that all get the same bits. A collective: every replica calls
 * it.
 *
 * Source: Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample
 * Variances", 1979, eq. 2.1.
 *
 * @param group The replicas.
 * @param moments What {@linkcode moments} or {@linkcode mergeMoments} has made of this replica's part.
 * Not modified.
 * @returns A new summary, in memory.
 * @throws {TypeError} If the group or the moments are wrong, or of other shapes on another replica.
 * @throws {RangeError} If a count is negative or not finite.
 * @throws {Error} If another replica fails.
 *
 * @example Usage
 * ```ts
 * import { allMergeMoments, moments, runReplicas, tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const parts = [tensor([[1], [2]]), tensor([[9]])];
 * const [{ count, mean }] = await runReplicas(
 *   2,
 *   async (group) => await allMergeMoments(group, await moments(parts[group.rank])),
 * );
 * assertEquals([count.data[0], mean.data[0]], [3, 4]);
 * ```
 */
export async function allMergeMoments(
  group: ReplicaGroup,
  moments: Moments<AnyTensor>,
): Promise<Moments> {
  checkArguments(ACTION, arguments, 2);
  const replicas = groupFrom(ACTION, "group", group);
  let own!: Moments;
  const parts = await exchange(
    replicas,
    ACTION,
    () => ({ count: formatShape(own.count.shape), mean: formatShape(own.mean.shape) }),
    async () => {
      const found = inMemory(ACTION, moments);
      own = momentsFrom(ACTION, "moments", found instanceof Promise ? await found : found);
      return packed(widened(own));
    },
  );
  const sizes = { counts: own.count.data.length, means: own.mean.data.length };
  const whole = mergeWide(parts.map((part) => unpacked(part, sizes)));
  return narrowed(whole, { count: own.count.shape, mean: own.mean.shape });
}

/** A summary as the numbers of one message. */
export function packed({ count, mean, m2 }: WideMoments): Float64Array {
  return joined(count, mean, m2);
}

/** The summary of a message. */
export function unpacked(
  part: Float64Array,
  { counts, means }: { readonly counts: number; readonly means: number },
): WideMoments {
  return {
    count: part.subarray(0, counts),
    mean: part.subarray(counts, counts + means),
    m2: part.subarray(counts + means, counts + 2 * means),
  };
}

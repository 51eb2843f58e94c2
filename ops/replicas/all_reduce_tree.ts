/**
 * Sums of trees of tensors, such as gradients, over all replicas.
 *
 * @module
 */
import { checkTrees } from "../plan/check_trees.ts";
import { mapTensors } from "../plan/tree.ts";
import { checkArguments } from "../tensor/arguments.ts";
import { tensorFrom } from "../tensor/checks.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { codesOf, hashOf, inTurn } from "./exchange.ts";
import { groupFrom, type ReplicaGroup } from "./group.ts";
import { inMemory } from "./in_memory.ts";

const ACTION = "sum a tree over replicas";

/** A tree with a tensor in memory in the place of each of its tensors. */
export type Summed<T> = T extends AnyTensor ? Tensor
  : T extends object ? { readonly [K in keyof T]: Summed<T[K]> }
  : T;

/** A tensor of a tree, and where it is. */
interface Leaf {
  readonly path: string;
  readonly tensor: Tensor;
}

/**
 * Sums every tensor of a tree over all replicas, in one collective: gradients, losses. A collective:
 * every replica calls it with a tree of the same names and shapes, and all get the same bits.
 *
 * Gradients of a mean over the whole batch are sums, over the replicas, of gradients of the replica's
 * share of it: divide the loss by the samples of all replicas, not by those of one.
 *
 * @param group The replicas.
 * @param tree Plain objects and arrays of tensors, and nothing else; on a device they are read first.
 * Not modified.
 * @returns A tree of the same form, with new tensors in memory.
 * @throws {TypeError} If the group or the tree is wrong, or the trees of replicas differ.
 * @throws {Error} If another replica fails.
 *
 * @example Usage
 * ```ts
 * import { allReduceTree, runReplicas, tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const [{ loss, grads }] = await runReplicas(2, (group) =>
 *   allReduceTree(group, { loss: tensor(0.5), grads: { w: tensor([1, group.rank]) } }));
 * assertEquals([loss.data[0], ...grads.w.data], [1, 2, 1]);
 * ```
 */
export async function allReduceTree<T>(group: ReplicaGroup, tree: T): Promise<Summed<T>> {
  checkArguments(ACTION, arguments, 2);
  const replicas = groupFrom(ACTION, "group", group);
  return await inTurn(replicas, () => flattened(tree), async (outcome) => {
    if ("error" in outcome) {
      // The others must not wait: a length that no tree has makes their sums fail.
      await replicas.allReduce(new Float32Array(0)).catch(() => {});
      throw outcome.error;
    }
    const { own, flat, starts } = outcome.value;
    const sums = await replicas.allReduce(flat);
    if (!areAlike(sums, replicas.size)) {
      throw new TypeError(
        `Cannot ${ACTION}: trees must be alike on all replicas, got other names or shapes on some ` +
          `than ${[...starts.keys()].map((path) => `tree${path}`).join(", ")}`,
      );
    }
    return mapTensors<unknown>(own, ({ shape, data }, path) => {
      const start = starts.get(path)!;
      return { shape: [...shape], data: sums.slice(start, start + data.length) } as Tensor;
    }, ACTION) as Summed<T>;
  });
}

/** A tree as numbers side by side, behind marks of its form. */
interface Flat<T> {
  readonly own: T;
  readonly flat: Float32Array;
  /** Where each tensor begins, by its path. */
  readonly starts: ReadonlyMap<string, number>;
}

async function flattened<T>(tree: T): Promise<Flat<T>> {
  checkTrees(ACTION, { tree });
  const found = inMemory(ACTION, tree);
  const own = found instanceof Promise ? await found : found;
  const leaves = leavesOf(own);
  const marks = marksOf(JSON.stringify(leaves.map(({ path, tensor }) => [path, tensor.shape])));
  const length = leaves.reduce((sum, { tensor }) => sum + tensor.data.length, marks.length);
  const flat = new Float32Array(length);
  const starts = new Map<string, number>();
  flat.set(marks);
  let at = marks.length;
  for (const { path, tensor: { data } } of leaves) {
    flat.set(data, at);
    starts.set(path, at);
    at += data.length;
  }
  return { own, flat, starts };
}

/** The tensors of a tree, in the order of their paths: objects may have been built in another one. */
function leavesOf(tree: unknown): Leaf[] {
  const leaves: Leaf[] = [];
  mapTensors(tree, (tensor, path) => {
    leaves.push({ path, tensor: tensorFrom(ACTION, `tree${path}`, tensor) });
    return tensor;
  }, ACTION);
  return leaves.sort((a, b) => a.path < b.path ? -1 : 1);
}

/**
 * Numbers whose sums show whether all replicas have given the same text: the hash of it in eight digits,
 * and their squares. If all n digits are alike, n times the sum of the squares is the square of the
 * sum, and not otherwise (Cauchy and Schwarz). float32 has these sums exactly, up to 74 000 replicas.
 */
function marksOf(text: string): number[] {
  const hash = hashOf(codesOf(text));
  const digits = Array.from({ length: 8 }, (_, i) => (hash >>> (4 * i)) & 15);
  return [...digits, ...digits.map((digit) => digit * digit)];
}

function areAlike(sums: Float32Array, replicas: number): boolean {
  return sums.subarray(0, 8).every((sum, i) => sum * sum === replicas * sums[8 + i]);
}

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { allReduceTree, runReplicas, tensor } from "../../mod.ts";
import { itOnEachBackend } from "../support/backends.ts";

describe("allReduceTree", () => {
  it("sums every tensor, in one collective", async () => {
    const found = await runReplicas(3, async ({ rank, size, allGather, allReduce }) => {
      let calls = 0;
      const counting = {
        rank,
        size,
        allGather,
        allReduce<T extends Float32Array | Float64Array>(values: T): Promise<T> {
          calls++;
          return allReduce(values);
        },
      };
      const tree = {
        w: [tensor([[rank, 1]]), tensor(rank)],
        b: tensor([1, 2]),
      };
      return { sum: await allReduceTree(counting, tree), calls };
    });
    for (const { sum, calls } of found) {
      assertEquals(calls, 1);
      assertEquals(sum, { w: [tensor([[3, 3]]), tensor(3)], b: tensor([3, 6]) });
    }
  });

  it("does not depend on the order in which an object was built", async () => {
    const [first, second] = await runReplicas(2, (group) =>
      allReduceTree(
        group,
        group.rank === 0
          ? { a: tensor([1, 2]), b: tensor([3]) }
          : { b: tensor([30]), a: tensor([10, 20]) },
      ));
    assertEquals(first, { a: tensor([11, 22]), b: tensor([33]) });
    assertEquals(second, first);
  });

  it("leaves its arguments alone, and gives tensors of their own", async () => {
    const tree = { a: tensor([1, 2]) };
    const [sum] = await runReplicas(1, (group) => allReduceTree(group, tree));
    assert(sum.a !== tree.a && sum.a.data !== tree.a.data);
    assertEquals(tree, { a: tensor([1, 2]) });
  });

  it("rejects on all where names or shapes differ, though the lengths are the same", async () => {
    const wrong = [
      [{ a: tensor([1, 2]) }, { b: tensor([1, 2]) }],
      [{ a: tensor([1, 2]) }, { a: tensor([[1, 2]]) }],
    ];
    for (const trees of wrong) {
      const said: string[] = [];
      await runReplicas(5, async (group) => {
        const tree = trees[group.rank === 3 ? 1 : 0];
        said[group.rank] = await allReduceTree<object>(group, tree).then(
          () => "nothing",
          (error) => error.message,
        );
      });
      const text = (name: string) =>
        "Cannot sum a tree over replicas: trees must be alike on all replicas, got other names or " +
        `shapes on some than tree.${name}`;
      const names = [0, 1, 2, 3, 4].map((rank) => Object.keys(trees[rank === 3 ? 1 : 0])[0]);
      assertEquals(said, names.map(text));
    }
  });

  it("rejects on all where one has what is no tensor", async () => {
    const said: string[] = [];
    await runReplicas(2, async (group) => {
      const tree = group.rank === 1 ? { a: 7 } : { a: tensor(7) };
      said[group.rank] = await allReduceTree<object>(group, tree).catch((error) => error.message);
    });
    assertEquals(said, [
      "Cannot meet the other replicas: all must make the same calls in the same order, got allReduce of " +
      "17 numbers of float32 on replica 0 and allReduce of 0 numbers of float32 on replica 1",
      "Cannot sum a tree over replicas: tree.a must be a tensor, got 7",
    ]);
  });

  itOnEachBackend("reads what a scope holds", async (runtime) => {
    using scope = runtime.scope();
    const w = scope.put(tensor([1, 2]));
    const found = await runReplicas(2, (group) => allReduceTree(group, { w }));
    for (const sum of found) assertEquals(sum, { w: tensor([2, 4]) });
  });
});

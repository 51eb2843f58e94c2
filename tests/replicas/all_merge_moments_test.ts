import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { allMergeMoments, type Moments, moments, runReplicas, tensor } from "../../mod.ts";
import { moments as oracle } from "../oracle/moments.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose, largest } from "../support/close.ts";
import { randomTensor } from "../support/random.ts";
import { split, SPLITS } from "./parts.ts";

describe("allMergeMoments", () => {
  it("takes a part without elements of items with weights", async () => {
    const parts = [tensor([[1, 3], [2, 5]]), tensor(new Float32Array(0), [2, 0])];
    const found = await runReplicas(2, async (group) => {
      const options = { axes: [1], batchWeights: [1, 2] };
      return await allMergeMoments(group, await moments(parts[group.rank], options));
    });
    for (const { count, mean, m2 } of found) {
      assertEquals([count, mean, m2], [tensor([2, 4]), tensor([2, 3.5]), tensor([2, 9])]);
    }
  });

  itOnEachBackend("gives all the moments of the whole, with the same bits", async (runtime) => {
    using scope = runtime.scope();
    for (const mean of [0, 1e3, -4e4]) {
      const x = randomTensor([7, 5, 3], { seed: 1, mean, stddev: 0.01 });
      const expected = oracle(x, [0, 1]);
      for (const sizes of SPLITS) {
        const parts = split(x, sizes);
        const found = await runReplicas(sizes.length, async (group) => {
          const options = { runtime: group.rank % 2 === 0 ? scope : runtime };
          return await allMergeMoments(group, await moments(parts[group.rank], options));
        });
        for (const one of found) assertEquals(one, found[0]);
        const { count, mean: means, low, m2 } = found[0];
        assertEquals(count, tensor(35));
        const both = Array.from(means.data, (high, c) => high + low!.data[c]);
        // Right to 1e-7 of the deviation, and m2 to some of that.
        assertClose(both, expected.mean, 1e-9, "mean");
        assertClose(m2.data, expected.m2, 1e-6 * largest(expected.m2), "m2");
      }
    }
  });

  it("rejects on all where shapes differ", async () => {
    const said: string[] = [];
    await runReplicas(3, async (group) => {
      const x = tensor(group.rank === 1 ? [[1, 2, 3]] : [[1, 2]]);
      said[group.rank] = await allMergeMoments(group, await moments(x)).then(
        () => "nothing",
        (error) => error.message,
      );
    });
    const text =
      "Cannot merge moments of replicas: all replicas must make the same call, got mean (2,) on replica 0 " +
      "and mean (3,) on replica 1";
    assertEquals(said, [text, text, text]);
  });

  it("rejects on all where one has no moments", async () => {
    const said: string[] = [];
    await runReplicas(2, async (group) => {
      const summary = group.rank === 0 ? await moments(tensor([[1]])) : {} as Moments;
      said[group.rank] = await allMergeMoments(group, summary).then(
        () => "nothing",
        (error) => error.message,
      );
    });
    const own =
      "Cannot merge moments of replicas: moments must have count, mean and m2, got an object of class " +
      "Object";
    assertEquals(said, [
      `Cannot merge moments of replicas: every replica must come through, got on replica 1: ${own}`,
      own,
    ]);
  });

  it("refuses what is no group", async () => {
    const text = await allMergeMoments({} as never, {} as never).catch((error) => error.message);
    assertEquals(
      text,
      "Cannot merge moments of replicas: group must be a group { rank, size, allGather, allReduce } " +
        "with a rank from 0 to below size, got an object of class Object",
    );
  });
});

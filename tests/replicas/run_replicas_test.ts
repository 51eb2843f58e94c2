import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ReplicaGroup, runReplicas } from "../../mod.ts";
import { assertRejected } from "../support/reject.ts";

/** What each replica of three gets to know. */
async function saidOf(run: (group: ReplicaGroup) => Promise<unknown>): Promise<unknown[]> {
  const said: unknown[] = [];
  await runReplicas(3, async (group) => {
    said[group.rank] = await run(group).catch((error) => error.message);
  });
  return said;
}

describe("runReplicas", () => {
  it("gathers in order of rank, arrays of their own", async () => {
    const found = await runReplicas(3, async (group) => {
      const part = Float64Array.from({ length: group.rank }, () => group.rank);
      const all = await group.allGather(part);
      part.fill(9);
      all[2][0] += 10 * (group.rank + 1);
      return all.map((one) => [...one]);
    });
    assertEquals(found, [0, 1, 2].map((rank) => [[], [1], [2 + 10 * (rank + 1), 2]]));
  });

  it("sums into arrays of the same kind, with the same bits everywhere", async () => {
    for (const kind of [Float32Array, Float64Array]) {
      const found = await runReplicas(
        3,
        (group) => group.allReduce(kind.of(0.1, 10 ** group.rank)),
      );
      // In order of rank in float64, and rounded once.
      for (const sums of found) assertEquals(sums, kind.of(0.1 + 0.1 + 0.1, 111));
    }
  });

  it("reads what it is given before the call returns", async () => {
    const found = await runReplicas(2, async (group) => {
      const values = Float64Array.of(1);
      const sum = group.allReduce(values);
      values[0] = 100;
      return [...await sum];
    });
    assertEquals(found, [[2], [2]]);
  });

  it("refuses what is no typed array of its kinds, as MPI does", async () => {
    const proxy = new Proxy(new Float64Array(2), {});
    for (
      const given of [undefined, null, [1, 2], "12", new Int32Array(2), new BigInt64Array(2), proxy]
    ) {
      for (const call of ["allGather", "allReduce"] as const) {
        const [said] = await saidOf((group) => group[call](given as Float64Array));
        const rule = call === "allGather"
          ? "part must be a Float64Array, got "
          : "values must be a Float32Array or a Float64Array, got ";
        assertStringIncludes(`${said}`, `Cannot ${call} over the replicas: ${rule}`);
      }
    }
    const two = (call: unknown) => (call as (...given: number[][]) => Promise<unknown>);
    for (const call of ["allGather", "allReduce"] as const) {
      assertEquals(
        (await saidOf((group) => two(group[call])([], [])))[0],
        `Cannot ${call} over the replicas: arguments must be at most 1, got 2`,
      );
    }
  });

  it("rejects on all where lengths or kinds differ", async () => {
    const text =
      "Cannot meet the other replicas: all must make the same calls in the same order, got ";
    assertEquals(
      await saidOf((group) => group.allReduce(new Float32Array(group.rank === 1 ? 5 : 4))),
      new Array(3).fill(
        `${text}allReduce of 4 numbers of float32 on replica 0 and allReduce of 5 numbers of float32 ` +
          "on replica 1",
      ),
    );
    assertEquals(
      await saidOf((group) =>
        group.allReduce(group.rank === 2 ? new Float64Array(4) : new Float32Array(4))
      ),
      new Array(3).fill(
        `${text}allReduce of 4 numbers of float32 on replica 0 and allReduce of 4 numbers of float64 ` +
          "on replica 2",
      ),
    );
  });

  it("rejects on all where the functions differ", async () => {
    const said = await saidOf(async (group) => {
      if (group.rank === 0) await group.allReduce(new Float64Array(2));
      else await group.allGather(new Float64Array(2));
    });
    assertEquals(
      said,
      new Array(3).fill(
        "Cannot meet the other replicas: all must make the same calls in the same order, got allReduce " +
          "of 2 numbers of float64 on replica 0 and allGather on replica 1",
      ),
    );
  });

  it("rejects those who wait for one that has ended, and goes on for those who had all", async () => {
    const said = await saidOf(async (group) => {
      const first = await group.allReduce(Float64Array.of(1));
      if (group.rank === 1) return "left";
      await group.allGather(first).catch((error) => {
        throw new Error(`first: ${error.message}`);
      });
    });
    const text =
      "first: Cannot meet the other replicas: all must come to each call, got replica 1 ended";
    assertEquals(said, [text, "left", text]);
  });

  it("ends with what the first to fail has thrown, once all have ended", async () => {
    let ended = 0;
    const call = () =>
      runReplicas(3, async (group) => {
        try {
          if (group.rank === 2) throw new RangeError("no more samples");
          await group.allGather(new Float64Array(1));
        } finally {
          ended++;
        }
      });
    await assertRejected(call, RangeError, "no more samples");
    assertEquals(ended, 3);
  });

  it("refuses a wrong size, and what is no function", async () => {
    for (const size of [0, 1.5, -1, NaN]) {
      await assertRejected(
        () => runReplicas(size, () => 1),
        RangeError,
        `Cannot run replicas: size must be an integer >= 1, got ${size}`,
      );
    }
    await assertRejected(
      () => runReplicas(4097, () => 1),
      RangeError,
      "Cannot run replicas: size must be at most 4096, got 4097",
    );
    await assertRejected(
      () => runReplicas(1, 7 as unknown as () => number),
      TypeError,
      "Cannot run replicas: run must be a function, got 7",
    );
  });
});

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isCommon } from "../../ops/replicas/common_error.ts";
import { groupOf } from "../../ops/mpi/group.ts";
import type { MpiGroup } from "../../ops/mpi/mpi_group.ts";
import { Replica } from "../../ops/mpi/replica.ts";
import { runReplicas } from "../../ops/replicas/mod.ts";
import { FakeMpi } from "./fakes.ts";

/** One of several replicas. */
interface One {
  readonly group: MpiGroup;
  readonly mpi: FakeMpi;
  readonly replica: Replica;
}

function together<T>(size: number, run: (one: One) => Promise<T>): Promise<T[]> {
  return runReplicas(size, (inner) => {
    const mpi = new FakeMpi(inner);
    const replica = new Replica(mpi);
    return run({ group: groupOf(mpi, "a version", replica), mpi, replica });
  });
}

async function errorOf(call: () => Promise<unknown>): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("no error");
}

const ENDED = "Cannot meet the other replicas: all must come to each call, got replica 1 ended";
const USED = "Cannot use the group: it must not have been finalized, got one that has";

describe("a group over MPI", () => {
  it("says who it is", async () => {
    const seen = await together(
      2,
      ({ group }) => Promise.resolve([group.rank, group.size, group.version]),
    );
    assertEquals(seen, [[0, 2, "a version"], [1, 2, "a version"]]);
  });

  it("exchanges headers, then calls MPI, one call after another", async () => {
    const [calls] = await together(2, async ({ group, mpi }) => {
      const { allGather, allReduce, barrier } = group;
      await Promise.all([
        allGather(new Float64Array(group.rank)),
        allReduce(Float32Array.of(1)),
        barrier(),
      ]);
      return mpi.calls;
    });
    assertEquals(calls, ["exchange", "gather 0,1", "exchange", "sum", "exchange"]);
  });

  it("goes on after calls that differ", async () => {
    const results = await together(2, async ({ group }) => {
      const error = await errorOf(() =>
        group.rank === 0 ? group.barrier() : group.allReduce(Float32Array.of(1))
      );
      assert(isCommon(error));
      const [sum] = await group.allReduce(Float64Array.of(2));
      return [error.message, sum];
    });
    assertEquals(results[0], results[1]);
    assertEquals(results[0][1], 4);
  });

  it("refuses what is no array of the kind, and codes that are none", async () => {
    await together(1, async ({ group, mpi }) => {
      const action = "over the replicas";
      for (const part of [new Float32Array(1), [1], null, "x"]) {
        const error = await errorOf(() => group.allGather(part as unknown as Float64Array));
        assert(error instanceof TypeError);
        assert(
          error.message.startsWith(`Cannot allGather ${action}: part must be a Float64Array, `),
        );
      }
      for (const values of [new Int32Array(1), [1], undefined]) {
        const error = await errorOf(() => group.allReduce(values as unknown as Float32Array));
        assert(error instanceof TypeError);
        const rule = "values must be a Float32Array or a Float64Array, got ";
        assert(error.message.startsWith(`Cannot allReduce ${action}: ${rule}`), error.message);
      }
      const { allGather, allReduce, barrier } = group as unknown as Record<
        string,
        (...args: unknown[]) => Promise<unknown>
      >;
      const one = new Float64Array(1);
      for (const [most, call] of [[1, allGather], [1, allReduce], [0, barrier]] as const) {
        const { message } = await errorOf(() => call(...[one, one].slice(0, most + 1)));
        const rule = `arguments must be at most ${most}, got ${most + 1}`;
        assert(message.endsWith(rule), message);
      }
      for (const code of [0, 256, 1.5, NaN, "1"]) {
        assertThrows(
          () => group.abort(code as number),
          RangeError,
          "Cannot abort the replicas: code must be an integer from 1 to 255, got",
        );
      }
      assertEquals(mpi.calls, []);
      group.abort();
      group.abort(255);
      assertEquals(mpi.calls, ["abort 1", "abort 255"]);
    });
  });

  it("ends when all have, and MPI with the program", async () => {
    await together(3, async ({ group, mpi, replica }) => {
      assertEquals(replica.ended, false);
      await Promise.all([group.barrier(), group.finalize()]);
      await group.finalize();
      await group[Symbol.asyncDispose]();
      assertEquals(mpi.calls, ["exchange", "exchange"]);
      assertEquals([replica.ended, replica.finalized], [true, false]);
      await replica.leave();
      assertEquals(mpi.calls, ["exchange", "exchange", "finalize"]);
      assertEquals(replica.finalized, true);
      const error = await errorOf(() => group.barrier());
      assertEquals(error.message, USED);
      assert(!isCommon(error));
    });
  });

  it("rejects for good where another has ended, and ends with the last of them", async () => {
    await together(3, async ({ group, mpi, replica }) => {
      const odd = group.rank === 1;
      const error = await errorOf(() => odd ? group.finalize() : group.barrier());
      assertEquals(error.message, ENDED);
      assert(isCommon(error));
      const later = await errorOf(() => group.allReduce(Float32Array.of(1)));
      assertEquals(later.message, odd ? USED : ENDED);
      assertEquals(isCommon(later), !odd);
      if (!odd) await group.finalize();
      assertEquals(mpi.calls, ["exchange"]);
      assertEquals(replica.ended, false);
      await replica.leave();
      assertEquals(mpi.calls, ["exchange", "exchange", "finalize"]);
    });
  });

  it("hides no exception when it is disposed of", async () => {
    await together(2, async ({ group, mpi, replica }) => {
      if (group.rank === 1) await group[Symbol.asyncDispose]();
      else assertEquals((await errorOf(() => group.barrier())).message, ENDED);
      await replica.leave();
      assertEquals(mpi.calls.at(-1), "finalize");
    });
  });

  it("asks nothing more of MPI once it has failed", async () => {
    await together(1, async ({ group, mpi, replica }) => {
      const failure = new Error("MPI_ERR_OTHER");
      mpi.failure = failure;
      for (const call of [group.barrier, group.barrier, group.finalize]) {
        assertEquals(await errorOf(call), failure);
      }
      assert(isCommon(failure));
      await group[Symbol.asyncDispose]();
      assertEquals(mpi.calls, ["exchange"]);
      await replica.leave();
      assertEquals(mpi.calls, ["exchange", "abort 1"]);
    });
  });

  it("takes no argument too many", async () => {
    await together(1, async ({ group }) => {
      const more = (call: unknown, ...args: unknown[]) =>
        assertRejects(() => (call as (...args: unknown[]) => Promise<unknown>)(...args), TypeError);
      await more(group.allGather, new Float64Array(1), 1);
      await more(group.allReduce, new Float64Array(1), 1);
      await more(group.barrier, 1);
      await more(group.finalize, 1);
    });
  });
});

describe("an error of several replicas", () => {
  it("is found as the cause of another, also in a circle", async () => {
    const [common] = await together(
      2,
      ({ group }) =>
        errorOf(() => group.rank === 0 ? group.barrier() : group.allGather(new Float64Array(1))),
    );
    assert(isCommon(new Error("step 3 failed", { cause: new Error("x", { cause: common }) })));
    const circle = new Error("x");
    circle.cause = circle;
    for (const other of [circle, new Error("x"), "x", null, undefined]) assert(!isCommon(other));
  });
});

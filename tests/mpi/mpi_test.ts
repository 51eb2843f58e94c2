import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { beginMpi } from "../../ops/mpi/mpi.ts";
import { FakeDeno } from "./fakes.ts";

const ERROR = "MPI_ERR_OTHER: known error not in list";

/** A library of MPI whose process is rank 1 of 2, with some of its functions replaced. */
function begin(replaced: Readonly<Record<string, unknown>> = {}) {
  const set = (value: number) => (...args: unknown[]) => {
    (args.at(-1) as Int32Array)[0] = value;
    return 0;
  };
  const library = {
    MPI_Initialized: set(0),
    MPI_Init_thread: set(2),
    MPI_Comm_set_errhandler: () => 0,
    MPI_Comm_rank: set(1),
    MPI_Comm_size: set(2),
    MPI_Error_string: (_code: number, text: Uint8Array, length: Int32Array) => {
      text.set(new TextEncoder().encode(ERROR));
      length[0] = ERROR.length;
      return 0;
    },
    MPI_Abort: () => 0,
    MPI_Barrier: () => 0,
    MPI_Finalize: () => 0,
    MPI_Allgather: () => Promise.resolve(0),
    MPI_Allgatherv: () => Promise.resolve(0),
    MPI_Allreduce: () => Promise.resolve(0),
    ...replaced,
  };
  const deno = new FakeDeno({ "mpi.so": library });
  return beginMpi(deno, { path: "mpi.so", version: "MPICH" }, "mpich");
}

describe("MPI's functions", () => {
  it("say who this process is, and whether threads may call them", () => {
    const { rank, size, threads } = begin();
    assertEquals([rank, size, threads], [1, 2, true]);
    const single = (..._args: unknown[]) => 0; // provides level 0, MPI_THREAD_SINGLE
    assertEquals(begin({ MPI_Init_thread: single }).threads, false);
  });

  it("begin once in a process", () => {
    const begun = (flag: Int32Array) => {
      flag[0] = 1;
      return 0;
    };
    assertThrows(
      () => begin({ MPI_Initialized: begun }),
      Error,
      "Cannot open MPI: it must be opened once in a process, got one where it has been",
    );
  });

  it("throw MPI's errors with its text", async () => {
    const failing = () => 15;
    const later = () => Promise.resolve(15);
    const text = (name: string) => `Cannot call ${name}: it must succeed, got ${ERROR}`;
    for (const name of ["MPI_Init_thread", "MPI_Comm_rank", "MPI_Comm_set_errhandler"]) {
      assertThrows(() => begin({ [name]: failing }), Error, text(name));
    }
    const one = Float64Array.of(1);
    const { exchange, gather, sum } = {
      exchange: () => begin({ MPI_Allgather: later }).exchange(one),
      gather: () => begin({ MPI_Allgatherv: later }).gather(one, [1, 1]),
      sum: () => begin({ MPI_Allreduce: later }).sum(one),
    };
    await assertRejects(exchange, Error, text("MPI_Allgather"));
    await assertRejects(gather, Error, text("MPI_Allgatherv"));
    await assertRejects(sum, Error, text("MPI_Allreduce"));
    assertThrows(
      () => begin({ MPI_Finalize: failing }).finalize(),
      Error,
      text("MPI_Finalize"),
    );
  });

  it("are not called for nothing, nor given an empty array", async () => {
    const lengths: number[] = [];
    const gatherv = (sent: Float64Array) => {
      lengths.push(sent.length);
      return Promise.resolve(0);
    };
    const mpi = begin({ MPI_Allgatherv: gatherv, MPI_Allreduce: () => Promise.resolve(15) });
    const none = new Float64Array(0);
    assertEquals((await mpi.gather(none, [0, 0])).map(({ length }) => length), [0, 0]);
    assertEquals((await mpi.sum(none)).length, 0);
    assertEquals((await mpi.gather(none, [3, 0])).map(({ length }) => length), [3, 0]);
    assertEquals(lengths, [1]);
  });
});

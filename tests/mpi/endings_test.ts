import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { asCommon } from "../../ops/replicas/common_error.ts";
import { type Scope, watchEnd } from "../../ops/mpi/endings.ts";
import { Replica } from "../../ops/mpi/replica.ts";
import type { ReplicaGroup } from "../../ops/replicas/mod.ts";
import { FakeDeno, FakeMpi } from "./fakes.ts";

type Ending = Parameters<Parameters<Scope["addEventListener"]>[1]>[0];

/** A group of which only this replica is here; the others end when it does. */
function groupOf(rank: number, size: number): ReplicaGroup {
  return {
    rank,
    size,
    allGather: (part) => Promise.resolve(Array.from({ length: size }, () => part)),
    allReduce: (values) => Promise.resolve(values),
  };
}

/** A process that is watched. */
class Watched {
  readonly deno = new FakeDeno({});
  readonly mpi: FakeMpi;
  readonly replica: Replica;
  readonly #target: EventTarget;

  constructor(rank: number, size: number, target: EventTarget = new EventTarget()) {
    this.#target = target;
    this.mpi = new FakeMpi(groupOf(rank, size));
    this.replica = new Replica(this.mpi);
    watchEnd(this.#target as unknown as Scope, this.deno, this.mpi, this.replica);
  }

  /** Dispatches an event as Deno does; `false` if what Deno does next was prevented. */
  dispatch(type: string, fields: Partial<Ending> = {}): boolean {
    return this.#target.dispatchEvent(
      Object.assign(new Event(type, { cancelable: true }), fields),
    );
  }
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("the end of a program", () => {
  it("prints an error that nothing has caught, then ends all", () => {
    for (
      const [type, field, what] of [
        ["unhandledrejection", "reason", "Uncaught (in promise)"],
        ["error", "error", "Uncaught"],
      ] as const
    ) {
      const { deno, mpi, dispatch } = bound(new Watched(2, 4));
      assertEquals(dispatch(type, { [field]: new Error("x") }), false);
      assertEquals(deno.printed, `error: ${what} on replica 2 of 4: Error: x\n`);
      assertEquals(mpi.calls, ["abort 1"]);
      assertEquals(deno.codes, [1]);
    }
  });

  it("leaves errors to a listener that has prevented the default", () => {
    const target = new EventTarget();
    target.addEventListener("error", (event) => event.preventDefault());
    const { mpi, dispatch } = bound(new Watched(0, 2, target));
    assertEquals(dispatch("error", { error: new Error("x") }), false);
    assertEquals(mpi.calls, []);
  });

  it("lets an error of several replicas wait, longer for each rank", async () => {
    const first = bound(new Watched(0, 4));
    const last = bound(new Watched(3, 4));
    for (const { dispatch } of [first, last]) {
      assertEquals(dispatch("unhandledrejection", { reason: asCommon(new Error("x")) }), false);
    }
    await wait(1700);
    assertEquals([first.mpi.calls, last.mpi.calls], [[], []]);
    await wait(600);
    assertEquals([first.mpi.calls, last.mpi.calls], [["abort 1"], []]);
    await wait(700);
    assertEquals(last.mpi.calls, ["abort 1"]);
  });

  it("ends all at Deno.exit, unless the replicas have ended and its code is 0", async () => {
    const early = bound(new Watched(1, 2));
    early.dispatch("unload");
    const text = "error: Deno.exit on replica 1 of 2 before the group was finalized\n";
    assertEquals([early.deno.printed, early.mpi.calls], [text, ["abort 1"]]);
    const late = bound(new Watched(1, 2));
    await late.replica.end();
    late.dispatch("unload");
    assertEquals([late.deno.printed, late.mpi.calls], ["", ["exchange", "finalize"]]);
    late.dispatch("unload");
    assert(late.dispatch("error", { error: new Error("x") }));
    assertEquals([late.deno.printed, late.mpi.calls], ["", ["exchange", "finalize"]]);
    const failed = bound(new Watched(1, 2));
    await failed.replica.end();
    failed.deno.exitCode = 7;
    failed.dispatch("unload");
    assertEquals([failed.deno.printed, failed.mpi.calls], ["", ["exchange", "abort 7"]]);
  });

  it("ends all at an error after the replicas have ended, while MPI goes on", async () => {
    const { replica, mpi, dispatch } = bound(new Watched(1, 2));
    await replica.end();
    assertEquals(dispatch("error", { error: new Error("x") }), false);
    assertEquals(mpi.calls, ["exchange", "abort 1"]);
  });

  it("ends MPI where the program comes to its end", async () => {
    for (const size of [1, 2]) {
      const { mpi, dispatch } = bound(new Watched(0, size));
      assertEquals(dispatch("beforeunload"), false);
      await wait(0);
      assertEquals(mpi.calls, ["exchange", "finalize"]);
      // Deno asks again when all is done.
      assertEquals(dispatch("beforeunload"), true);
      assertEquals(mpi.calls, ["exchange", "finalize"]);
    }
  });

  it("leaves errors and exits of one process alone to Deno", () => {
    const { mpi, dispatch } = bound(new Watched(0, 1));
    assertEquals(dispatch("error", { error: new Error("x") }), true);
    assertEquals(dispatch("unhandledrejection", { reason: new Error("x") }), true);
    dispatch("unload");
    assertEquals(mpi.calls, []);
  });
});

/** With a `dispatch` that can be taken out of it. */
function bound(watched: Watched) {
  const { deno, mpi, replica } = watched;
  return { deno, mpi, replica, dispatch: watched.dispatch.bind(watched) };
}

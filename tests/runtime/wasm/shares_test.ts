import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { countersOf, partsFor, TAKE_PART, takePart } from "../../../ops/runtime/wasm/shares.ts";
import { withReplaced } from "../../support/replaced.ts";

/** Work that notes which tasks it was given. */
function worked(tasks: readonly number[]) {
  const ranges: [group: number, start: number, end: number][] = [];
  const groups = tasks.map((tasks, group) => ({
    run: (_base: number, _panels: number, start: number, end: number) => {
      ranges.push([group, start, end]);
    },
    tasks,
  }));
  return { groups, ranges };
}

describe("shares", () => {
  it("are all the calling thread's where nobody helps, each group after the one before", () => {
    const { groups, ranges } = worked([7, 1]);
    takePart(groups, countersOf(2), partsFor(2), 0, 0);
    assertEquals(ranges, [[0, 0, 1], [0, 1, 3], [0, 3, 5], [0, 5, 7], [1, 0, 1]]);
  });

  it("wake those who wait for the last part of a group, on either side", async () => {
    const { groups } = worked([7, 1]);
    const others = new Function("groups", "counters", "most", "base", "panels", TAKE_PART);
    for (const side of [takePart, others]) {
      const woken: number[] = [];
      const notify = (_: unknown, at: number) => woken.push(at);
      await withReplaced(Atomics, "notify", notify, () => {
        side(groups, countersOf(2), partsFor(2), 0, 0);
        return Promise.resolve();
      });
      assertEquals(woken, [2, 4]);
    }
  });

  it("that others have taken and done are left out", () => {
    const { groups, ranges } = worked([8]);
    const counters = countersOf(1);
    counters.set([0, 3, 3]);
    takePart(groups, counters, 4, 0, 0);
    assertEquals(ranges, [[0, 6, 8]]);
  });

  it("are none for a thread that comes too late", () => {
    const { groups, ranges } = worked([8, 8]);
    const counters = countersOf(2);
    takePart(groups, counters, 4, 0, 0);
    const { length } = ranges;
    // What threads are given as text does the same.
    const others = new Function("groups", "counters", "most", "base", "panels", TAKE_PART);
    others(groups, counters, 4, 0, 0);
    takePart(groups, counters, 4, 0, 0);
    assertEquals(ranges.length, length);
  });

  it("of a thread that failed are an error", () => {
    const { groups } = worked([2]);
    const failing = [{ ...groups[0], run: () => assertEquals(1, 2) }];
    const counters = countersOf(1);
    const others = new Function("groups", "counters", "most", "base", "panels", TAKE_PART);
    assertThrows(() => others(failing, counters, 2, 0, 0));
    assertThrows(() => takePart(groups, counters, 2, 0, 0), Error, "a thread has failed");
  });

  it("of a thread that is gone are an error, in the end", async () => {
    const { groups } = worked([2]);
    const counters = countersOf(1);
    Atomics.add(counters, 1, 1);
    let time = 0;
    await withReplaced(performance, "now", () => time += 1000, () => {
      assertThrows(
        () => takePart(groups, counters, 2, 0, 0),
        Error,
        "no part was done in 60000 ms",
      );
      return Promise.resolve();
    });
  });
});

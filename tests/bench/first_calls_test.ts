import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { timeFirstCalls, verdictOn } from "../../bench/first_calls.ts";

describe("a bar of first calls", () => {
  it("holds the median", () => {
    assertEquals(verdictOn("gdn", 60, [70, 50, 59]), {
      what: "gdn",
      bar: "<= 60 ms",
      measured: "59 ms, at the least 50 ms",
      outcome: "met",
    });
    assertEquals(verdictOn("gdn", 60, [61, 62, 60]).outcome, "MISSED");
  });

  it("is not judged where other work ran beside it", () => {
    assertEquals(verdictOn("gdn", 60, [90, 80, 50]).outcome, "unsteady");
  });
});

describe("first calls", () => {
  it("are timed in processes of their own, in turn", async () => {
    for (const { what, times } of await timeFirstCalls(1)) {
      assertEquals(times.length, 1, what);
      assertEquals(times[0] > 0 && times[0] < 60_000, true, `${what}: ${times[0]}`);
    }
  });
});

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { longerBy } from "../../bench/longer.ts";
import { timesInTurn } from "../../bench/turns.ts";

describe("ways in turn", () => {
  it("each begin a round in their turn, and those of the warm-up are not timed", async () => {
    const order: string[] = [];
    const ways = ["a", "b", "c"].map((name) => () => order.push(name));
    const times = await timesInTurn(ways, { rounds: 2, warmUp: 1 });
    assertEquals(times.map(({ length }) => length), [2, 2, 2]);
    assertEquals(order.join(""), "abc" + "bca" + "cab");
  });
});

describe("verdicts on two ways", () => {
  const times = (lower: number, upper: number) => [lower, lower, lower, upper, upper, upper];
  const verdict = (other: readonly number[]) =>
    longerBy("a norm", 1.05, times(10, 10), other).outcome;

  it("allow a twentieth, and do not judge what medians and lower eighths disagree about", () => {
    assertEquals(verdict(times(10, 10.4)), "met");
    assertEquals(verdict(times(12, 12)), "MISSED");
    assertEquals(verdict(times(10, 14)), "unsteady");
  });
});

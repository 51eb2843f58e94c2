import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { longerBy, timedInTurn } from "../../bench/in_turn.ts";

describe("two ways in turn", () => {
  it("each go first in every other round", async () => {
    const order: string[] = [];
    const [one, other] = await timedInTurn(() => order.push("one"), () => order.push("other"));
    assertEquals(one.length, other.length);
    assertEquals(order.slice(0, 8).join(" "), "one other other one one other other one");
    assertEquals(order.length, 2 * (one.length + 10));
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

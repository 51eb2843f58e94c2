import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { random } from "../support/random.ts";
import { type Sample, trendsOf } from "./growth.ts";

/** One sample a second for a minute. */
function samplesOf(value: (second: number) => number): Sample[] {
  return Array.from(
    { length: 61 },
    (_, seconds) => ({ seconds, values: { held: value(seconds) } }),
  );
}

function grows(value: (second: number) => number, allowed = 10): boolean {
  return trendsOf(samplesOf(value), { held: allowed })[0].grows;
}

describe("growth", () => {
  const next = random(1);

  it("is a line that rises by more than is allowed, with noise and without", () => {
    assertEquals(grows((second) => second), true);
    assertEquals(grows((second) => second + 20 * next()), true);
    assertEquals(grows((second) => second / 5), false);
    assertEquals(grows((second) => second, 50), false);
  });

  it("is a flight of steps", () => {
    assertEquals(grows((second) => 25 * Math.floor(second / 10)), true);
  });

  it("is no warm-up, peak, noise or fall", () => {
    assertEquals(grows((second) => second < 20 ? 100 * second : 2000), false);
    assertEquals(grows((second) => second === 60 ? 500 : 0), false);
    assertEquals(grows(() => 50 * next()), false);
    assertEquals(grows((second) => -second), false);
  });

  it("is told in numbers", () => {
    const [{ name, gained, raised, allowed }] = trendsOf(samplesOf((second) => second), {
      held: 9,
    });
    assertEquals([name, Math.round(gained), raised, allowed], ["held", 40, 31, 9]);
  });

  it("needs samples", () => {
    assertThrows(
      () => trendsOf(samplesOf(() => 0).slice(0, 10), { held: 1 }),
      RangeError,
      "Cannot judge growth: there must be 8 samples after the warm-up, got 7",
    );
  });
});

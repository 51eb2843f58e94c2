import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Measured, verdictOn } from "../../bench/channels.ts";
import { lowerEighth } from "../../bench/statistics.ts";
import { packedTile, registers, type Yardstick } from "../../bench/yardsticks.ts";

const measured = (ours: number, tile: readonly number[]): Measured => ({
  size: { channels: 128, positions: 100, atLeast: 0.85 },
  format: "NHWC",
  operations: 1e7,
  ours: Array.from({ length: 16 }, () => ours),
  tile,
});
const steady = Array.from({ length: 16 }, () => 9);

describe("yardsticks of the engine", () => {
  it("multiply and add as often as they say, in each of the turns", () => {
    const turns = 3;
    const sums = ({ memory }: Yardstick) =>
      new Float32Array(memory.buffer, 0, 32).reduce((sum, lane) => sum + lane);
    for (const fused of [true, false]) {
      const tile = packedTile({ fused });
      new Float32Array(tile.memory.buffer).fill(1);
      tile.run(turns);
      assertEquals(sums(tile), turns * tile.operations / 2);
      // A half is added each time, and a factor is 1.0001.
      const alone = registers(8, { fused });
      alone.run(turns);
      const halves = turns * alone.operations / 4;
      assert(Math.abs(sums(alone) / halves - 1) < 1e-3, `${sums(alone)} for ${halves}`);
    }
    assertEquals(packedTile().operations, 2 * 4 * 4 * 2 * 192);
    assertEquals(registers(12, { fused: true }).operations, 2 * 4 * 4 * 12);
  });
});

describe("the lower eighth", () => {
  it("has an eighth of the values below it", () => {
    assertEquals(lowerEighth([8, 7, 6, 5, 4, 3, 2, 1]), 2);
    assertEquals(lowerEighth([3, 1, 2]), 1);
    assertThrows(() => lowerEighth([]), RangeError, "there must be values, got 0");
  });
});

describe("verdicts on channels", () => {
  it("are the tile's time over ours", () => {
    const { bar, measured: text, outcome } = verdictOn(measured(10, steady));
    assertEquals([bar, outcome], [">= 85 %", "met"]);
    assertEquals(text, "90 %: 1.0 to 1.1 GFLOP/s, medians 90 %");
    assertEquals(verdictOn(measured(11, steady)).outcome, "MISSED");
  });

  it("are none where the tile was disturbed", () => {
    const disturbed = steady.map((time, i) => i < 4 ? time : 2 * time);
    assertEquals(verdictOn(measured(10, disturbed)).outcome, "unsteady");
  });
});

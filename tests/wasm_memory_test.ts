import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Arena, Arenas } from "../ops/runtime/wasm/arena.ts";

describe("an arena", () => {
  it("never gives two blocks the same bytes, and ends as free as it began", () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 200_000 })), {
      maxLength: 60,
    });
    fc.assert(fc.property(steps, (steps) => {
      const arena = new Arena(32, false);
      const blocks: { start: number; end: number }[] = [];
      for (const [takes, number] of steps) {
        if (takes) {
          const start = arena.take(number);
          if (start === undefined) continue;
          assert(blocks.every((block) => start + number <= block.start || start >= block.end));
          blocks.push({ start, end: start + number });
        } else if (blocks.length > 0) {
          arena.give(blocks.splice(number % blocks.length, 1)[0].start);
        }
      }
      blocks.forEach(({ start }) => arena.give(start));
      // All gaps have joined again: what is left is one block.
      const whole = 32 * 65536 - 65536 - 64;
      const start = arena.take(whole);
      assertEquals(start, 64);
    }));
  });

  it("says when it is full", () => {
    const arena = new Arena(2, false);
    assertEquals(arena.take(2 * 65536), undefined);
    assertEquals(arena.take(65536 - 64), 64);
    assertEquals(arena.take(1), undefined);
  });
});

describe("arenas", () => {
  it("tell live data from dead", () => {
    const arenas = new Arenas(false);
    const data = arenas.allocate(10);
    assert(arenas.locate(data) !== undefined);
    assertEquals(arenas.locate(new Float32Array(10)), undefined);
    arenas.release(data);
    arenas.release(data);
    assertThrows(() => arenas.locate(data), TypeError, "a tensor whose life has ended");
  });

  it("refuse what no memory can hold", () => {
    assertThrows(
      () => new Arenas(false).allocate(2 ** 30),
      RangeError,
      "Cannot run on wasm: the tensors of one plan must fit in 4294770688 bytes, got 4294967296",
    );
  });
});

import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { loadGpu } from "../../../ops/runtime/gpu/library.ts";
import { Arena, Arenas } from "../../../ops/runtime/wasm/arena.ts";
import { createWasmExecutor } from "../../../ops/runtime/wasm/executor.ts";
import { openStock } from "../../../ops/runtime/wasm/stock_steps.ts";
import { isCollected } from "../../support/garbage.ts";
import { GuardedArena } from "../../support/guarded_arena.ts";

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

describe("a wasm executor", () => {
  it("lets go of its memory when it is disposed, also if it is kept itself", async () => {
    const arenas: WeakRef<Arena>[] = [];
    class Watched extends Arena {
      constructor(pages: number, shared: boolean) {
        super(pages, shared);
        arenas.push(new WeakRef<Arena>(this));
      }
    }
    const executor = createWasmExecutor({ arena: Watched });
    executor.release!(executor.allocate!(10));
    assertEquals(await Promise.all(arenas.map(isCollected)), [false]);
    await executor.dispose();
    assertEquals(await Promise.all(arenas.map(isCollected)), [true]);
    assertEquals(executor.bytes, 0);
  });
});

describe("a guarded arena", () => {
  const taken = () => {
    const arena = new GuardedArena(4, false);
    const one = arena.take(10);
    const other = arena.take(64);
    return { arena, one: one!, other: other! };
  };

  it("gives blocks of NaN that may be written as a whole", () => {
    const { arena, one, other } = taken();
    assertEquals(arena.view(one, 3), new Float32Array(3).fill(NaN));
    arena.view(one, 3).fill(1);
    arena.view(other, 16).fill(2);
    arena.give(one);
    assertEquals(arena.view(one, 3), new Float32Array(3).fill(NaN));
    arena.give(other);
    assertEquals(arena.take(10), one);
  });

  it("sees a write before or behind any block", () => {
    for (const [offset, text] of [[-1, "4 bytes before"], [3, "0 bytes behind"]] as const) {
      const { arena, one, other } = taken();
      arena.view(one, 1);
      arena.floats[one / 4 + offset] = NaN;
      assertThrows(
        () => arena.give(other),
        Error,
        `Cannot go on: nothing must be written outside of a block, got a write ${text} one of 12`,
      );
    }
  });

  it("refuses to give back what is no block", () => {
    const { arena, one } = taken();
    assertThrows(() => arena.give(one + 4), Error, "Cannot give a block back");
    arena.give(one);
    assertThrows(() => arena.give(one), Error, "Cannot give a block back");
  });

  it("is what the runtimes of the tests have", async () => {
    const library = await loadGpu();
    const executor = createWasmExecutor({ arena: GuardedArena }, undefined, openStock(library));
    const data = executor.allocate!(4);
    new Float32Array(data.buffer, data.byteOffset + 16, 1)[0] = 1;
    assertThrows(() => executor.release!(data), Error, "got a write 0 bytes behind one of 16");
    await executor.dispose();
  });
});

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Recycler } from "../../../ops/runtime/wasm/recycler.ts";

const MIB = 2 ** 20;
const numbers = (length: number) => Float32Array.from({ length }, (_, i) => i + 1);

describe("a recycler", () => {
  it("copies into memory of the very size that was handed back, and into each but once", () => {
    const recycler = new Recycler();
    const buffer = new ArrayBuffer(16);
    recycler.give(buffer);
    const first = recycler.copy(numbers(4));
    const second = recycler.copy(numbers(4));
    assert(first.buffer === buffer && second.buffer !== buffer);
    assertEquals([first, second, recycler.bytes], [numbers(4), numbers(4), 0]);
  });

  it("leaves smaller and larger memory alone", () => {
    const recycler = new Recycler();
    recycler.give(new ArrayBuffer(12));
    recycler.give(new ArrayBuffer(20));
    const copy = recycler.copy(numbers(4));
    assertEquals([copy.length, copy.buffer.byteLength, recycler.bytes], [4, 16, 32]);
  });

  it("keeps at most 256 MiB, and lets go first of what came first", () => {
    const recycler = new Recycler();
    const buffers = [100, 101, 56, 1].map((size) => new ArrayBuffer(size * MIB));
    const held = buffers.map((buffer) => {
      recycler.give(buffer);
      return recycler.bytes / MIB;
    });
    assertEquals(held, [100, 201, 157, 158]);
    const found = buffers.map(({ byteLength }) => {
      const before = recycler.bytes;
      recycler.copy(new Float32Array(new ArrayBuffer(byteLength)));
      return recycler.bytes < before;
    });
    assertEquals(found, [false, true, true, true]);
    recycler.give(new ArrayBuffer(256 * MIB));
    assertEquals(recycler.bytes, 256 * MIB);
  });

  it("takes what was handed back last, which is still warm", () => {
    const recycler = new Recycler();
    const [first, last] = [new ArrayBuffer(8), new ArrayBuffer(8)];
    recycler.give(first);
    recycler.give(last);
    assert(recycler.copy(numbers(2)).buffer === last);
    assert(recycler.copy(numbers(2)).buffer === first);
  });
});

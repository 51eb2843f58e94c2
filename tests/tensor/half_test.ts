import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { even, fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from "../../ops/tensor/half.ts";

describe("float16", () => {
  it("is the same there and back for all bits", () => {
    for (let half = 0; half < 65536; half++) {
      const value = fromFloat16(half);
      if (Number.isNaN(value)) assert(Number.isNaN(fromFloat16(toFloat16(value))));
      else assertEquals(toFloat16(value), half);
    }
  });

  it("has the numbers of the standard", () => {
    // IEEE 754 binary16: 1, -2, the largest, the least normal and the least of all.
    assertEquals([0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001].map(fromFloat16), [
      1,
      -2,
      65504,
      2 ** -14,
      2 ** -24,
    ]);
    assertEquals([0x7c00, 0xfc00].map(fromFloat16), [Infinity, -Infinity]);
    assert(Object.is(fromFloat16(0x8000), -0));
  });

  it("rounds to the nearest, and to even half-way", () => {
    for (let half = 0; half < 0x7bff; half++) {
      const low = fromFloat16(half);
      const high = fromFloat16(half + 1);
      const middle = (low + high) / 2;
      assertEquals(toFloat16(middle), half % 2 === 0 ? half : half + 1);
      assertEquals(toFloat16(Math.fround(middle * (1 - 1e-7))), half);
      assertEquals(toFloat16(Math.fround(middle * (1 + 1e-7))), half + 1);
    }
    assertEquals([65519.996, 65520, 1e9].map(toFloat16), [0x7bff, 0x7c00, 0x7c00]);
  });
});

describe("bfloat16", () => {
  it("is the same there and back for all bits", () => {
    for (let half = 0; half < 65536; half++) {
      const value = fromBfloat16(half);
      if (Number.isNaN(value)) assert(Number.isNaN(fromBfloat16(toBfloat16(value))));
      else assertEquals(toBfloat16(value), half);
    }
  });

  it("rounds to the nearest, and to even half-way", () => {
    // 1 and its next, 1 + 2^-7; between them 1 + 2^-8.
    assertEquals([1, 1 + 2 ** -8, 1 + 2 ** -8 + 2 ** -20, 1 + 3 * 2 ** -8].map(toBfloat16), [
      0x3f80,
      0x3f80,
      0x3f81,
      0x3f82,
    ]);
    assertEquals(toBfloat16(3.4028234663852886e38), 0x7f80);
  });
});

describe("rounding to even", () => {
  it("rounds halves to even numbers and the rest to the nearest", () => {
    assertEquals([0.5, 1.5, 2.5, 2.4999, 2.6, -0.5, -1.5, 7].map(even), [0, 2, 2, 2, 3, -0, -2, 7]);
  });
});

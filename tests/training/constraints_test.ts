import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { tensor } from "../../mod.ts";
import { maxNorm, minMaxNorm, nonNeg, unitNorm } from "../../ops/training/mod.ts";
import { assertClose } from "../support/close.ts";

describe("constraints", () => {
  const t = tensor([[3, 0], [-4, 2]]); // norms of columns 5 and 2, of rows 3 and sqrt(20)

  it("raise negative elements to 0", () => {
    assertEquals(nonNeg()(t), tensor([[3, 0], [0, 2]]));
  });

  it("shorten columns, rows, or the whole", () => {
    assertClose(maxNorm({ max: 2.5 })(t).data, [1.5, 0, -2, 2], 1e-6);
    assertClose(maxNorm({ max: 1, axis: -1 })(t).data, [
      1,
      0,
      -4 / Math.sqrt(20),
      2 / Math.sqrt(20),
    ], 1e-6);
    assertClose(
      maxNorm({ axis: [0, 1] })(t).data,
      [3, 0, -4, 2].map((v) => 2 * v / Math.sqrt(29)),
      1e-6,
    );
  });

  it("give norm 1", () => {
    assertClose(unitNorm()(t).data, [0.6, 0, -0.8, 1], 1e-6);
  });

  it("bring norms between limits, some of the way", () => {
    assertClose(minMaxNorm({ min: 3, max: 4 })(t).data, [2.4, 0, -3.2, 3], 1e-6);
    assertClose(minMaxNorm({ min: 3, max: 4, rate: 0.5 })(t).data, [2.7, 0, -3.6, 2.5], 1e-6);
    assertClose(minMaxNorm({ rate: 0 })(t).data, t.data, 1e-6);
  });

  it("keep zeros", () => {
    assertEquals(unitNorm()(tensor([0, 0])), tensor([0, 0]));
  });

  it("leave their input as it was", () => {
    for (const constraint of [nonNeg(), maxNorm(), unitNorm(), minMaxNorm()]) {
      const input = tensor([3, -4]);
      constraint(input).data.fill(9);
      assertEquals(input, tensor([3, -4]));
    }
  });

  it("refuse what is out of their domain", () => {
    const texts = [
      assertThrows(() => maxNorm({ max: -1 }), RangeError).message,
      assertThrows(() => minMaxNorm({ min: 2, max: 1 }), RangeError).message,
      assertThrows(() => minMaxNorm({ rate: 2 }), RangeError).message,
      assertThrows(() => unitNorm({ axis: 2 })(t), RangeError).message,
      assertThrows(() => unitNorm({ axis: [0, -2] })(t), TypeError).message,
    ];
    assertEquals(texts, [
      "Cannot make a constraint: max must be a finite number >= 0, got -1",
      "Cannot make a constraint: max must be >= min, got 1 and 2",
      "Cannot make a constraint: rate must be from 0 to 1, got 2",
      "Cannot constrain: axis must be an integer from -2 to 1, got 2",
      "Cannot constrain: axis must name every axis once, got [0, -2]",
    ]);
  });
});

import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { assertClose, assertCloseEach, largest, worst } from "./close.ts";

describe("assertClose", () => {
  it("takes what is within the tolerance, and the same infinities", () => {
    assertClose([1, -2, Infinity], [1.1, -2.1, Infinity], 0.11);
    assertClose([], [], 0);
  });

  it("names the element that is farthest from its reference", () => {
    assertThrows(
      () => assertClose([1, 2, 3], [1.25, 2.5, 3], 0.1, "y"),
      Error,
      "y[1] must be within 0.1 of 2.5, got 2 (off by 0.5)",
    );
  });

  it("refuses NaN on either side, other infinities and other lengths", () => {
    for (const [actual, expected] of [[NaN, 1], [1, NaN], [NaN, NaN], [Infinity, -Infinity]]) {
      assertThrows(() => assertClose([0, actual], [0, expected], 1), Error, "result[1] must be");
    }
    assertThrows(
      () => assertClose([1], [1, 1], 1),
      Error,
      "result must have 2 elements, got 1",
    );
  });
});

describe("assertCloseEach", () => {
  it("allows more where magnitudes are larger, and no less below 1", () => {
    assertCloseEach([1000.5, 0.0005], [1000, 0], 1e-3);
    assertThrows(() => assertCloseEach([1002], [1000], 1e-3), Error, "by its magnitude[0]");
    assertThrows(() => assertCloseEach([0.002], [0], 1e-3), Error, "by its magnitude[0]");
    assertThrows(() => assertCloseEach([1, 2], [1], 1), Error, "must have 1 elements, got 2");
  });
});

describe("the farthest element", () => {
  it("is the first that is NaN", () => {
    assertEquals(worst([1, NaN, 5], [1, 2, 3]), { at: 1, by: Infinity });
    assertEquals(worst([1, 5], [1, 3]), { at: 1, by: 2 });
  });

  it("has a magnitude of at least a little", () => {
    assertEquals([largest([1, -3, 2]), largest([])], [3, 1e-30]);
  });
});

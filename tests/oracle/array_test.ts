import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  array64,
  broadcastIndex,
  coordinatesOf,
  indexOf,
  positiveAxis,
  transpose,
} from "./array.ts";

describe("oracle arrays", () => {
  it("turn an index into coordinates and back", () => {
    assertEquals(coordinatesOf(17, [2, 3, 4]), [1, 1, 1]);
    assertEquals(indexOf([1, 1, 1], [2, 3, 4]), 17);
  });

  it("transpose as numpy does", () => {
    const a = array64([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [2, 3, 2]);
    const b = transpose(a, [2, 0, 1]);
    assertEquals(b.shape, [2, 2, 3]);
    assertEquals([...b.data], [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]);
  });

  it("reject data that do not fill the shape and axes that are not there", () => {
    assertThrows(() => array64([1, 2, 3], [2, 2]), TypeError, "data must have 4 elements, got 3");
    assertThrows(
      () => transpose(array64([1], [1, 1]), [0, 0]),
      TypeError,
      "perm must name each of 2 axes once, got (0, 0)",
    );
    assertThrows(() => positiveAxis(2, 2), RangeError, "axis must lie in rank 2, got 2");
    assertThrows(() => positiveAxis(-3, 2), RangeError, "axis must lie in rank 2, got -3");
  });

  it("count negative axes from the back", () => {
    assertEquals([-2, -1, 0, 1].map((axis) => positiveAxis(axis, 2)), [0, 1, 0, 1]);
  });

  it("broadcast as numpy does", () => {
    assertEquals(broadcastIndex([1, 2, 3], [4]), 3);
    assertEquals(broadcastIndex([1, 2, 3], [3, 1]), 2);
    assertEquals(broadcastIndex([1, 2, 3], [2, 1, 4]), 7);
    assertEquals(broadcastIndex([1, 2, 3], []), 0);
  });
});

import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { array64 } from "./array.ts";
import { assertClose } from "../support/close.ts";
import { EXACT } from "./scattered.ts";
import { mergeMoments, moments } from "./moments.ts";

describe("oracle moments", () => {
  it("keep an empty summary out of a merge, on either side (3.3)", () => {
    const full = moments(array64([1, 2, 4], [3, 1]), [0]);
    const empty = moments(array64([], [0, 1]), [0]);
    assertEquals(empty, {
      count: new Float64Array(1),
      mean: new Float64Array(1),
      m2: new Float64Array(1),
    });
    assertEquals(mergeMoments(full, empty), full);
    assertEquals(mergeMoments(empty, full), full);
  });

  it("take axes literally and list the kept ones in order", () => {
    const x = array64([0, 1, 2, 3, 4, 5, 6, 7], [2, 2, 2]);
    assertEquals([...moments(x, [1]).mean], [1, 2, 5, 6]);
    assertEquals([...moments(x, [-3, -2]).mean], [3, 4]);
    assertEquals([...moments(x, []).m2], new Array(8).fill(0));
    assertEquals([...moments(x, [0, 1, 2]).m2], [42]);
  });

  it("split the channel axis into groups of neighbours (4.2)", () => {
    const x = array64([0, 1, 2, 3, 4, 5, 6, 7], [1, 4, 2]);
    assertEquals([...moments(x, [], { groups: 2, channelsAxis: 1 }).mean], [1, 2, 5, 6]);
    assertEquals([...moments(x, [1], { groups: 1 }).mean], [3.5]);
    assertThrows(
      () => moments(x, [1], { groups: 3 }),
      TypeError,
      "groups must divide the channels",
    );
    assertThrows(
      () => moments(x, [-1], { groups: 2 }),
      TypeError,
      "got 2 groups of shape (1, 4, 2)",
    );
  });

  it("weight every element of an item alike (3.2)", () => {
    const x = array64([1, 10, 2, 20, 4, 40], [3, 2]);
    const { count, mean, m2 } = moments(x, [0], { weights: [1, 2, 1] });
    assertEquals([...count], [4, 4]);
    assertClose(mean, [2.25, 22.5], EXACT);
    assertClose(m2, [4 * 1.1875, 400 * 1.1875], 1e-12);
    assertThrows(
      () => moments(x, [0], { weights: [1] }),
      TypeError,
      "weights must have 3 elements, got 1",
    );
  });

  it("keep a mean far from 0 to the last digit", () => {
    const x = Float64Array.from({ length: 20000 }, (_, index) => 1e6 + 0.1 * (index % 2));
    const { mean, m2 } = moments(array64(x, [20000]), [0]);
    assertClose(mean, [1e6 + 0.05], 2e-10); // an ulp of 1e6 in float64 is 1.2e-10
    assertClose(m2, [20000 * 0.0025], 1e-7);
  });
});

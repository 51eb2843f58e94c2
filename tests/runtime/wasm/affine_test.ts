import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  boundsOf,
  coefficient,
  constant,
  keyOf,
  plus,
  product,
  symbol,
  times,
  without,
} from "../../../ops/runtime/lowering/affine.ts";

const i = symbol("i");
const j = symbol("j");

describe("affine forms", () => {
  it("add, and drop what cancels", () => {
    const sum = plus(plus(constant(3), i, 2), j, -1);
    assertEquals([sum.constant, coefficient(sum, "i"), coefficient(sum, "j")], [3, 2, -1]);
    assertEquals(plus(sum, i, -2).terms.has("i"), false);
  });

  it("multiply if one of them is constant", () => {
    assertEquals(
      keyOf(product(plus(i, constant(1)), constant(4))!),
      keyOf(plus(times(i, 4), constant(4))),
    );
    assertEquals(product(i, j), undefined);
  });

  it("have one key, whatever the order of the terms", () => {
    assertEquals(keyOf(plus(i, j)), keyOf(plus(j, i)));
    assertEquals(keyOf(plus(i, j)) === keyOf(plus(i, j, 2)), false);
  });

  it("lose a symbol", () => {
    assertEquals(keyOf(without(plus(i, j, 5), "j")), keyOf(i));
  });

  it("know their bounds, also with negative coefficients", () => {
    const ranges = new Map([["i", { first: 1, last: 4 }], ["j", { first: 0, last: 9 }]]);
    assertEquals(boundsOf(plus(plus(constant(7), i, 2), j, -1), ranges), {
      least: 0,
      greatest: 15,
    });
  });
});

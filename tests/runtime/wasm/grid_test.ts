import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { constant, keyOf, plus, symbol } from "../../../ops/runtime/lowering/affine.ts";
import { mergedGrid, ownIndex, squeezedGrid } from "../../../ops/runtime/lowering/grid.ts";

describe("grids", () => {
  it("lose the axes of extent 1", () => {
    const grid = squeezedGrid([1, 5, 7]);
    assertEquals(grid.extents, [5, 7, 1]);
    const at = plus(plus(symbol("y"), symbol("z"), 5), symbol("x"), 9);
    assertEquals(keyOf(grid.keep(at)), keyOf(plus(symbol("lane"), symbol("row"), 5)));
    assertEquals(keyOf(ownIndex(grid)), keyOf(plus(symbol("lane"), symbol("row"), 5)));
  });

  it("of one cell have no symbols", () => {
    const grid = squeezedGrid([1, 1, 1]);
    assertEquals(grid.extents, [1, 1, 1]);
    assertEquals(keyOf(ownIndex(grid)), keyOf(constant(0)));
  });

  it("merge axes that every index steps through alike", () => {
    const squeezed = squeezedGrid([4, 3, 2]);
    const flat = ownIndex(squeezed);
    assertEquals(mergedGrid(squeezed, [flat]).extents, [24, 1, 1]);
    // A table per row keeps the rows apart, but not the planes from each other's lanes.
    const perLane = symbol("lane");
    assertEquals(mergedGrid(squeezed, [flat, perLane]).extents, [4, 6, 1]);
    const perPlane = symbol("plane");
    assertEquals(mergedGrid(squeezed, [flat, perPlane]).extents, [12, 2, 1]);
  });

  it("translate indices to merged axes", () => {
    const squeezed = squeezedGrid([4, 3, 2]);
    const merged = mergedGrid(squeezed, [ownIndex(squeezed), symbol("lane")]);
    assertEquals(
      keyOf(merged.keep(ownIndex(squeezed))),
      keyOf(plus(symbol("lane"), symbol("row"), 4)),
    );
  });
});

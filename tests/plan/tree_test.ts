import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { mapTensors } from "../../ops/plan/tree.ts";

describe("a tree of tensors", () => {
  /** So many lists in a list. */
  function nested(depth: number): unknown[] {
    return depth === 0 ? [1] : [nested(depth - 1)];
  }
  const copy = (tree: unknown) => mapTensors(tree, (tensor) => tensor, "run a pipeline");

  it("may be nested 100 deep, and no deeper", () => {
    assertEquals(copy(nested(100)), nested(100));
    assertThrows(
      () => copy(nested(101)),
      TypeError,
      "Cannot run a pipeline: trees must be nested at most 100 deep, got a deeper or cyclic one",
    );
  });
});

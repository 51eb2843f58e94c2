import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  flattenTree,
  readSafetensors,
  tensor,
  unflattenTree,
  writeSafetensors,
} from "../../mod.ts";

const a = tensor([1, 2]);
const b = tensor([[3]]);
const tree = { dense: { kernel: a, "a b": b }, norms: [{ gamma: a }, { gamma: b }] };
const NAMES = ["dense.kernel", 'dense["a b"]', "norms[0].gamma", "norms[1].gamma"];

describe("flattenTree", () => {
  it("names tensors by their places", () => {
    const tensors = flattenTree(tree);
    assertEquals(Object.keys(tensors), NAMES);
    assertEquals(Object.values(tensors), [a, b, a, b]);
    assertEquals(Object.keys(flattenTree([a, { w: b }])), ["[0]", "[1].w"]);
    assertEquals(flattenTree({}), {});
  });

  it("gives no two places one name", () => {
    const tensors = flattenTree({ "a.b": a, a: { b } });
    assertEquals(Object.keys(tensors), ['["a.b"]', "a.b"]);
  });

  it("refuses what is no tree of tensors", () => {
    assertThrows(
      () => flattenTree({ w: a, rate: 0.1 }),
      TypeError,
      "Cannot flatten a tree: tree.rate must be a tensor, got 0.1",
    );
    assertThrows(
      () => flattenTree(a),
      TypeError,
      "Cannot flatten a tree: tree must be an object or an array, got a tensor",
    );
  });
});

describe("unflattenTree", () => {
  it("goes back, also through a file", () => {
    assertEquals(unflattenTree(tree, flattenTree(tree)), tree);
    const { tensors } = readSafetensors(writeSafetensors(flattenTree(tree)));
    assertEquals(unflattenTree(tree, tensors), tree);
  });

  it("refuses other names and shapes", () => {
    const tensors = flattenTree(tree);
    const { "dense.kernel": _, ...fewer } = tensors;
    assertThrows(
      () => unflattenTree(tree, fewer),
      TypeError,
      'Cannot unflatten a tree: tensors["dense.kernel"] must have the shape of the tree\'s, (2,), got none',
    );
    assertThrows(
      () => unflattenTree(tree, { ...tensors, "dense.kernel": b }),
      TypeError,
      'tensors["dense.kernel"] must have the shape of the tree\'s, (2,), got (1, 1)',
    );
    assertThrows(
      () => unflattenTree(tree, { ...tensors, more: a }),
      TypeError,
      'Cannot unflatten a tree: tensors must only have the names of the tree, got "more"',
    );
    assertThrows(
      () => unflattenTree(tree, { ...tensors, "dense.kernel": 3 as never }),
      TypeError,
      'Cannot unflatten a tree: tensors["dense.kernel"] must be a tensor',
    );
  });
});

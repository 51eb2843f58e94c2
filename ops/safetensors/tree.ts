/**
 * Trees of tensors as tensors by names, and back.
 *
 * @module
 */
import { checkTrees } from "../plan/check_trees.ts";
import { mapTensors } from "../plan/tree.ts";
import { checkArguments, fieldsOf, readable } from "../tensor/arguments.ts";
import { checkTensor, tensorFrom } from "../tensor/checks.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/types.ts";
import { quoted } from "./checks.ts";

/**
 * The tensors of a tree by their places in it, as they are written in code: what
 * {@linkcode writeSafetensors} takes. {@linkcode unflattenTree} goes back.
 *
 * @param tree Objects and arrays of tensors, nested at will.
 * @returns The tensors by name; no two places have one name.
 * @throws {TypeError} If the tree holds something else, or is a tensor itself.
 *
 * @example Usage
 * ```ts
 * import { flattenTree, tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const tensors = flattenTree({ dense: { kernel: tensor([[1, 2]]) }, norms: [tensor([3])] });
 * assertEquals(Object.keys(tensors), ["dense.kernel", "norms[0]"]);
 * ```
 */
export function flattenTree(tree: object): Record<string, Tensor> {
  const action = "flatten a tree";
  checkArguments(action, arguments, 1);
  const leaves: [name: string, tensor: Tensor][] = [];
  mapLeaves(action, "tree", tree, (tensor, name) => {
    leaves.push([name, tensor]);
    return tensor;
  });
  return Object.fromEntries(leaves);
}

/**
 * A tree like another one, of tensors by name: the way back from {@linkcode flattenTree}.
 *
 * @param like A tree of tensors, of which only the form counts.
 * @param tensors Tensors by name, which are not copied.
 * @returns A new tree of these tensors.
 * @throws {TypeError} If the names are not those of the tree, or a tensor has another shape than there.
 *
 * @example Usage
 * ```ts
 * import { flattenTree, readSafetensors, tensor, unflattenTree, writeSafetensors } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const params = { gdn: { beta: tensor([1, 2]) } };
 * const file = writeSafetensors(flattenTree(params));
 * assertEquals(unflattenTree(params, readSafetensors(file).tensors), params);
 * ```
 */
export function unflattenTree<T extends object>(
  like: T,
  tensors: Readonly<Record<string, Tensor>>,
): T {
  const action = "unflatten a tree";
  checkArguments(action, arguments, 2);
  const own = fieldsOf(action, "tensors", tensors);
  const names = new Set<string>();
  const tree = mapLeaves(action, "like", like, ({ shape }, name) => {
    names.add(name);
    const place = `tensors[${quoted(name)}]`;
    const tensor = Object.hasOwn(own, name) ? tensorFrom(action, place, own[name]) : undefined;
    if (tensor !== undefined && sameShape(tensor.shape, shape)) return tensor;
    throw new TypeError(
      `Cannot ${action}: ${place} must have the shape of the tree's, ${formatShape(shape)}, got ${
        tensor === undefined ? "none" : formatShape(tensor.shape)
      }`,
    );
  });
  const extra = Object.keys(own).find((name) => !names.has(name));
  if (extra === undefined) return tree;
  throw new TypeError(
    `Cannot ${action}: tensors must only have the names of the tree, got ${quoted(extra)}`,
  );
}

function mapLeaves<T extends object>(
  action: string,
  what: string,
  tree: T,
  map: (tensor: Tensor, name: string) => Tensor,
): T {
  checkTrees(action, { [what]: tree });
  const named = (tensor: Tensor, path: string) => {
    checkTensor(action, `${what}${path}`, tensor);
    if (path === "") {
      throw new TypeError(`Cannot ${action}: ${what} must be an object or an array, got a tensor`);
    }
    return map(tensor, path.replace(/^\./, ""));
  };
  return readable(action, what, () => mapTensors<object>(tree, named, action)) as T;
}

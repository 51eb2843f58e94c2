/**
 * Trees of tensors: plain objects and arrays, nested as the caller likes.
 *
 * @module
 */
import { tensorOf } from "../tensor/foreign.ts";
import type { Tensor, TensorLike } from "../tensor/types.ts";
import { LazyTensor } from "../tensor/lazy.ts";
import { SlotTensor } from "./symbolic.ts";

/** An argument that is a tensor as ours; what is none is left for the checks to tell. */
export function owned(x: TensorLike): Tensor {
  return asTensor(x) ?? x as Tensor;
}

/** How deep trees of tensors may be nested; it ends cycles. */
const DEEPEST = 100;

/**
 * A copy of a tree of plain objects and arrays in which every tensor has been replaced.
 *
 * @param replace Is told the tensor, where it is, and what stands there: a tensor of others before it
 * has become ours.
 * @param action What the tree is for, for messages.
 * @param checkList Is told the length of each list before it is copied.
 * @param checkOther Is told what is no tree and stays as it is.
 * @throws {TypeError} If the tree is nested too deeply, or has no end.
 */
export function mapTensors<T>(
  tree: T,
  replace: (tensor: Tensor, path: string, given: Tensor) => Tensor,
  action = "run an op",
  checkList?: (length: number, path: string) => void,
  checkOther?: (node: unknown, path: string) => void,
): T {
  const visit = (node: unknown, path: string, depth: number): unknown => {
    const tensor = asTensor(node);
    if (tensor !== undefined) return replace(tensor, path, node as Tensor);
    if (node instanceof Float32Array) {
      const whole = { shape: [node.length], data: node as Float32Array<ArrayBuffer> };
      return replace(whole, path, whole);
    }
    const isArray = Array.isArray(node);
    if (!isArray && !isPlain(node)) {
      checkOther?.(node, path);
      return node;
    }
    if (depth > DEEPEST) {
      throw new TypeError(
        `Cannot ${action}: trees must be nested at most ${DEEPEST} deep, got a deeper or cyclic one`,
      );
    }
    if (isArray) {
      checkList?.(node.length, path);
      // Unlike `map`, this sees holes. Most long lists are numbers, which need no names.
      return Array.from(
        node,
        (child, i) => typeof child === "number" ? child : visit(child, `${path}[${i}]`, depth + 1),
      );
    }
    const fields = Object.entries(node).map(([key, child]) => {
      return [key, visit(child, `${path}${memberOf(key)}`, depth + 1)];
    });
    return Object.fromEntries(fields);
  };
  return visit(tree, "", 0) as T;
}

/** A node of a tree as a tensor, if it is one; those of others become ours. */
export function asTensor(node: unknown): Tensor | undefined {
  if (node instanceof LazyTensor || node instanceof SlotTensor) return node;
  return tensorOf(node);
}

/** A copy of a tensor, whose data the caller may change; itself if they are on a device. */
export function copyOf(tensor: Tensor): Tensor {
  if (tensor instanceof LazyTensor) return tensor;
  return { shape: [...tensor.shape], data: tensor.data.slice() };
}

/** A key as it is written behind what has it; no two keys are written alike. */
export function memberOf(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** Whether a node is an object of named nodes: one as `{}` makes it, or without a prototype. */
export function isPlain(node: unknown): node is Readonly<Record<string, unknown>> {
  if (node === null || typeof node !== "object") return false;
  const prototype = Object.getPrototypeOf(node);
  return (prototype === Object.prototype || prototype === null) &&
    Object.getOwnPropertySymbols(node).length === 0;
}

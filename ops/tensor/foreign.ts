/**
 * Tensors of other libraries among the arguments: what has a shape, under whatever name, and numbers that
 * float32 holds.
 *
 * @module
 */
import { fromBfloat16, fromFloat16 } from "./half.ts";
import type { FromAnywhere, Tensor, TensorLike } from "./types.ts";

/** Arguments of an op as a caller may give them. */
export type Given<A extends readonly unknown[]> = {
  [K in keyof A]: Tensor extends A[K] ? A[K] | TensorLike : A[K] | FromAnywhere<A[K]>;
};

/** A node of a tree as a tensor, if it is one: itself where it is ours already. */
export function tensorOf(node: unknown): Tensor | undefined {
  if (node === null || typeof node !== "object") return undefined;
  const shape = shapeOf(node);
  if (shape === undefined) return undefined;
  const { data } = node as Partial<TensorLike>;
  if (data instanceof Float32Array && "shape" in node) return node as Tensor;
  const numbers = numbersOf(node as TensorLike) as Float32Array<ArrayBuffer> | undefined;
  return numbers && { shape, data: numbers };
}

/** The extents of a node, `shape` or `dims`. */
export function shapeOf(node: object): readonly number[] | undefined {
  const tensor = node as Partial<TensorLike>;
  // What is not there takes longest to look up: few have `dims`.
  const extents = tensor.shape ?? tensor.dims;
  return Array.isArray(extents) ? extents : undefined;
}

/**
 * The elements of a node as float32 numbers, without a copy where they are that; `undefined` for types
 * that have numbers which float32 has not.
 */
export function numbersOf(tensor: TensorLike): Float32Array | undefined {
  const { data } = tensor;
  if (data instanceof Float32Array) return data;
  if (!ArrayBuffer.isView(data) || data instanceof DataView) return undefined;
  const size = (data as { readonly BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT;
  if (size !== 1 && size !== 2) return undefined;
  if (data instanceof Uint16Array) {
    const { type } = tensor;
    if (type === "float16") return Float32Array.from(data, fromFloat16);
    if (type === "bfloat16") return Float32Array.from(data, fromBfloat16);
  }
  return Float32Array.from(data);
}

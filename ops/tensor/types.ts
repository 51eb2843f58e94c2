/**
 * What a tensor is, and what is taken for one.
 *
 * @module
 */
import type { Disposing } from "./disposing.ts";

/**
 * A dense array of float32 numbers. What ops return has a buffer of its own, which can be transferred;
 * `Tensor<Float32Array>` may lie in any memory.
 */
export interface Tensor<Data extends Float32Array = Float32Array<ArrayBuffer>> {
  /** Extent of each axis; `[]` for a single number. */
  readonly shape: readonly number[];
  /** The elements in row-major order, without gaps. */
  readonly data: Data;
}

/**
 * A tensor in a runtime's memory: the result of an op that is given a scope, or made by the scope itself.
 * It ends with the scope. A structured clone of one throws; `read` gives numbers that can be cloned.
 */
export interface RuntimeTensor extends Tensor<Float32Array>, Disposing {
  /** Where the elements are. */
  readonly location: "memory";
  /**
   * The elements where they are: to be read and written in place, and not to be kept beyond the end of
   * the tensor, after which this throws a TypeError.
   */
  readonly data: Float32Array;
  /** A copy of the elements, which outlives the tensor; rejects with a TypeError after its end. */
  read(): Promise<Float32Array<ArrayBuffer>>;
}

/** A tensor wherever its elements are. */
export type AnyTensor = Tensor<Float32Array> | RuntimeTensor;

/**
 * What ops take for x and for cotangents: a {@linkcode Tensor}, or a tensor of another library. float32
 * data are taken without a copy; numbers of up to 16 bits become float32, which holds all of them.
 * Others must be rounded knowingly, by {@linkcode tensor}.
 */
export interface TensorLike {
  /** Extent of each axis. */
  readonly shape?: readonly number[];
  /** The same, as ONNX Runtime calls it. */
  readonly dims?: readonly number[];
  /** The elements in row-major order: float32, float16, or integers of 8 or 16 bits. */
  readonly data: ArrayLike<number> & ArrayBufferView;
  /** What a `Uint16Array` holds: `"float16"` or `"bfloat16"` for bits of those, else integers. */
  readonly type?: string;
}

/** One number per channel: what ops take for parameters and state. Tensors come out. */
export type Vector = AnyTensor | Float32Array | readonly number[];

/** A result with {@linkcode RuntimeTensor}s in place of tensors: what ops return that are given a scope. */
export type InScope<T> = T extends AnyTensor ? RuntimeTensor
  : T extends ArrayBufferView ? T
  : T extends (...args: infer A) => Promise<infer R> ? (...args: A) => Promise<InScope<R>>
  : T extends object ? { [K in keyof T]: InScope<T[K]> }
  : T;

/** An argument as a caller may give it: with any tensor in place of each tensor of ours. */
export type FromAnywhere<T> = T extends AnyTensor ? AnyTensor | TensorLike
  : T extends ArrayBufferView ? T
  : T extends object ? { [K in keyof T]: FromAnywhere<T[K]> }
  : T;

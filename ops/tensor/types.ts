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
 * A tensor that a runtime holds: the result of an op that is given a scope, or made by the scope itself.
 * It ends with the scope. `location` says which of the two it is. A structured clone of one throws;
 * `read` gives numbers that can be cloned.
 */
export type RuntimeTensor = MemoryTensor | GpuTensor;

/** A tensor in the memory of the program: that of the wasm, webgl2 and cpu backends. */
export interface MemoryTensor extends Tensor<Float32Array>, Disposing {
  /** Where the elements are. */
  readonly location: "memory";
  /**
   * The elements where they are: to be read and written in place, and not to be kept beyond the end of
   * the tensor, after which this throws a TypeError.
   */
  readonly data: Float32Array;
  /** Throws a TypeError: there is no buffer. */
  readonly buffer: never;
  /** A copy of the elements, which outlives the tensor; rejects with a TypeError after its end. */
  read(): Promise<Float32Array<ArrayBuffer>>;
}

/** A tensor on the device of a webgpu runtime. */
export interface GpuTensor extends Tensor<never>, Disposing {
  /** Where the elements are. */
  readonly location: "gpu";
  /** Throws a TypeError: the elements are on the GPU, from where `read` copies them. */
  readonly data: never;
  /**
   * The buffer that the elements lie in: float32 in row-major order from offset 0. It may be larger than
   * they are, and the rest holds anything. Its usage is `STORAGE | COPY_SRC | COPY_DST`, unless it is
   * the caller's own, from `fromGpuBuffer`. It is the tensor's until its end, and after that the
   * runtime's, which fills it with other numbers; this then throws a TypeError.
   */
  readonly buffer: GpuBuffer;
  /**
   * A copy of the elements, which outlives the tensor; rejects with a TypeError after its end, and with
   * an Error if the device is lost.
   */
  read(): Promise<Float32Array<ArrayBuffer>>;
}

/** A program's own `GPUDevice`, or an object where its library does not know WebGPU. */
export type GpuDevice = typeof globalThis extends { readonly navigator: infer N }
  ? N extends { readonly gpu: { requestAdapter(...args: never[]): Promise<infer A> } }
    ? NonNullable<A> extends { requestDevice(...args: never[]): Promise<infer D> } ? D : object
  : object
  : object;

/** A program's own `GPUBuffer`, or an object where its library does not know WebGPU. */
export type GpuBuffer = GpuDevice extends { createBuffer(...args: never[]): infer B } ? B : object;

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

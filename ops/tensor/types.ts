/**
 * What a tensor is, and what is taken for one.
 *
 * @module
 */

/** A dense array of float32 numbers. */
export interface Tensor {
  /** Extent of each axis; `[]` for a single number. */
  readonly shape: readonly number[];
  /** The elements in row-major order, without gaps. */
  readonly data: Float32Array;
}

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
export type Vector = Tensor | Float32Array | readonly number[];

/**
 * Tensors: a shape and its float32 elements.
 *
 * @module
 */
export { cast, type ElementType, type TypedTensor } from "./cast.ts";
export { type NestedArray, tensor, type TensorData } from "./tensor.ts";
export type { AsyncDisposing, Disposing } from "./disposing.ts";
export type {
  AnyTensor,
  FromAnywhere,
  GpuBuffer,
  GpuDevice,
  GpuTensor,
  InScope,
  MemoryTensor,
  RuntimeTensor,
  Tensor,
  TensorLike,
  Vector,
} from "./types.ts";

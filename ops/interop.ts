/**
 * Weights of other frameworks, in their names and conventions, as arguments of this library's ops.
 *
 * @module
 */
export type { DataFormat } from "./_layout.ts";
export type { ImportedBatchNorm } from "./interop/batch_norm.ts";
export { fromKeras } from "./interop/keras.ts";
export type {
  KerasBatchNorm,
  KerasBatchNormConfig,
  KerasBatchNormOptions,
} from "./interop/keras.ts";
export { fromOnnx } from "./interop/onnx.ts";
export type { OnnxBatchNorm, OnnxBatchNormAttributes } from "./interop/onnx.ts";
export { fromPyTorch } from "./interop/pytorch.ts";
export type { PyTorchBatchNorm, PyTorchBatchNormOptions } from "./interop/pytorch.ts";
export { fromTensorFlow } from "./interop/tensorflow.ts";
export type { TensorFlowBatchNorm, TensorFlowBatchNormOptions } from "./interop/tensorflow.ts";
export { gdnFromCompressAI } from "./interop/gdn_compressai.ts";
export type { CompressAIGdn, CompressAIGdnOptions } from "./interop/gdn_compressai.ts";
export { gdnFromTensorFlow } from "./interop/gdn_tensorflow.ts";
export type { ImportedGdn, TensorFlowGdn, TensorFlowGdnOptions } from "./interop/gdn_tensorflow.ts";

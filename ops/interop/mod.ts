/**
 * Weights of other frameworks, in their names and conventions, as arguments of this library's ops.
 *
 * @module
 */
export type { ImportedBatchNorm } from "./batch_norm.ts";
export {
  type CompressAIGdn,
  type CompressAIGdnOptions,
  gdnFromCompressAI,
  gdnParamsFromCompressAI,
} from "./gdn_compressai.ts";
export {
  gdnFromTensorFlow,
  type ImportedGdn,
  type TensorFlowGdn,
  type TensorFlowGdnOptions,
} from "./gdn_tensorflow.ts";
export {
  fromKeras,
  type KerasBatchNorm,
  type KerasBatchNormConfig,
  type KerasBatchNormOptions,
} from "./keras.ts";
export { fromOnnx, type OnnxBatchNorm, type OnnxBatchNormAttributes } from "./onnx.ts";
export { fromPyTorch, type PyTorchBatchNorm, type PyTorchBatchNormOptions } from "./pytorch.ts";
export {
  fromTensorFlow,
  type TensorFlowBatchNorm,
  type TensorFlowBatchNormOptions,
} from "./tensorflow.ts";
export type { DataFormat } from "../plan/view.ts";

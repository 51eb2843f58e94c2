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
  batchNormFromKeras,
  type KerasBatchNorm,
  type KerasBatchNormConfig,
  type KerasBatchNormOptions,
} from "./batch_norm_keras.ts";
export {
  batchNormFromOnnx,
  type OnnxBatchNorm,
  type OnnxBatchNormAttributes,
} from "./batch_norm_onnx.ts";
export {
  batchNormFromPyTorch,
  type PyTorchBatchNorm,
  type PyTorchBatchNormOptions,
} from "./batch_norm_pytorch.ts";
export {
  batchNormFromTensorFlow,
  type TensorFlowBatchNorm,
  type TensorFlowBatchNormOptions,
} from "./batch_norm_tensorflow.ts";
export type { DataFormat } from "../plan/view.ts";

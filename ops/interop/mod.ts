/**
 * Weights of other frameworks, in their names and conventions, as arguments of this library's ops.
 *
 * @module
 */
export type {
  ImportedGroupNorm,
  ImportedInstanceNorm,
  ImportedLayerNorm,
  ImportedNorm,
} from "./affine.ts";
export type { ImportedBatchNorm } from "./batch_norm.ts";
export { batchNormToPyTorch, type ExportedPyTorchBatchNorm } from "./batch_norm_to_pytorch.ts";
export { type ExportedCompressAIGdn, gdnToCompressAI } from "./gdn_to_compressai.ts";
export {
  groupNormFromKeras,
  type KerasGroupNorm,
  type KerasGroupNormConfig,
} from "./group_norm_keras.ts";
export {
  groupNormFromPyTorch,
  type PyTorchGroupNorm,
  type PyTorchGroupNormOptions,
} from "./group_norm_pytorch.ts";
export {
  instanceNormFromPyTorch,
  type PyTorchInstanceNorm,
  type PyTorchInstanceNormOptions,
} from "./instance_norm_pytorch.ts";
export type { KerasUnusedConfig } from "./keras_config.ts";
export {
  type KerasLayerNorm,
  type KerasLayerNormConfig,
  layerNormFromKeras,
} from "./layer_norm_keras.ts";
export {
  layerNormFromPyTorch,
  type PyTorchLayerNorm,
  type PyTorchLayerNormOptions,
} from "./layer_norm_pytorch.ts";
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

/**
 * Functions of ops as models in ONNX.
 *
 * @module
 */
export { type OnnxOptions, toOnnx } from "./to_onnx.ts";

/**
 * Tensors out of and into files in the safetensors format.
 *
 * @module
 */
export { readSafetensors, type ReadSafetensorsOptions, type Safetensors } from "./read.ts";
export { flattenTree, unflattenTree } from "./tree.ts";
export { writeSafetensors } from "./write.ts";

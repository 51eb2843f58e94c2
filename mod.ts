/**
 * Normalization ops as pure functions: GDN and IGDN, group, instance and layer norm, and batch norm
 * with its state in and out. They run on WebGPU, WebGL2, WebAssembly or plain JavaScript, whichever
 * is best where they are called, and give the same numbers everywhere.
 *
 * @example Usage
 * ```ts
 * import { groupNorm, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = tensor(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]), [1, 2, 2, 2]); // NHWC
 * const y = await groupNorm(x, { gamma: [1, 2], beta: [0, 1] }, { groups: 1 });
 * assertAlmostEquals(y.data[0], -1.527525, 1e-5);
 * ```
 *
 * @module
 */
export * from "./ops/activations.ts";
export * from "./ops/batch_norm.ts";
export * from "./ops/constraints.ts";
export * from "./ops/gdn.ts";
export * from "./ops/group_norm.ts";
export * from "./ops/initializers.ts";
export * from "./ops/interop.ts";
export * from "./ops/moments.ts";
export * from "./ops/optimizers.ts";
export * from "./ops/pipeline.ts";
export * from "./ops/regularizers.ts";
export * from "./ops/runtime.ts";
export * from "./ops/safetensors.ts";
export * from "./ops/tensor.ts";

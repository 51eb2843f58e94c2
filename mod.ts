/**
 * Normalization ops as pure functions: GDN and IGDN, group, instance, layer and RMS norm, and batch norm
 * with its state in and out. They run on WebGPU, WebGL2, WebAssembly or plain JavaScript, whichever
 * is best where they are called, and agree on all of them to the rounding of float32.
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
export * from "./ops/batch_norm/mod.ts";
export * from "./ops/gdn/mod.ts";
export * from "./ops/group_norm/mod.ts";
export * from "./ops/interop/mod.ts";
export * from "./ops/moments/mod.ts";
export * from "./ops/pipeline/mod.ts";
export * from "./ops/replicas/mod.ts";
export * from "./ops/rms_norm/mod.ts";
export * from "./ops/runtime/mod.ts";
export * from "./ops/safetensors/mod.ts";
export * from "./ops/tensor/mod.ts";

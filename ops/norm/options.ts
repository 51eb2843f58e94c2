/**
 * The parameters, options and gradients that the norms share.
 *
 * @module
 */
import type { Runtime } from "../runtime/runtime.ts";
import type { Tensor, TensorLike, Vector } from "../tensor/types.ts";
import type { Activation } from "./activations.ts";

/** Scale and shift of a norm, one number per channel (layer norm: per normalised element). */
export interface NormParams {
  /** What is added in the end; 0 when absent. */
  readonly beta?: Vector;
  /** What the normalised value is multiplied by; 1 when absent. */
  readonly gamma?: Vector;
}

/** Options that group, instance and layer norm share. */
export interface NormOptions {
  /** `true` demands `beta`, `false` ignores it; by default it is used when given. */
  readonly center?: boolean;
  /** `true` demands `gamma`, `false` ignores it; by default it is used when given. */
  readonly scale?: boolean;
  /** Added to the variance, in units of `x` squared; finite and `>= 0`. */
  readonly epsilon?: number;
  /** Applied to the result in the same kernel. @default {"none"} */
  readonly activation?: Activation;
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: Runtime;
}

/** The cotangents of a norm's arguments, each under the name of what it belongs to. */
export interface NormCotangents {
  /** Shape of `x`. */
  readonly x: Tensor;
  /** Of those parameters that are applied. */
  readonly params: { readonly beta?: Tensor; readonly gamma?: Tensor };
}

/** A result of a norm with the way back to its arguments. */
export interface NormVjp {
  /** What the norm answers. */
  readonly y: Tensor;
  /** From a cotangent of `y`, of its shape, to those of the arguments. */
  readonly vjp: (dy: TensorLike) => Promise<NormCotangents>;
}

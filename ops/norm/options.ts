/**
 * The parameters, options and gradients that the norms share.
 *
 * @module
 */
import type { AnyRuntime, Runtime } from "../runtime/runtime.ts";
import type { Tensor, TensorLike, Vector } from "../tensor/types.ts";
import type { Activation } from "./activations.ts";

/** Scale and shift of a norm, one number per channel (layer norm: per normalised element). */
export interface NormParams<V = Vector> {
  /** What is added in the end; 0 when absent. */
  readonly beta?: V;
  /** What the normalised value is multiplied by; 1 when absent. */
  readonly gamma?: V;
}

/**
 * Tensors in the place of those parameters P that a norm applies: all that are given, but not `beta` with
 * `center: false`, nor `gamma` with `scale: false`. Where a flag may be either, the field is optional.
 */
export type AppliedParams<P, Center extends boolean, Scale extends boolean> =
  & Applied<Pick<P, keyof P & "beta">, Center>
  & Applied<Pick<P, keyof P & "gamma">, Scale>;

/** The fields of P as tensors: all, none, or perhaps. */
export type Applied<P, Flag extends boolean> = [Flag] extends [true]
  ? { readonly [K in keyof P]: Tensor }
  : [Flag] extends [false] ? Record<never, never>
  : { readonly [K in keyof P]?: Tensor };

/** Refuses other names in parameters P than those of a norm's, where they are known: misspelt ones. */
export type OnlyParams<P, Known = NormParams> = string extends keyof P ? unknown
  : { readonly [K in Exclude<keyof P, keyof Known>]: never };

/** The flags of which parameters a norm applies, as they are when it is called. */
export interface AppliedFlags<Center extends boolean, Scale extends boolean> {
  /** Whether `beta` is applied. */
  readonly center?: Center;
  /** Whether `gamma` is applied. */
  readonly scale?: Scale;
}

/** Options that group, instance and layer norm share. */
export interface NormOptions<R extends AnyRuntime = Runtime> {
  /** `true` demands `beta`, `false` ignores it; by default it is used when given. */
  readonly center?: boolean;
  /** `true` demands `gamma`, `false` ignores it; by default it is used when given. */
  readonly scale?: boolean;
  /** Added to the variance, in units of `x` squared; finite and `>= 0`. */
  readonly epsilon?: number;
  /** Applied to the result in the same kernel. @default {"none"} */
  readonly activation?: Activation;
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: R;
}

/** The cotangents of a norm's arguments, each under the name of what it belongs to. */
export interface NormCotangents<
  P extends NormParams = NormParams,
  Center extends boolean = boolean,
  Scale extends boolean = boolean,
> {
  /** Shape of `x`. */
  readonly x: Tensor;
  /** Of those parameters that are applied. */
  readonly params: AppliedParams<P, Center, Scale>;
}

/** A result of a norm with the way back to its arguments. */
export interface NormVjp<
  P extends NormParams = NormParams,
  Center extends boolean = boolean,
  Scale extends boolean = boolean,
> {
  /** What the norm returns. */
  readonly y: Tensor;
  /** From a cotangent of `y`, of its shape, to those of the arguments. */
  readonly vjp: (dy: TensorLike) => Promise<NormCotangents<P, Center, Scale>>;
}

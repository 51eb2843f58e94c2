/**
 * What gradients are taken of, and what comes back.
 *
 * @module
 */
import type { Tensor } from "../../tensor/types.ts";

/** A loss, a tensor of shape (), with what else its computation has to return. */
export interface WithAux<A> {
  /** The loss. */
  readonly value: Tensor;
  /** Whatever is to be known besides: predictions, the next state of batch norm. No gradient passes through it. */
  readonly aux: A;
}

/** What {@linkcode PipelineOps.valueAndGrad} returns. */
export interface ValueAndGrad<P> {
  /** The loss. */
  readonly value: Tensor;
  /** Its gradient with respect to each of the parameters, a tree in their form. */
  readonly grads: TensorsOf<P>;
}

/** The same with what else was returned. */
export interface ValueGradAndAux<P, A> extends ValueAndGrad<P> {
  /** What the function returned besides its value. */
  readonly aux: A;
}

/** What {@linkcode PipelineOps.grad} returns for a function with more than a value. */
export interface GradAndAux<P, A> {
  /** The gradient with respect to each of the parameters, a tree in their form. */
  readonly grads: TensorsOf<P>;
  /** What the function returned besides its value. */
  readonly aux: A;
}

/** Tensors in the form of a tree of parameters. */
export type TensorsOf<P> = P extends { readonly data: unknown } | ArrayBufferView ? Tensor
  : { readonly [K in keyof P]: TensorsOf<P[K]> };

/**
 * The ops inside a pipeline.
 *
 * @module
 */
import type { Tensor } from "../tensor/types.ts";
import type {
  GradAndAux,
  TensorsOf,
  ValueAndGrad,
  ValueGradAndAux,
  WithAux,
} from "./gradients/types.ts";
import type { RecordedOps } from "./recorded_ops.ts";

/** The ops inside a pipeline, and gradients of what is made of them. */
export interface PipelineOps extends RecordedOps {
  /**
   * The value of a loss and its gradient with respect to every parameter, by reverse accumulation over the
   * ops that `fn` calls: the gradient of `fn(params)`, a tensor of shape ().
   *
   * Gradients pass through every op but optimizers, `clipByGlobalNorm` and the twins whose names end in
   * `Vjp`; through x, parameters, weights of samples, and adjustment and moments that are given, but not
   * through state, which batch norm returns as a constant: hand it out as `aux`. A parameter that the
   * loss does not depend on has a gradient of zeros. Tensors from outside of `fn` are constants. The
   * forward pass is computed once, and of the way back what some gradient needs.
   *
   * @param fn From the parameters to the loss, or to `{ value, aux }` with what else is to be returned.
   * It is called once, with tensors in the place of all tensors and Float32Arrays of `params`.
   * @param params A tree of tensors and Float32Arrays.
   * @returns The loss, and a tree like `params` of its gradients, which optimizers take.
   * @throws {TypeError} If params hold something else than tensors, fn does not return what it should,
   * or a gradient would have to pass where there is none: through a gradient inside of `fn`, for
   * example.
   */
  valueAndGrad<P extends object>(fn: (params: P) => Tensor, params: P): ValueAndGrad<P>;
  /** As above, with what else `fn` returns. */
  valueAndGrad<P extends object, A>(
    fn: (params: P) => WithAux<A>,
    params: P,
  ): ValueGradAndAux<P, A>;
  /** The gradient alone: the `grads` of {@linkcode PipelineOps.valueAndGrad}. */
  grad<P extends object>(fn: (params: P) => Tensor, params: P): TensorsOf<P>;
  /** As above, with what else `fn` returns. */
  grad<P extends object, A>(fn: (params: P) => WithAux<A>, params: P): GradAndAux<P, A>;
  /** A tree of tensors with the same numbers, through which no gradient passes. */
  stopGradient<T extends object>(tree: T): T;
}

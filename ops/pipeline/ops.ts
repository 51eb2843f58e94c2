/**
 * The ops inside a pipeline.
 *
 * @module
 */
import type { BatchNormCotangents } from "../batch_norm/cotangents.ts";
import type { BatchNormOptions } from "../batch_norm/options.ts";
import type { BatchNormState } from "../batch_norm/state.ts";
import type { BatchNormResult } from "../batch_norm/result.ts";
import type { GdnOptions } from "../gdn/options.ts";
import type { GdnParams, GdnVariables } from "../gdn/params.ts";
import type { GdnCotangents } from "../gdn/vjp.ts";
import type { InstanceNormOptions } from "../group_norm/instance_norm.ts";
import type { LayerNormOptions } from "../group_norm/layer_norm.ts";
import type { GroupNormOptions } from "../group_norm/norm.ts";
import type { MomentsOptions } from "../moments/call.ts";
import type { Moments } from "../moments/summary.ts";
import type { SymbolicMomentsVjp } from "../moments/vjp.ts";
import type { Activation } from "../norm/activations.ts";
import type { AppliedFlags, NormCotangents, NormParams, OnlyParams } from "../norm/options.ts";
import type { SymbolicVjp } from "../plan/symbolic.ts";
import type { RmsNormOptions, RmsNormParams } from "../rms_norm/options.ts";
import type { RmsNormCotangents } from "../rms_norm/vjp.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import type { AdamOptions, AdamState } from "../training/adam.ts";
import type { AdamWOptions } from "../training/adamw.ts";
import type { SgdOptions, SgdState } from "../training/sgd.ts";
import type { Gradients, Step } from "../training/step.ts";
import type { MatmulOptions } from "./matmul.ts";

/**
 * The ops inside a pipeline: they take what the functions of the same names take, but `runtime`, and
 * return at once, with tensors that have a shape and no data yet.
 */
export interface PipelineOps {
  /** As the function `gdn`. */
  gdn(x: AnyTensor, params: GdnParams | GdnVariables, options?: GdnOptions): Tensor;
  /** As the function `gdnVjp`, with a `vjp` that returns at once. */
  gdnVjp<P extends GdnParams | GdnVariables>(
    x: AnyTensor,
    params: P,
    options?: GdnOptions,
  ): SymbolicVjp<GdnCotangents<P>>;
  /** As the function `groupNorm`. */
  groupNorm(x: AnyTensor, params?: NormParams, options?: GroupNormOptions): Tensor;
  /** As the function `groupNormVjp`, with a `vjp` that returns at once. */
  groupNormVjp<
    P extends NormParams & OnlyParams<P> = Record<never, never>,
    Center extends boolean = true,
    Scale extends boolean = true,
  >(
    x: AnyTensor,
    params?: P,
    options?: GroupNormOptions & AppliedFlags<Center, Scale>,
  ): SymbolicVjp<NormCotangents<P, Center, Scale>>;
  /** As the function `instanceNorm`. */
  instanceNorm(x: AnyTensor, params?: NormParams, options?: InstanceNormOptions): Tensor;
  /** As the function `instanceNormVjp`, with a `vjp` that returns at once. */
  instanceNormVjp<
    P extends NormParams & OnlyParams<P> = Record<never, never>,
    Center extends boolean = true,
    Scale extends boolean = true,
  >(
    x: AnyTensor,
    params?: P,
    options?: InstanceNormOptions & AppliedFlags<Center, Scale>,
  ): SymbolicVjp<NormCotangents<P, Center, Scale>>;
  /** As the function `layerNorm`. */
  layerNorm(x: AnyTensor, params?: NormParams, options?: LayerNormOptions): Tensor;
  /** As the function `layerNormVjp`, with a `vjp` that returns at once. */
  layerNormVjp<
    P extends NormParams & OnlyParams<P> = Record<never, never>,
    Center extends boolean = true,
    Scale extends boolean = true,
  >(
    x: AnyTensor,
    params?: P,
    options?: LayerNormOptions & AppliedFlags<Center, Scale>,
  ): SymbolicVjp<NormCotangents<P, Center, Scale>>;
  /** As the function `rmsNorm`. */
  rmsNorm(x: AnyTensor, params?: RmsNormParams, options?: RmsNormOptions): Tensor;
  /** As the function `rmsNormVjp`, with a `vjp` that returns at once. */
  rmsNormVjp<P extends RmsNormParams = Record<never, never>>(
    x: AnyTensor,
    params?: P,
    options?: RmsNormOptions,
  ): SymbolicVjp<RmsNormCotangents<P>>;
  /** As the function `batchNorm`. */
  batchNorm(
    x: AnyTensor,
    params: NormParams,
    state: BatchNormState,
    options?: BatchNormOptions,
  ): BatchNormResult;
  /** As the function `batchNormVjp`, with a `vjp` that returns at once. */
  batchNormVjp<
    P extends NormParams & OnlyParams<P>,
    Center extends boolean = true,
    Scale extends boolean = true,
  >(
    x: AnyTensor,
    params: P,
    state: BatchNormState,
    options?: BatchNormOptions & AppliedFlags<Center, Scale>,
  ): BatchNormResult & SymbolicVjp<BatchNormCotangents<P, Center, Scale>>;
  /** As the function `moments`; a weighted count is a tensor. */
  moments(x: AnyTensor, options?: MomentsOptions): Moments;
  /** As the function `momentsVjp`, with a `vjp` that returns at once. */
  momentsVjp(x: AnyTensor, options?: MomentsOptions): SymbolicMomentsVjp;
  /** a + b; axes of one element, and missing ones, repeat. */
  add(a: AnyTensor, b: AnyTensor): Tensor;
  /** a - b; axes of one element, and missing ones, repeat. */
  sub(a: AnyTensor, b: AnyTensor): Tensor;
  /** a * b; axes of one element, and missing ones, repeat. */
  mul(a: AnyTensor, b: AnyTensor): Tensor;
  /** x times a number. */
  scale(x: AnyTensor, factor: number): Tensor;
  /** The mean of all elements, shape (). */
  mean(x: AnyTensor): Tensor;
  /** The sum over `axes`, which the result lacks; over all of them by default. */
  sum(x: AnyTensor, axes?: readonly number[]): Tensor;
  /** The same elements in the same order under another shape. */
  reshape(x: AnyTensor, shape: readonly number[]): Tensor;
  /**
   * The matrix product of a and b. All axes of a but its last are its rows, and those of the result; so
   * are those of b, for `transposeA`, by which they are summed: `matmul(x, dy, { transposeA: true })` is
   * the cotangent of w in `matmul(x, w)`, and `matmul(dy, w, { transposeB: true })` that of x.
   */
  matmul(a: AnyTensor, b: AnyTensor, options?: MatmulOptions): Tensor;
  /** An activation of every element. */
  activate(x: AnyTensor, activation: Activation): Tensor;
  /** As `activate`, with the way back. */
  activateVjp(x: AnyTensor, activation: Activation): SymbolicVjp<{ readonly x: Tensor }>;
  /** As the function `sgd`. */
  sgd<P extends object>(
    params: P,
    grads: Gradients<P>,
    state: SgdState,
    options?: SgdOptions,
  ): Step<P, SgdState<P>>;
  /** As the function `adam`. */
  adam<P extends object>(
    params: P,
    grads: Gradients<P>,
    state: AdamState,
    options?: AdamOptions,
  ): Step<P, AdamState<P>>;
  /** As the function `adamw`. */
  adamw<P extends object>(
    params: P,
    grads: Gradients<P>,
    state: AdamState,
    options?: AdamWOptions,
  ): Step<P, AdamState<P>>;
}

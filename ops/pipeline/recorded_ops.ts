/**
 * The ops inside a pipeline that record what the functions of their names compute.
 *
 * @module
 */
import type { DenseParams } from "../arithmetic/dense.ts";
import type { MatmulOptions } from "../arithmetic/matmul.ts";
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
import type { Clipped } from "../training/clip.ts";
import type { AxisOptions, MaxNormOptions, MinMaxNormOptions } from "../training/limits.ts";
import type { SgdOptions, SgdState } from "../training/sgd.ts";
import type { Gradients, Step } from "../training/step.ts";

/**
 * What can be recorded: the ops take what the functions of the same names take, but `runtime`, and
 * return at once, with tensors that have a shape and no data yet.
 */
export interface RecordedOps {
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
  /** a / b; axes of one element, and missing ones, repeat. */
  div(a: AnyTensor, b: AnyTensor): Tensor;
  /** x times a number. */
  scale(x: AnyTensor, factor: number): Tensor;
  /**
   * x to the power of a finite number; exponents of 0, 1 and 2 are exact. A negative x has whole powers
   * only, others are NaN.
   */
  pow(x: AnyTensor, exponent: number): Tensor;
  /**
   * The larger of x and a finite number; NaN stays NaN. Where x is the bound, x is given the whole
   * cotangent, as by PyTorch's `clamp`; JAX' `maximum` gives it half.
   */
  max(x: AnyTensor, bound: number): Tensor;
  /** The smaller of x and a finite number, with the gradient of `max`; NaN stays NaN. */
  min(x: AnyTensor, bound: number): Tensor;
  /** -x. */
  neg(x: AnyTensor): Tensor;
  /** The absolute values; their slope is 0 at 0. */
  abs(x: AnyTensor): Tensor;
  /** x times x. */
  square(x: AnyTensor): Tensor;
  /** Square roots: NaN below 0. Their slope is infinite at 0. */
  sqrt(x: AnyTensor): Tensor;
  /** e^x. */
  exp(x: AnyTensor): Tensor;
  /** Natural logarithms: -Infinity at 0, NaN below. */
  log(x: AnyTensor): Tensor;
  /**
   * The nearest integers, of two the even one, as NumPy's `round`. The gradient goes straight through: x
   * is given the cotangent of the result.
   */
  round(x: AnyTensor): Tensor;
  /** The mean over `axes`, which the result lacks; over all of them by default. */
  mean(x: AnyTensor, axes?: readonly number[]): Tensor;
  /** The sum over `axes`, which the result lacks; over all of them by default. */
  sum(x: AnyTensor, axes?: readonly number[]): Tensor;
  /** The same elements in the same order under another shape. */
  reshape(x: AnyTensor, shape: readonly number[]): Tensor;
  /** x with its last two axes swapped. */
  transpose(x: AnyTensor): Tensor;
  /**
   * The matrix product of a and b. All axes of a but its last are its rows, and those of the result; so
   * are those of b, for `transposeA`, by which they are summed: `matmul(x, dy, { transposeA: true })` is
   * the cotangent of w in `matmul(x, w)`, and `matmul(dy, w, { transposeB: true })` that of x.
   */
  matmul(a: AnyTensor, b: AnyTensor, options?: MatmulOptions): Tensor;
  /**
   * A dense layer: `x kernel + bias`. The last axis of x is that of the inputs, any others are samples;
   * the kernel has the shape `(inputs, units)`, and the bias, which may be absent, `(units,)`.
   */
  dense(x: AnyTensor, params: DenseParams): Tensor;
  /**
   * For each row of the last axis, which the result lacks, the cross entropy of `labels`, a probability
   * for each class, and of the softmax of `logits`, of the same shape: `-sum(labels * log(softmax))`.
   * No finite logits overflow. A class of probability 0 adds nothing, even if its logit is -Infinity.
   */
  softmaxCrossEntropy(logits: AnyTensor, labels: AnyTensor): Tensor;
  /** The penalty `factor * sum |x|`, shape (); the factor is 0.01 by default, and at least 0. */
  l1(x: AnyTensor, factor?: number): Tensor;
  /** The penalty `factor * sum x^2`, shape (); the factor is 0.01 by default, and at least 0. */
  l2(x: AnyTensor, factor?: number): Tensor;
  /** The constraint `nonNeg`: `max(x, 0)`. */
  nonNeg(x: AnyTensor): Tensor;
  /** As the constraint `maxNorm`, with norms in float32. */
  maxNorm(x: AnyTensor, options?: MaxNormOptions): Tensor;
  /** As the constraint `unitNorm`, with norms in float32. */
  unitNorm(x: AnyTensor, options?: AxisOptions): Tensor;
  /** As the constraint `minMaxNorm`, with norms in float32. */
  minMaxNorm(x: AnyTensor, options?: MinMaxNormOptions): Tensor;
  /** An activation of every element. */
  activate(x: AnyTensor, activation: Activation): Tensor;
  /** As `activate`, with the way back. */
  activateVjp(x: AnyTensor, activation: Activation): SymbolicVjp<{ readonly x: Tensor }>;
  /** As the function `clipByGlobalNorm`. */
  clipByGlobalNorm<G extends object>(grads: G, maxNorm: number): Clipped<G>;
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

/**
 * The ops inside a pipeline.
 *
 * @module
 */
import { recordBatchNorm } from "../batch_norm/batch_norm.ts";
import type { BatchNormCotangents } from "../batch_norm/cotangents.ts";
import type { BatchNormOptions } from "../batch_norm/options.ts";
import type { BatchNormState } from "../batch_norm/state.ts";
import type { BatchNormResult } from "../batch_norm/result.ts";
import { recordBatchNormVjp } from "../batch_norm/vjp.ts";
import { recordGdn } from "../gdn/gdn.ts";
import type { GdnOptions } from "../gdn/options.ts";
import type { GdnParams, GdnVariables } from "../gdn/params.ts";
import { type GdnCotangents, recordGdnVjp } from "../gdn/vjp.ts";
import { recordGroupNorm } from "../group_norm/group_norm.ts";
import { type InstanceNormOptions, recordInstanceNorm } from "../group_norm/instance_norm.ts";
import { type LayerNormOptions, recordLayerNorm } from "../group_norm/layer_norm.ts";
import type { GroupNormOptions } from "../group_norm/norm.ts";
import {
  recordGroupNormVjp,
  recordInstanceNormVjp,
  recordLayerNormVjp,
} from "../group_norm/vjp.ts";
import type { MomentsOptions } from "../moments/call.ts";
import { recordMoments } from "../moments/moments.ts";
import type { Moments } from "../moments/summary.ts";
import { recordMomentsVjp, type SymbolicMomentsVjp } from "../moments/vjp.ts";
import type { Activation } from "../norm/activations.ts";
import type { AppliedFlags, NormCotangents, NormParams, OnlyParams } from "../norm/options.ts";
import type { Plan } from "../plan/plan.ts";
import type { SymbolicVjp } from "../plan/symbolic.ts";
import type { RmsNormOptions, RmsNormParams } from "../rms_norm/options.ts";
import { recordRmsNorm } from "../rms_norm/rms_norm.ts";
import { recordRmsNormVjp, type RmsNormCotangents } from "../rms_norm/vjp.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { checkArguments, fieldsOf } from "../tensor/arguments.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { type AdamOptions, type AdamState, recordAdam } from "../training/adam.ts";
import { type AdamWOptions, recordAdamW } from "../training/adamw.ts";
import { recordSgd, type SgdOptions, type SgdState } from "../training/sgd.ts";
import type { Gradients, Step } from "../training/step.ts";
import { recordActivation, recordActivationVjp } from "./activate.ts";
import { recordBinary, recordMean, recordReshape, recordScale, recordSum } from "./arithmetic.ts";
import { type MatmulOptions, recordMatmul } from "./matmul.ts";

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

export function pipelineOps(plan: Plan): PipelineOps {
  const local = <T extends { readonly runtime?: Runtime; readonly replicas?: unknown }>(
    options: T | undefined,
  ): T => {
    const own = fieldsOf("trace a pipeline", "options", options === undefined ? {} as T : options);
    if (own.runtime !== undefined) {
      throw new TypeError(
        "Cannot trace a pipeline: runtime must be given to pipeline, got one in an op's options",
      );
    }
    if (own.replicas !== undefined) {
      throw new TypeError(
        "Cannot trace a pipeline: replicas must not be given inside of one, which runs in one go, got a " +
          "group; end one pipeline with ops.moments(x), merge these by allMergeMoments(group, moments), " +
          "and begin the next with ops.batchNorm(x, params, state, { moments })",
      );
    }
    return own;
  };
  return counted({
    gdn: (x, params, options) => recordGdn(plan, x, params, local(options)),
    gdnVjp: (x, params, options) => recordGdnVjp(plan, x, params, local(options)),
    groupNorm: (x, params = {}, options) => recordGroupNorm(plan, x, params, local(options)),
    groupNormVjp: (x, params, options) =>
      recordGroupNormVjp(plan, x, params === undefined ? {} : params, local(options)),
    instanceNorm: (x, params = {}, options) => recordInstanceNorm(plan, x, params, local(options)),
    instanceNormVjp: (x, params, options) =>
      recordInstanceNormVjp(plan, x, params === undefined ? {} : params, local(options)),
    layerNorm: (x, params = {}, options) => recordLayerNorm(plan, x, params, local(options)),
    layerNormVjp: (x, params, options) =>
      recordLayerNormVjp(plan, x, params === undefined ? {} : params, local(options)),
    rmsNorm: (x, params = {}, options) => recordRmsNorm(plan, x, params, local(options)),
    rmsNormVjp: (x, params, options) =>
      recordRmsNormVjp(plan, x, params === undefined ? {} : params, local(options)),
    batchNorm: (x, params, state, options) =>
      recordBatchNorm(plan, x, params, state, local(options)),
    batchNormVjp: (x, params, state, options) =>
      recordBatchNormVjp(plan, x, params, state, local(options)),
    moments: (x, options) => recordMoments(plan, x, local(options)),
    momentsVjp: (x, options) => recordMomentsVjp(plan, x, local(options)),
    add: (a, b) => recordBinary(plan, "add", a, b),
    sub: (a, b) => recordBinary(plan, "subtract", a, b),
    mul: (a, b) => recordBinary(plan, "multiply", a, b),
    scale: (x, factor) => recordScale(plan, x, factor),
    mean: (x) => recordMean(plan, x),
    sum: (x, axes) => recordSum(plan, x, axes),
    reshape: (x, shape) => recordReshape(plan, x, shape),
    matmul: (a, b, options) => recordMatmul(plan, a, b, options),
    activate: (x, activation) => recordActivation(plan, x, activation),
    activateVjp: (x, activation) => recordActivationVjp(plan, x, activation),
    sgd: (params, grads, state, options) => recordSgd(plan, params, grads, state, local(options)),
    adam: (params, grads, state, options) => recordAdam(plan, params, grads, state, local(options)),
    adamw: (params, grads, state, options) =>
      recordAdamW(plan, params, grads, state, local(options)),
  });
}

/** How many arguments each op takes. */
const MOST_ARGUMENTS: Readonly<Record<keyof PipelineOps, number>> = {
  gdn: 3,
  gdnVjp: 3,
  groupNorm: 3,
  groupNormVjp: 3,
  instanceNorm: 3,
  instanceNormVjp: 3,
  layerNorm: 3,
  layerNormVjp: 3,
  rmsNorm: 3,
  rmsNormVjp: 3,
  batchNorm: 4,
  batchNormVjp: 4,
  moments: 2,
  momentsVjp: 2,
  add: 2,
  sub: 2,
  mul: 2,
  scale: 2,
  mean: 1,
  sum: 2,
  reshape: 2,
  matmul: 3,
  activate: 2,
  activateVjp: 2,
  sgd: 4,
  adam: 4,
  adamw: 4,
};

/** The same ops, none of which takes an argument too many. */
function counted(ops: PipelineOps): PipelineOps {
  const entries = Object.entries(ops).map(
    ([name, op]: [string, (...args: unknown[]) => unknown]) => {
      const most = MOST_ARGUMENTS[name as keyof PipelineOps];
      const call = (...args: unknown[]) => {
        checkArguments(`trace ops.${name}`, args, most);
        return op(...args);
      };
      return [name, call];
    },
  );
  return Object.fromEntries(entries);
}

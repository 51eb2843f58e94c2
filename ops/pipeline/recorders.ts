/**
 * What records the ops of pipelines: one table, for those that trace and those that compute at once.
 *
 * @module
 */
import { recordBinary } from "../arithmetic/binary.ts";
import { recordSoftmaxCrossEntropy } from "../arithmetic/cross_entropy.ts";
import { recordDense } from "../arithmetic/dense.ts";
import { recordMatmul } from "../arithmetic/matmul.ts";
import { recordMean, recordSum } from "../arithmetic/reduce.ts";
import { recordReshape, recordTranspose } from "../arithmetic/shape.ts";
import { recordUnary } from "../arithmetic/unary.ts";
import { recordBounded, recordPow, recordScale } from "../arithmetic/with_number.ts";
import { recordBatchNorm } from "../batch_norm/batch_norm.ts";
import { recordBatchNormVjp } from "../batch_norm/vjp.ts";
import { recordGdn } from "../gdn/gdn.ts";
import { recordGdnVjp } from "../gdn/vjp.ts";
import { recordGroupNorm } from "../group_norm/group_norm.ts";
import { recordInstanceNorm } from "../group_norm/instance_norm.ts";
import { recordLayerNorm } from "../group_norm/layer_norm.ts";
import {
  recordGroupNormVjp,
  recordInstanceNormVjp,
  recordLayerNormVjp,
} from "../group_norm/vjp.ts";
import { recordMoments } from "../moments/moments.ts";
import { recordMomentsVjp } from "../moments/vjp.ts";
import type { Plan } from "../plan/plan.ts";
import { recordRmsNorm } from "../rms_norm/rms_norm.ts";
import { recordRmsNormVjp } from "../rms_norm/vjp.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { fieldsOf } from "../tensor/arguments.ts";
import { recordAdam } from "../training/adam.ts";
import { recordAdamW } from "../training/adamw.ts";
import { recordClipByGlobalNorm } from "../training/clip.ts";
import { recordPenalty } from "../training/penalties.ts";
import { recordProjection } from "../training/projections.ts";
import { recordSgd } from "../training/sgd.ts";
import { recordActivation, recordActivationVjp } from "./activate.ts";
import type { PipelineOps } from "./ops.ts";
import type { RecordedOps } from "./recorded_ops.ts";

/** For each op what records it in a plan. */
export type Recorders = {
  readonly [K in keyof RecordedOps]: (
    plan: Plan,
    ...args: Parameters<RecordedOps[K]>
  ) => ReturnType<RecordedOps[K]>;
};

/**
 * The recorders of all ops.
 *
 * @param action What is being done, for messages.
 * @param owner The function that a runtime is given to, instead of each op.
 */
export function recordersOf(action: string, owner: string): Recorders {
  const local = <T extends { readonly runtime?: Runtime; readonly replicas?: unknown }>(
    options: T | undefined,
  ): T => {
    const own = fieldsOf(action, "options", options === undefined ? {} as T : options);
    if (own.runtime !== undefined) {
      throw new TypeError(
        `Cannot ${action}: runtime must be given to ${owner}, got one in an op's options`,
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
  return {
    gdn: (plan, x, params, options) => recordGdn(plan, x, params, local(options)),
    gdnVjp: (plan, x, params, options) => recordGdnVjp(plan, x, params, local(options)),
    groupNorm: (plan, x, params = {}, options) => recordGroupNorm(plan, x, params, local(options)),
    groupNormVjp: (plan, x, params, options) =>
      recordGroupNormVjp(plan, x, params === undefined ? {} : params, local(options)),
    instanceNorm: (plan, x, params = {}, options) =>
      recordInstanceNorm(plan, x, params, local(options)),
    instanceNormVjp: (plan, x, params, options) =>
      recordInstanceNormVjp(plan, x, params === undefined ? {} : params, local(options)),
    layerNorm: (plan, x, params = {}, options) => recordLayerNorm(plan, x, params, local(options)),
    layerNormVjp: (plan, x, params, options) =>
      recordLayerNormVjp(plan, x, params === undefined ? {} : params, local(options)),
    rmsNorm: (plan, x, params = {}, options) => recordRmsNorm(plan, x, params, local(options)),
    rmsNormVjp: (plan, x, params, options) =>
      recordRmsNormVjp(plan, x, params === undefined ? {} : params, local(options)),
    batchNorm: (plan, x, params, state, options) =>
      recordBatchNorm(plan, x, params, state, local(options)),
    batchNormVjp: (plan, x, params, state, options) =>
      recordBatchNormVjp(plan, x, params, state, local(options)),
    moments: (plan, x, options) => recordMoments(plan, x, local(options)),
    momentsVjp: (plan, x, options) => recordMomentsVjp(plan, x, local(options)),
    add: (plan, a, b) => recordBinary(plan, "add", a, b),
    sub: (plan, a, b) => recordBinary(plan, "subtract", a, b),
    mul: (plan, a, b) => recordBinary(plan, "multiply", a, b),
    div: (plan, a, b) => recordBinary(plan, "divide", a, b),
    scale: (plan, x, factor) => recordScale(plan, x, factor),
    pow: (plan, x, exponent) => recordPow(plan, x, exponent),
    max: (plan, x, bound) => recordBounded(plan, "max", x, bound),
    min: (plan, x, bound) => recordBounded(plan, "min", x, bound),
    neg: (plan, x) => recordUnary(plan, "neg", x),
    abs: (plan, x) => recordUnary(plan, "abs", x),
    square: (plan, x) => recordUnary(plan, "square", x),
    sqrt: (plan, x) => recordUnary(plan, "sqrt", x),
    exp: (plan, x) => recordUnary(plan, "exp", x),
    log: (plan, x) => recordUnary(plan, "log", x),
    round: (plan, x) => recordUnary(plan, "round", x),
    mean: (plan, x, axes) => recordMean(plan, x, axes),
    sum: (plan, x, axes) => recordSum(plan, x, axes),
    reshape: (plan, x, shape) => recordReshape(plan, x, shape),
    transpose: (plan, x) => recordTranspose(plan, x),
    matmul: (plan, a, b, options) => recordMatmul(plan, a, b, options),
    dense: (plan, x, params) => recordDense(plan, x, params),
    softmaxCrossEntropy: (plan, logits, labels) => recordSoftmaxCrossEntropy(plan, logits, labels),
    l1: (plan, x, factor) => recordPenalty(plan, "l1", x, factor),
    l2: (plan, x, factor) => recordPenalty(plan, "l2", x, factor),
    nonNeg: (plan, x) => recordBounded(plan, "max", x, 0),
    maxNorm: (plan, x, options) => recordProjection(plan, "maxNorm", x, options),
    unitNorm: (plan, x, options) => recordProjection(plan, "unitNorm", x, options),
    minMaxNorm: (plan, x, options) => recordProjection(plan, "minMaxNorm", x, options),
    activate: (plan, x, activation) => recordActivation(plan, x, activation),
    activateVjp: (plan, x, activation) => recordActivationVjp(plan, x, activation),
    clipByGlobalNorm: (plan, grads, maxNorm) => recordClipByGlobalNorm(plan, grads, maxNorm),
    sgd: (plan, params, grads, state, options) =>
      recordSgd(plan, params, grads, state, local(options)),
    adam: (plan, params, grads, state, options) =>
      recordAdam(plan, params, grads, state, local(options)),
    adamw: (plan, params, grads, state, options) =>
      recordAdamW(plan, params, grads, state, local(options)),
  };
}

/** How many arguments each op takes. */
export const MOST_ARGUMENTS: Readonly<Record<keyof PipelineOps, number>> = {
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
  div: 2,
  scale: 2,
  pow: 2,
  max: 2,
  min: 2,
  neg: 1,
  abs: 1,
  square: 1,
  sqrt: 1,
  exp: 1,
  log: 1,
  round: 1,
  mean: 2,
  sum: 2,
  reshape: 2,
  transpose: 1,
  matmul: 3,
  dense: 2,
  softmaxCrossEntropy: 2,
  l1: 2,
  l2: 2,
  nonNeg: 1,
  maxNorm: 2,
  unitNorm: 2,
  minMaxNorm: 2,
  activate: 2,
  activateVjp: 2,
  clipByGlobalNorm: 2,
  sgd: 4,
  adam: 4,
  adamw: 4,
  valueAndGrad: 2,
  grad: 2,
  stopGradient: 1,
};

/**
 * A small classifier: two layers that all patches of a picture share, each with a norm and a
 * rectification, the mean over the patches, and a layer on top.
 *
 * @module
 */
import {
  type BatchNormState,
  initBatchNorm,
  initGroupNorm,
  pipeline,
  type PipelineOps,
  type Runtime,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { initSgd, type SgdState } from "../../ops/training/mod.ts";
import type { Random } from "../shared/random.ts";

/** Norms that are compared. */
export type Norm = "batch" | "renorm" | "group" | "layer" | "none";

const HIDDEN = 48;
/** Channels of a group, as many as the paper's default gives 512 channels. */
const GROUPS = 6;
const DECAY = 0.9;
const RENORM = {
  renorm: true,
  renormClipping: { rmin: 1 / 3, rmax: 3, dmax: 5 },
  renormDecay: DECAY,
} as const;

/** A layer with a norm. Without one, gamma and beta are a scale and a shift. */
interface Layer {
  readonly w: Tensor;
  readonly norm: { readonly beta: Tensor; readonly gamma: Tensor };
}

/** What is trained. */
export interface Model {
  readonly layers: readonly Layer[];
  readonly top: { readonly kernel: Tensor; readonly bias: Tensor };
}

/** All that a step changes. */
export interface Training {
  readonly model: Model;
  readonly optimizer: SgdState<Model>;
  /** Batch norm's, one for each layer. */
  readonly moving: readonly BatchNormState<Tensor>[];
}

/** Pictures, and what they are. */
export interface Batch {
  /** Shape (pictures, patches, points). */
  readonly x: Tensor;
  /** 1 in the column of the kind, else 0: (pictures, kinds). */
  readonly target: Tensor;
}

/** A model before its first step: normal weights (He et al. 2015), gamma 1, beta 0. */
export function start(points: number, kinds: number, random: Random): Training {
  const weights = (rows: number, columns: number) =>
    tensor(
      Float32Array.from({ length: rows * columns }, () => random.normal() * Math.sqrt(2 / rows)),
      [rows, columns],
    );
  const layer = (inputs: number) => ({ w: weights(inputs, HIDDEN), norm: initGroupNorm(HIDDEN) });
  const model = {
    layers: [layer(points), layer(HIDDEN)],
    top: { kernel: weights(HIDDEN, kinds), bias: tensor(new Float32Array(kinds)) },
  };
  const moving = model.layers.map(() => initBatchNorm(HIDDEN, { renorm: true }).state);
  return { model, optimizer: initSgd(model), moving };
}

/** A norm of a layer with its rectification, and the next moving statistics. */
function normed(
  ops: PipelineOps,
  norm: Norm,
  x: Tensor,
  params: Layer["norm"],
  state: BatchNormState<Tensor>,
  training: boolean,
): { readonly y: Tensor; readonly state: BatchNormState<Tensor> } {
  const activation = "relu";
  if (norm === "none") {
    const { beta, gamma } = params;
    return { y: ops.activate(ops.add(ops.mul(x, gamma), beta), activation), state };
  }
  if (norm === "group" || norm === "layer") {
    const groups = norm === "group" ? GROUPS : 1;
    return { y: ops.groupNorm(x, params, { groups, activation }), state };
  }
  const options = { ...(norm === "renorm" && RENORM), decay: DECAY, training, activation } as const;
  return ops.batchNorm(x, params, state, options);
}

/** A score for each kind, and the next moving statistics. */
function forward(
  ops: PipelineOps,
  norm: Norm,
  x: Tensor,
  { layers, top }: Model,
  moving: Training["moving"],
  training: boolean,
): { readonly scores: Tensor; readonly moving: Training["moving"] } {
  const next: BatchNormState<Tensor>[] = [];
  let h = x;
  for (const [i, { w, norm: params }] of layers.entries()) {
    const { y, state } = normed(ops, norm, ops.matmul(h, w), params, moving[i], training);
    h = y;
    next.push(state);
  }
  return { scores: ops.dense(ops.scale(ops.sum(h, [1]), 1 / h.shape[1]), top), moving: next };
}

/** A step of training as one plan: forward, backward and the update of the parameters. */
export function trainer(
  norm: Norm,
  runtime: Runtime,
): (input: Training & Batch & { readonly learningRate: number }) => Promise<Training> {
  return pipeline((ops, input: Training & Batch & { readonly learningRate: number }) => {
    const { model, optimizer, moving, x, target, learningRate } = input;
    const { grads, aux } = ops.grad((model) => {
      const { scores, moving: next } = forward(ops, norm, x, model, moving, true);
      // The logistic loss of each kind against all others: softplus(s) - t s.
      const losses = ops.sub(ops.activate(scores, "softplus"), ops.mul(target, scores));
      return { value: ops.scale(ops.sum(losses), 1 / x.shape[0]), aux: next };
    }, model);
    const step = ops.sgd(model, grads, optimizer, { learningRate, momentum: 0.9 });
    return { model: step.params, optimizer: step.state, moving: aux };
  }, { runtime });
}

/**
 * The share of pictures that a trained model takes for another kind, with batch norm by moving statistics;
 * NaN if the training has diverged.
 */
export async function errorOf(
  norm: Norm,
  { model, moving }: Training,
  { x, target }: Batch,
  runtime: Runtime,
): Promise<number> {
  const judge = pipeline(
    (ops, x: Tensor) => forward(ops, norm, x, model, moving, false).scores,
    { runtime },
  );
  const { data, shape: [count, kinds] } = await judge(x);
  if (!data.every(Number.isFinite)) return NaN;
  const largest = (all: Float32Array, i: number) => {
    const own = all.subarray(i * kinds, (i + 1) * kinds);
    return own.indexOf(Math.max(...own));
  };
  let wrong = 0;
  for (let i = 0; i < count; i++) if (largest(data, i) !== largest(target.data, i)) wrong++;
  return wrong / count;
}

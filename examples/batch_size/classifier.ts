/**
 * A small classifier of digits: a layer that the 16 patches of 7 x 7 points share, one that the four
 * quarters of a digit share, each with a norm and a rectification, and a layer on top. The first two are
 * convolutions whose windows do not overlap.
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
import { type Batch, KINDS, PATCHES, POINTS } from "./digits.ts";
import { type Limits, type Norm, overBatches } from "./norms.ts";

/** Places of a layer over which batch norm pools beside the samples, its inputs and its channels. */
export const LAYERS = [
  { places: PATCHES, inputs: POINTS, channels: 32 },
  { places: PATCHES / 4, inputs: 4 * 32, channels: 64 },
] as const;
const TOP = 4 * 64;
/** Of group norm. */
export const GROUPS = 8;
/** Of SGD. */
export const MOMENTUM = 0.9;

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

/** How a norm computes. */
interface Mode {
  readonly norm: Norm;
  /** Renorm's at this time. */
  readonly limits: Limits | undefined;
  /** Whether norms over batches take the batch's own statistics. */
  readonly training: boolean;
}

/** A step of a training. */
export type Step = (input: Training & Batch & Rate) => Training;

interface Rate {
  /** The learning rate, shape (); as a plain number it would have every step recorded. */
  readonly rate: Tensor;
}

/** A model before its first step: normal weights (He et al. 2015), gamma 1, beta 0. */
export function start(random: Random): Training {
  const weights = (rows: number, columns: number) =>
    tensor(
      Float32Array.from({ length: rows * columns }, () => random.normal() * Math.sqrt(2 / rows)),
      [rows, columns],
    );
  const layers = LAYERS.map(({ inputs, channels }) => ({
    w: weights(inputs, channels),
    norm: initGroupNorm(channels),
  }));
  const top = { kernel: weights(TOP, KINDS), bias: tensor(new Float32Array(KINDS)) };
  const model = { layers, top };
  const moving = LAYERS.map(({ channels }) => initBatchNorm(channels, { renorm: true }).state);
  return { model, optimizer: initSgd(model), moving };
}

/** A step as one plan: forward, backward and the update of the parameters. */
export function openStep(norm: Norm, limits: Limits | undefined, runtime: Runtime): Step {
  const mode = { norm, limits, training: true };
  return pipeline((ops, input: Parameters<Step>[0]) => {
    const { model, optimizer, moving, x, target, rate } = input;
    const { grads, aux } = ops.grad((model) => {
      const { scores, moving: next } = forward(ops, mode, x, model, moving);
      const loss = ops.mean(ops.softmaxCrossEntropy(scores, target));
      return { value: ops.mul(loss, rate), aux: next };
    }, model);
    const step = ops.sgd(model, grads, optimizer, { learningRate: 1, momentum: MOMENTUM });
    return { model: step.params, optimizer: step.state, moving: aux };
  }, { runtime, sync: true });
}

/**
 * Scores of digits by a trained model, shape (digits, kinds). Norms over batches take the moving
 * statistics, or with `exact` those of all digits that are given.
 */
export function openJudge(
  norm: Norm,
  exact: boolean,
  runtime: Runtime,
): (input: Pick<Training, "model" | "moving"> & { readonly x: Tensor }) => Tensor {
  // Renorm would turn the digits' own statistics back into the moving ones.
  const mode = { norm: exact ? "batch" : norm, limits: undefined, training: exact } as const;
  return pipeline(
    (ops, { x, model, moving }: Pick<Training, "model" | "moving"> & { readonly x: Tensor }) =>
      forward(ops, mode, x, model, moving).scores,
    { runtime, sync: true },
  );
}

/** A score for each kind, and the next moving statistics. */
function forward(
  ops: PipelineOps,
  mode: Mode,
  x: Tensor,
  { layers, top }: Model,
  moving: Training["moving"],
): { readonly scores: Tensor; readonly moving: Training["moving"] } {
  const count = x.shape[0];
  const next: BatchNormState<Tensor>[] = [];
  let h = x;
  for (const [i, { places, inputs }] of LAYERS.entries()) {
    // Four patches of a quarter follow each other, so that this puts them into one row.
    const windows = ops.reshape(h, [count, places, inputs]);
    const { w, norm } = layers[i];
    const { y, state } = normed(ops, mode, ops.matmul(windows, w), norm, moving[i]);
    h = y;
    next.push(state);
  }
  return { scores: ops.dense(ops.reshape(h, [count, TOP]), top), moving: next };
}

/** A norm of a layer with its rectification, and the next moving statistics. */
function normed(
  ops: PipelineOps,
  { norm, limits, training }: Mode,
  x: Tensor,
  params: Layer["norm"],
  state: BatchNormState<Tensor>,
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
  const { decay } = overBatches(norm)!;
  const renorm = limits === undefined ? {} : {
    renorm: true,
    renormClipping: { rmin: 1 / limits.rmax, rmax: limits.rmax, dmax: limits.dmax },
    renormDecay: decay,
  };
  return ops.batchNorm(x, params, state, { ...renorm, decay, training, activation });
}

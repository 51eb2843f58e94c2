/**
 * A small classifier of textures: two layers that all patches share, each with a norm and a
 * rectification, the mean over the patches, and a layer on top.
 *
 * @module
 */
import {
  type BatchNormState,
  initBatchNorm,
  initGroupNorm,
  type NormParams,
  pipeline,
  type PipelineOps,
  type Runtime,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { initSgd, type SgdState } from "../../ops/training/mod.ts";
import type { Random } from "../shared/random.ts";
import { KINDS, PATCHES, POINTS, type Textures } from "./textures.ts";

/** Norms that are compared. */
export type Norm = "batch" | "renorm" | "group" | "layer" | "none";

const HIDDEN = 48;
/** Channels of a group, as many as the paper's default gives 512 channels. */
const GROUPS = 6;
const DECAY = 0.9;
/** Repeats what is the same for all patches of a texture. */
const ONES = tensor(new Float32Array(PATCHES).fill(1), [1, PATCHES, 1]);

/** What a layer with a norm is made of. */
interface Layer {
  readonly w: Tensor;
  readonly norm: { readonly beta: Tensor; readonly gamma: Tensor };
}

/** What is trained. */
export interface Model {
  readonly layers: readonly Layer[];
  readonly top: { readonly w: Tensor; readonly b: Tensor };
}

/** All that a step changes. */
export interface Training {
  readonly model: Model;
  readonly optimizer: SgdState<Model>;
  /** Batch norm's, one for each layer. */
  readonly moving: readonly BatchNormState<Tensor>[];
}

/** A batch on its way in. */
interface Batch {
  readonly x: Tensor;
  readonly target: Tensor;
}

/** A model before its first step: normal weights (He et al. 2015), gamma 1, beta 0. */
export function start(random: Random): Training {
  const weights = (rows: number, columns: number) =>
    tensor(
      Float32Array.from({ length: rows * columns }, () => random.normal() * Math.sqrt(2 / rows)),
      [rows, columns],
    );
  const layer = (inputs: number): Layer => ({
    w: weights(inputs, HIDDEN),
    norm: initGroupNorm(HIDDEN) as Layer["norm"],
  });
  const model = {
    layers: [layer(POINTS), layer(HIDDEN)],
    top: { w: weights(HIDDEN, KINDS), b: tensor(new Float32Array(KINDS)) },
  };
  const moving = model.layers.map(() => initBatchNorm(HIDDEN, { renorm: true }).state);
  return { model, optimizer: initSgd(model), moving };
}

/** A batch of textures, with targets of 1 in the column of the kind. */
export function batchOf(
  { x, kinds }: Textures,
  indices: readonly number[],
): Batch {
  const size = PATCHES * POINTS;
  const data = new Float32Array(indices.length * size);
  const target = new Float32Array(indices.length * KINDS);
  indices.forEach((from, i) => {
    data.set(x.subarray(from * size, (from + 1) * size), i * size);
    target[i * KINDS + kinds[from]] = 1;
  });
  return {
    x: tensor(data, [indices.length, PATCHES, POINTS]),
    target: tensor(target, [indices.length, KINDS]),
  };
}

/** A norm of a layer with its rectification, ready to go back. */
interface Normed {
  readonly y: Tensor;
  readonly state: BatchNormState<Tensor>;
  readonly vjp: (dy: Tensor) => { readonly x: Tensor; readonly norm: Layer["norm"] };
}

function normed(
  ops: PipelineOps,
  norm: Norm,
  x: Tensor,
  { beta, gamma }: Layer["norm"],
  state: BatchNormState<Tensor>,
): Normed {
  const activation = "relu";
  if (norm === "none") {
    // The same parameters without a norm: a scale and a shift.
    const { y, vjp } = ops.activateVjp(ops.add(ops.mul(x, gamma), beta), activation);
    return {
      y,
      state,
      vjp(dy) {
        const { x: back } = vjp(dy);
        return {
          x: ops.mul(back, gamma),
          norm: { beta: ops.sum(back, [0, 1]), gamma: ops.sum(ops.mul(back, x), [0, 1]) },
        };
      },
    };
  }
  const params = { beta, gamma };
  if (norm === "group" || norm === "layer") {
    const groups = norm === "group" ? GROUPS : 1;
    const { y, vjp } = ops.groupNormVjp(x, params, { groups, activation });
    return { y, state, vjp: (dy) => backOf(vjp(dy)) };
  }
  const options = norm === "batch" ? {} : {
    renorm: true,
    renormClipping: { rmin: 1 / 3, rmax: 3, dmax: 5 },
    renormDecay: DECAY,
  };
  const { y, state: next, vjp } = ops.batchNormVjp(x, params, state, {
    ...options,
    decay: DECAY,
    activation,
  });
  return { y, state: next, vjp: (dy) => backOf(vjp(dy)) };
}

function backOf({ x, params }: {
  readonly x: Tensor;
  readonly params: NormParams<Tensor>;
}) {
  return { x, norm: params as Layer["norm"] };
}

/** A step of training as one plan: forward, backward and the update of the parameters. */
export function trainer(
  norm: Norm,
  runtime: Runtime,
): (input: Training & Batch & { readonly learningRate: number }) => Promise<Training> {
  return pipeline((ops, input: Training & Batch & { readonly learningRate: number }) => {
    const { model, optimizer, moving, x, target, learningRate } = input;
    const [first, second] = model.layers;
    const a = normed(ops, norm, ops.matmul(x, first.w), first.norm, moving[0]);
    const b = normed(ops, norm, ops.matmul(a.y, second.w), second.norm, moving[1]);
    const pooled = ops.scale(ops.sum(b.y, [1]), 1 / PATCHES);
    const scores = ops.add(ops.matmul(pooled, model.top.w), model.top.b);
    // Of the logistic loss of each kind against all others, sum(softplus(s) - t s) / samples.
    const ds = ops.scale(ops.sub(ops.activate(scores, "sigmoid"), target), 1 / x.shape[0]);
    const dPooled = ops.scale(ops.matmul(ds, model.top.w, { transposeB: true }), 1 / PATCHES);
    const everywhere = ops.reshape(dPooled, [x.shape[0], 1, HIDDEN]);
    const backB = b.vjp(ops.mul(everywhere, ONES));
    const backA = a.vjp(ops.matmul(backB.x, second.w, { transposeB: true }));
    const weights = (input: Tensor, back: Tensor) => ops.matmul(input, back, { transposeA: true });
    const grads = {
      layers: [
        { w: weights(x, backA.x), norm: backA.norm },
        { w: weights(a.y, backB.x), norm: backB.norm },
      ],
      top: { w: weights(pooled, ds), b: ops.sum(ds, [0]) },
    };
    const step = ops.sgd(model, grads, optimizer, { learningRate, momentum: 0.9 });
    return { model: step.params, optimizer: step.state, moving: [a.state, b.state] };
  }, { runtime });
}

/**
 * The share of textures that a trained model takes for another kind, with batch norm by moving statistics;
 * NaN if the training has diverged.
 */
export async function errorOf(
  norm: Norm,
  { model, moving }: Training,
  test: Textures,
  runtime: Runtime,
): Promise<number> {
  const forward = pipeline((ops, x: Tensor) => {
    let h = x;
    for (const [i, { w, norm: params }] of model.layers.entries()) {
      const before = ops.matmul(h, w);
      h = norm === "batch" || norm === "renorm"
        ? ops.batchNorm(before, params, moving[i], { training: false, activation: "relu" }).y
        : normed(ops, norm, before, params, moving[i]).y;
    }
    const pooled = ops.scale(ops.sum(h, [1]), 1 / PATCHES);
    return ops.add(ops.matmul(pooled, model.top.w), model.top.b);
  }, { runtime });
  const { x } = batchOf(test, Array.from({ length: test.count }, (_, i) => i));
  const { data } = await forward(x);
  if (!data.every(Number.isFinite)) return NaN;
  let wrong = 0;
  for (let i = 0; i < test.count; i++) {
    const scores = data.subarray(i * KINDS, (i + 1) * KINDS);
    if (scores.indexOf(Math.max(...scores)) !== test.kinds[i]) wrong++;
  }
  return wrong / test.count;
}

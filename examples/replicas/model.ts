/**
 * A network of two layers with batch norm, and a step of its training on replicas.
 *
 * A pipeline runs in one go, so that each ends where the replicas meet: a layer's product is one
 * pipeline, its batch norm meets the others, the next pipeline goes on with what comes out of it. A
 * tape, which is of one pipeline, does the loss and the layer on top; the rest goes back by hand.
 *
 * @module
 */
import {
  allReduceTree,
  type BatchNormState,
  batchNormVjp,
  initBatchNorm,
  pipeline,
  type ReplicaGroup,
  type Runtime,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { adam, type AdamState, initAdam, varianceScaling } from "../../ops/training/mod.ts";
import type { Batch } from "./spirals.ts";

const HIDDEN = 32;
const NORM = { decay: 0.9, activation: "relu" } as const;

interface Layer {
  readonly w: Tensor;
  readonly beta: Tensor;
  readonly gamma: Tensor;
}

/** What is trained. */
export interface Params {
  readonly layers: readonly Layer[];
  readonly top: { readonly kernel: Tensor; readonly bias: Tensor };
}

/** All that a step changes. */
export interface Training {
  /** Steps taken. */
  readonly steps: number;
  readonly params: Params;
  /** Batch norm's moving statistics, one for each layer. */
  readonly moving: readonly BatchNormState<Tensor>[];
  readonly optimizer: AdamState<Params>;
}

/** A network before its first step: normal weights (He et al. 2015), gamma 1, beta 0. */
export function start(seed: number): Training {
  const weights = (layer: number, shape: readonly number[]) =>
    varianceScaling({ scale: 2, distribution: "untruncatedNormal", seed: 3 * seed + layer })(shape);
  const layerOf = (layer: number, inputs: number): Layer => ({
    w: weights(layer, [inputs, HIDDEN]),
    beta: tensor(new Float32Array(HIDDEN)),
    gamma: tensor(new Float32Array(HIDDEN).fill(1)),
  });
  const params = {
    layers: [layerOf(0, 2), layerOf(1, HIDDEN)],
    top: { kernel: weights(2, [HIDDEN, 1]), bias: tensor([0]) },
  };
  const moving = params.layers.map(() => initBatchNorm(HIDDEN).state);
  return { steps: 0, params, moving, optimizer: initAdam(params) };
}

/** One step with this replica's part of a batch of `points`; the loss is that of the whole batch. */
export type Step = (training: Training, part: Batch, points: number) => Promise<{
  readonly training: Training;
  readonly loss: number;
}>;

export function openStep(replicas: ReplicaGroup, runtime: Runtime): Step {
  const project = pipeline(
    (ops, { x, w }: { x: Tensor; w: Tensor }) => ops.matmul(x, w),
    { runtime },
  );
  const pullProject = pipeline((ops, { x, w, dh }: { x: Tensor; w: Tensor; dh: Tensor }) => ({
    x: ops.matmul(dh, w, { transposeB: true }),
    w: ops.matmul(x, dh, { transposeA: true }),
  }), { runtime });
  // The logistic loss of z is softplus(z) - target z; the mean is over the points of all replicas.
  const judge = pipeline(
    (ops, { x, target, top, points }: {
      x: Tensor;
      target: Tensor;
      top: Params["top"];
      points: number;
    }) => {
      const { value: loss, grads } = ops.valueAndGrad(({ x, top }) => {
        const z = ops.dense(x, top);
        const losses = ops.sub(ops.activate(z, "softplus"), ops.mul(target, z));
        return ops.scale(ops.sum(losses), 1 / points);
      }, { x, top });
      return { loss, ...grads };
    },
    { runtime },
  );

  return async ({ steps, params, moving, optimizer }, part, points) => {
    const inputs = [part.x];
    const norms = [];
    for (const [i, { w, beta, gamma }] of params.layers.entries()) {
      const h = await project({ x: inputs[i], w });
      const norm = await batchNormVjp(h, { beta, gamma }, moving[i], {
        ...NORM,
        replicas,
        runtime,
      });
      norms.push(norm);
      inputs.push(norm.y);
    }
    const judged = await judge({ x: inputs.at(-1)!, target: part.target, top: params.top, points });
    const layers: Layer[] = [];
    let dy = judged.x;
    for (let i = norms.length - 1; i >= 0; i--) {
      const { x: dh, params: { beta, gamma } } = await norms[i].vjp(dy);
      const back = await pullProject({ x: inputs[i], w: params.layers[i].w, dh });
      layers.unshift({ w: back.w, beta, gamma });
      dy = back.x;
    }
    const own = { loss: judged.loss, grads: { layers, top: judged.top } };
    const { loss, grads } = await allReduceTree(replicas, own);
    const next = await adam(params, grads, optimizer, { learningRate: 0.01, runtime });
    return {
      training: {
        steps: steps + 1,
        params: next.params,
        moving: norms.map(({ state }) => state),
        optimizer: next.state,
      },
      loss: loss.data[0],
    };
  };
}

/** How many of the points are on the side that they should be on, from 0 to 1. */
export async function accuracy(
  { params: { layers, top }, moving }: Training,
  { x, target }: Batch,
  runtime: Runtime,
): Promise<number> {
  const infer = pipeline((ops, input: Tensor) => {
    const hidden = layers.reduce((y, { w, beta, gamma }, i) => {
      const options = { ...NORM, training: false };
      return ops.batchNorm(ops.matmul(y, w), { beta, gamma }, moving[i], options).y;
    }, input);
    return ops.dense(hidden, top);
  }, { runtime });
  const { data } = await infer(x);
  return data.filter((z, i) => (z > 0) === (target.data[i] === 1)).length / data.length;
}

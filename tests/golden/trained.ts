/**
 * Layers that are trained here, as what other frameworks load.
 *
 * @module
 */
import {
  batchNorm,
  batchNormToPyTorch,
  batchNormVjp,
  gdn,
  gdnToCompressAI,
  type GdnVariables,
  gdnVjp,
  groupNorm,
  groupNormVjp,
  initBatchNorm,
  initGdn,
  initGroupNorm,
  initLayerNorm,
  initRmsNorm,
  instanceNorm,
  instanceNormVjp,
  layerNorm,
  layerNormVjp,
  rmsNorm,
  rmsNormVjp,
  type Runtime,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { adam, initAdam } from "../../ops/training/mod.ts";
import { randomTensor } from "../support/random.ts";
import type { Tensors } from "./read.ts";

/** A trained layer in another framework's words, and what it makes of x here. */
export interface Trained {
  readonly name: string;
  /** The framework's class and its arguments. */
  readonly class: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly weights: Tensors;
  readonly x: Tensor;
  readonly y: Tensor;
}

/** An op with its way back. */
interface WithVjp {
  readonly y: Tensor;
  readonly vjp: (dy: Tensor) => Promise<{ readonly params: object }>;
}

const STEPS = 10;

/** Parameters after some steps of Adam towards random numbers, from which all of them move. */
async function fitted<P extends object>(
  start: P,
  runtime: Runtime,
  op: (params: P, step: number) => Promise<WithVjp>,
): Promise<P> {
  let params = start;
  let state = initAdam(start);
  for (let step = 0; step < STEPS; step++) {
    const { y, vjp } = await op(params, step);
    const target = randomTensor(y.shape, { seed: 100, mean: 1 });
    const error = tensor(y.data.map((value, i) => value - target.data[i]), y.shape);
    const grads = (await vjp(error)).params as P;
    const next = await adam(params, grads as never, state, { learningRate: 0.05, runtime });
    params = next.params;
    state = next.state;
  }
  return params;
}

const FIRST = [3, 6, 4, 2];
const LAST = [3, 4, 2, 6];
const input = (shape: readonly number[], seed = 1) => randomTensor(shape, { seed, mean: 3 });

/** Batch norm after its training, with parameters and moving statistics. */
async function trainedBatchNorm(dataFormat: "NHWC" | "NCHW", runtime: Runtime) {
  const shape = dataFormat === "NCHW" ? FIRST : LAST;
  const options = { dataFormat, decay: 0.7, epsilon: 1e-3, runtime };
  const initial = initBatchNorm(6, { scale: true });
  let state = initial.state;
  const params = await fitted(initial.params, runtime, async (params, step) => {
    const result = await batchNormVjp(input(shape, step), params, state, options);
    state = result.state;
    return result;
  });
  const x = input(shape, 50);
  const { y } = await batchNorm(x, params, state, { ...options, training: false });
  return { params, state, options, x, y };
}

/** Group, instance and layer norm for PyTorch, in its layout, and batch norm. */
export async function forPyTorch(runtime: Runtime): Promise<readonly Trained[]> {
  const x = input(FIRST);
  const affine = ({ gamma, beta }: { readonly gamma: Tensor; readonly beta: Tensor }) => ({
    weight: gamma,
    bias: beta,
  });
  const first = { epsilon: 1e-5, dataFormat: "NCHW", runtime } as const;
  const grouped = { ...first, groups: 3 };
  const last = { axes: [-2, -1], epsilon: 1e-5, runtime };
  const group = await fitted(initGroupNorm(6), runtime, (p) => groupNormVjp(x, p, grouped));
  const instance = await fitted(initGroupNorm(6), runtime, (p) => instanceNormVjp(x, p, first));
  const layer = await fitted(initLayerNorm([4, 2]), runtime, (p) => layerNormVjp(x, p, last));
  const batch = await trainedBatchNorm("NCHW", runtime);
  const { runtime: _, ...options } = batch.options;
  const exported = batchNormToPyTorch(batch.params, batch.state, options);
  return [
    {
      name: "group",
      class: "GroupNorm",
      arguments: { num_groups: 3, num_channels: 6 },
      weights: affine(group),
      x,
      y: await groupNorm(x, group, grouped),
    },
    {
      name: "instance",
      class: "InstanceNorm2d",
      arguments: { num_features: 6, affine: true },
      weights: affine(instance),
      x,
      y: await instanceNorm(x, instance, first),
    },
    {
      name: "layer",
      class: "LayerNorm",
      arguments: { normalized_shape: [4, 2] },
      weights: affine(layer),
      x,
      y: await layerNorm(x, layer, last),
    },
    {
      name: "batch",
      class: "BatchNorm2d",
      arguments: { num_features: 6, ...exported.options },
      weights: exported.weights as Tensors,
      x: batch.x,
      y: batch.y,
    },
  ];
}

/** Group, layer, RMS and batch norm for Keras, whose names are those here but for one. */
export async function forKeras(runtime: Runtime): Promise<readonly Trained[]> {
  const x = input(LAST);
  const grouped = { groups: 3, epsilon: 1e-3, runtime };
  const last = { epsilon: 1e-3, runtime };
  const rms = { epsilon: 1e-6, runtime };
  const group = await fitted(initGroupNorm(6), runtime, (p) => groupNormVjp(x, p, grouped));
  const layer = await fitted(initLayerNorm([6]), runtime, (p) => layerNormVjp(x, p, last));
  const root = await fitted(initRmsNorm(6), runtime, (p) => rmsNormVjp(x, p, rms));
  const { params, state, ...batch } = await trainedBatchNorm("NHWC", runtime);
  return [
    {
      name: "group",
      class: "GroupNormalization",
      arguments: { groups: 3 },
      weights: group,
      x,
      y: await groupNorm(x, group, grouped),
    },
    {
      name: "layer",
      class: "LayerNormalization",
      arguments: {},
      weights: layer,
      x,
      y: await layerNorm(x, layer, last),
    },
    {
      name: "root",
      class: "RMSNormalization",
      arguments: {},
      weights: { scale: root.gamma },
      x,
      y: await rmsNorm(x, root, rms),
    },
    {
      name: "batch",
      class: "BatchNormalization",
      arguments: { momentum: batch.options.decay, epsilon: batch.options.epsilon },
      weights: {
        ...params,
        moving_mean: state.movingMean,
        moving_variance: state.movingVariance,
      },
      x: batch.x,
      y: batch.y,
    },
  ];
}

/** Both classes of CompressAI in both directions, each from parameters in their stored form. */
export async function forCompressAI(runtime: Runtime): Promise<readonly Trained[]> {
  const x = input(FIRST);
  const layers: Trained[] = [];
  for (const exponents of [[2, 0.5], [1, 1]] as const) {
    for (const inverse of [false, true]) {
      const own = {
        alphaParameter: exponents[0],
        epsilonParameter: exponents[1],
        betaMin: 1e-3,
        inverse,
        dataFormat: "NCHW",
      } as const;
      const options = { ...own, runtime };
      const start: GdnVariables<Tensor> = initGdn(6, { betaMin: own.betaMin });
      const params = await fitted(start, runtime, (p) => gdnVjp(x, p, options));
      const exported = gdnToCompressAI(params, own);
      const { layer, ...rest } = exported.options;
      layers.push({
        name: `${layer}${inverse ? " inverse" : ""}`,
        class: layer,
        arguments: rest,
        weights: exported.weights,
        x,
        y: await gdn(x, params, options),
      });
    }
  }
  return layers;
}

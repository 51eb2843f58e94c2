/**
 * A transform codec: layers to the code and as many back, with or without a nonlinearity after each.
 *
 * @module
 */
import {
  type GdnVariables,
  initGdn,
  pipeline,
  type PipelineOps,
  type Runtime,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { type AdamState, initAdam } from "../../ops/training/mod.ts";
import type { Random } from "../shared/random.ts";
import { cosines, orthogonal, turned, unit } from "./transforms.ts";

/** How a codec is built, and from where it starts. */
export interface Design {
  /** What follows a layer: nothing, max(x, 0), or GDN. On the way back it is IGDN, before the layer. */
  readonly kind: "linear" | "ReLU" | "GDN";
  /** Layers each way. */
  readonly layers: number;
  /** Whether the nonlinearity also follows the last layer, whose results are the code. */
  readonly isCodeNormalized: boolean;
  /** The first layer's start: an orthogonal matrix of random numbers, or the cosine transform. */
  readonly basis: "random" | "cosines";
  /** GDN's start: what the square of a channel counts for in its own divisor. */
  readonly gamma: number;
}

/** A layer. GDN follows it in the half that codes; IGDN precedes it in the half that decodes. */
interface Layer {
  readonly dense: { readonly kernel: Tensor; readonly bias: Tensor };
  readonly gdn?: GdnVariables<Tensor>;
}

/** What is trained. Of both halves, the layers are in the order in which they are applied. */
export interface Model {
  readonly analysis: readonly Layer[];
  readonly synthesis: readonly Layer[];
  /** 1 / scale of each code's logistic distribution; positive. */
  readonly precision: Tensor;
}

/** All that a step changes. */
export interface Training {
  readonly model: Model;
  readonly optimizer: AdamState<Model>;
}

/** Patches, and what stands for the rounding of their codes. */
export interface Batch {
  /** (count, points). */
  readonly x: Tensor;
  /** Uniform from -1/2 to 1/2, as many numbers as codes. */
  readonly noise: Tensor;
  /** How much the squared error of a patch counts against its rate. */
  readonly lambda: number;
}

/** The least precision: a constraint, applied after each step. */
const LEAST_PRECISION = 0.02;

/**
 * A model before its first step: the layers are orthogonal, and undo each other. A code has as many
 * numbers as a patch has points, so that nothing is thrown away except by rounding.
 */
export function start(design: Design, side: number, random: Random): Training {
  const points = side * side;
  const kernels = Array.from({ length: design.layers }, (_, i) => {
    if (design.basis === "random") return orthogonal(points, random);
    return i === 0 ? cosines(side) : unit(points);
  });
  const layer = (kernel: Tensor, i: number): Layer => ({
    dense: { kernel, bias: tensor(new Float32Array(points)) },
    ...(design.kind === "GDN" && isFollowed(design, i) &&
      { gdn: initGdn(points, { gammaInit: design.gamma }) }),
  });
  const model: Model = {
    analysis: kernels.map(layer),
    synthesis: kernels.map((kernel, i) => layer(turned(kernel), i)).reverse(),
    precision: tensor(new Float32Array(points).fill(1)),
  };
  return { model, optimizer: initAdam(model) };
}

/** Whether a nonlinearity is after layer i of the half that codes. */
function isFollowed({ layers, isCodeNormalized }: Design, i: number): boolean {
  return i < layers - 1 || isCodeNormalized;
}

function analysed(ops: PipelineOps, x: Tensor, layers: readonly Layer[], design: Design): Tensor {
  return layers.reduce((h, { dense, gdn }, i) => {
    const y = ops.dense(h, dense);
    if (gdn !== undefined) return ops.gdn(y, gdn);
    return design.kind === "ReLU" && isFollowed(design, i) ? ops.activate(y, "relu") : y;
  }, x);
}

function synthesized(
  ops: PipelineOps,
  codes: Tensor,
  layers: readonly Layer[],
  design: Design,
): Tensor {
  return layers.reduce((h, { dense, gdn }, i) => {
    if (gdn !== undefined) return ops.dense(ops.gdn(h, gdn, { inverse: true }), dense);
    const isRectified = design.kind === "ReLU" && isFollowed(design, layers.length - 1 - i);
    return ops.dense(isRectified ? ops.activate(h, "relu") : h, dense);
  }, codes);
}

/**
 * The rate of codes in nats per patch: that of logistic distributions with precision p,
 * `-log p(c) = softplus(t) + softplus(-t) - log p` for `t = p c`.
 */
function rateOf(ops: PipelineOps, codes: Tensor, precision: Tensor): Tensor {
  const t = ops.mul(codes, precision);
  const spread = ops.add(ops.activate(t, "softplus"), ops.activate(ops.neg(t), "softplus"));
  return ops.sub(ops.scale(ops.sum(spread), 1 / codes.shape[0]), ops.sum(ops.log(precision)));
}

/** Rate plus `lambda` times the squared error, in nats per patch, with noise for the rounding. */
function lossOf(ops: PipelineOps, model: Model, design: Design, batch: Batch): Tensor {
  const { x, noise, lambda } = batch;
  const codes = ops.add(analysed(ops, x, model.analysis, design), noise);
  const error = ops.sub(synthesized(ops, codes, model.synthesis, design), x);
  return ops.add(rateOf(ops, codes, model.precision), ops.l2(error, lambda / x.shape[0]));
}

/** A step of training. */
export function trainer(
  design: Design,
  runtime: Runtime,
): (input: Training & Batch & { readonly learningRate: number }) => Promise<Training> {
  return pipeline((ops, input: Training & Batch & { readonly learningRate: number }) => {
    const { model, optimizer, learningRate } = input;
    const grads = ops.grad((model) => lossOf(ops, model, design, input), model);
    const step = ops.adam(model, grads, optimizer, { learningRate });
    const precision = ops.max(step.params.precision, LEAST_PRECISION);
    return { model: { ...step.params, precision }, optimizer: step.state };
  }, { runtime });
}

/** The loss of patches, in nats per patch. */
export async function loss(
  model: Model,
  design: Design,
  batch: Batch,
  runtime: Runtime,
): Promise<number> {
  const run = pipeline(
    (ops, { model, batch }: { model: Model; batch: Batch }) => lossOf(ops, model, design, batch),
    { runtime },
  );
  return (await run({ model, batch })).data[0];
}

/** Codes of patches, rounded, and what they are decoded to. */
export async function coded(
  { analysis, synthesis }: Model,
  design: Design,
  x: Tensor,
  runtime: Runtime,
): Promise<{ readonly codes: Tensor; readonly decoded: Tensor }> {
  const run = pipeline((ops, x: Tensor) => {
    const codes = ops.round(analysed(ops, x, analysis, design));
    return { codes, decoded: synthesized(ops, codes, synthesis, design) };
  }, { runtime });
  return await run(x);
}

/** Bits for each point: the entropy of every code by itself, as an adaptive coder comes near to. */
export function bitsPerPoint({ data, shape: [count, codes] }: Tensor): number {
  let bits = 0;
  for (let c = 0; c < codes; c++) {
    const histogram = new Map<number, number>();
    for (let i = 0; i < count; i++) {
      const code = data[i * codes + c];
      histogram.set(code, (histogram.get(code) ?? 0) + 1);
    }
    for (const times of histogram.values()) bits -= times / count * Math.log2(times / count);
  }
  return bits / codes; // as many as points
}

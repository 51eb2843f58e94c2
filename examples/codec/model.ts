/**
 * A transform codec: two layers to the code and two back, with a nonlinearity between the two.
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

/** What is between two layers: nothing, max(x, 0) with a shift, or GDN and IGDN. */
export type Kind = "linear" | "ReLU" | "GDN";

/** A nonlinearity's parameters: GDN's, or a shift for each channel. */
interface Between {
  readonly gdn?: GdnVariables<Tensor>;
  readonly shift?: Tensor;
}

/** Half of a codec: layer, nonlinearity, layer. */
interface Half {
  readonly first: Tensor;
  readonly between: Between;
  readonly second: Tensor;
}

/** What is trained. */
export interface Model {
  readonly analysis: Half;
  readonly synthesis: Half;
  /** 1 / scale of each code's logistic distribution; positive. */
  readonly precision: Tensor;
}

/** All that a step changes. */
export interface Training {
  readonly model: Model;
  readonly optimizer: AdamState<Model>;
}

/** What a step is given. */
interface Batch {
  /** Patches, (count, points). */
  readonly x: Tensor;
  /** Uniform from -1/2 to 1/2, as many numbers as codes: stands for the rounding. */
  readonly noise: Tensor;
  /** How much the error counts against the rate. */
  readonly lambda: number;
  readonly learningRate: number;
}

/** The least precision: a constraint, applied after each step. */
const LEAST_PRECISION = 0.02;

/**
 * A model before its first step: the layers are orthogonal, and undo each other. A code has as many
 * numbers as a patch has points, so that nothing is thrown away except by rounding.
 */
export function start(kind: Kind, points: number, random: Random): Training {
  const first = orthogonal(points, random);
  const second = orthogonal(points, random);
  const between = (): Between =>
    kind === "GDN"
      ? { gdn: initGdn(points) }
      : kind === "ReLU"
      ? { shift: tensor(new Float32Array(points)) }
      : {};
  const model: Model = {
    analysis: { first, between: between(), second },
    synthesis: { first: turned(second), between: between(), second: turned(first) },
    precision: tensor(new Float32Array(points).fill(1)),
  };
  return { model, optimizer: initAdam(model) };
}

/** Half of a codec; the half that decodes has the inverse of GDN. */
function half(
  ops: PipelineOps,
  x: Tensor,
  { first, between: { gdn, shift }, second }: Half,
  inverse: boolean,
): Tensor {
  let h = ops.matmul(x, first);
  if (gdn !== undefined) h = ops.gdn(h, gdn, { inverse });
  if (shift !== undefined) h = ops.activate(ops.add(h, shift), "relu");
  return ops.matmul(h, second);
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

/** A step of training: rate plus `lambda` times the squared error, with noise for the rounding. */
export function trainer(runtime: Runtime): (input: Training & Batch) => Promise<Training> {
  return pipeline((ops, input: Training & Batch) => {
    const { model, optimizer, x, noise, lambda, learningRate } = input;
    const grads = ops.grad(({ analysis, synthesis, precision }) => {
      const codes = ops.add(half(ops, x, analysis, false), noise);
      const error = ops.sub(half(ops, codes, synthesis, true), x);
      return ops.add(rateOf(ops, codes, precision), ops.l2(error, lambda / x.shape[0]));
    }, model);
    const step = ops.adam(model, grads, optimizer, { learningRate });
    const precision = ops.max(step.params.precision, LEAST_PRECISION);
    return { model: { ...step.params, precision }, optimizer: step.state };
  }, { runtime });
}

/** Codes of patches, rounded, and what they are decoded to. */
export async function coded(
  { analysis, synthesis }: Model,
  x: Tensor,
  runtime: Runtime,
): Promise<{ readonly codes: Tensor; readonly decoded: Tensor }> {
  const run = pipeline((ops, x: Tensor) => {
    const codes = ops.round(half(ops, x, analysis, false));
    return { codes, decoded: half(ops, codes, synthesis, true) };
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

/** An orthogonal matrix: normal numbers, made orthonormal one column after the other. */
function orthogonal(n: number, random: Random): Tensor {
  const columns: Float64Array[] = [];
  for (let c = 0; c < n; c++) {
    const column = Float64Array.from({ length: n }, () => random.normal());
    for (const other of columns) {
      const along = column.reduce((sum, value, i) => sum + value * other[i], 0);
      other.forEach((value, i) => column[i] -= along * value);
    }
    const norm = Math.hypot(...column);
    columns.push(column.map((value) => value / norm));
  }
  const data = Float32Array.from({ length: n * n }, (_, k) => columns[k % n][Math.floor(k / n)]);
  return tensor(data, [n, n]);
}

function turned({ data, shape: [rows, columns] }: Tensor): Tensor {
  const out = data.map((_, k) => data[(k % rows) * columns + Math.floor(k / rows)]);
  return tensor(out, [columns, rows]);
}

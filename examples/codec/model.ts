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
  type SymbolicVjp,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { adam, type AdamState, initAdam } from "../../ops/training/mod.ts";
import type { Random } from "../shared/random.ts";
import { POINTS } from "./patches.ts";

/** What is between two layers: nothing, max(x, 0) with a shift, or GDN and IGDN. */
export type Kind = "linear" | "ReLU" | "GDN";

/** Numbers of a code, as many as points of a patch: nothing is thrown away but by rounding. */
const CODES = POINTS;

/** A nonlinearity's parameters: GDN's, or a shift for each channel. */
interface Between {
  readonly gdn?: GdnVariables<Tensor>;
  readonly shift?: Tensor;
}

/** What is trained. */
export interface Model {
  readonly analysis: { readonly first: Tensor; readonly between: Between; readonly second: Tensor };
  readonly synthesis: {
    readonly first: Tensor;
    readonly between: Between;
    readonly second: Tensor;
  };
  /** 1 / scale of each code's logistic distribution; positive. */
  readonly precision: Tensor;
}

/** A model and what its optimizer keeps. */
export interface Training {
  readonly model: Model;
  readonly optimizer: AdamState<Model>;
}

/** The least precision: a constraint, applied after each step. */
const LEAST_PRECISION = 0.02;

/** A model before its first step: the layers are orthogonal, and undo each other. */
export function start(kind: Kind, random: Random): Training {
  const first = orthogonal(random);
  const second = orthogonal(random);
  const between = (): Between =>
    kind === "GDN"
      ? { gdn: initGdn(POINTS) }
      : kind === "ReLU"
      ? { shift: tensor(new Float32Array(POINTS)) }
      : {};
  const model: Model = {
    analysis: { first, between: between(), second },
    synthesis: { first: turned(second), between: between(), second: turned(first) },
    precision: tensor(new Float32Array(CODES).fill(1)),
  };
  return { model, optimizer: initAdam(model) };
}

/** What goes in between two layers, with the way back. */
function between(
  ops: PipelineOps,
  kind: Kind,
  x: Tensor,
  { gdn, shift }: Between,
  inverse: boolean,
): SymbolicVjp<{ readonly x: Tensor; readonly params: Between }> {
  if (kind === "linear") return { y: x, vjp: (dy) => ({ x: dy, params: {} }) };
  if (kind === "GDN") {
    const { y, vjp } = ops.gdnVjp(x, gdn!, { inverse });
    return {
      y,
      vjp(dy) {
        const { x, params } = vjp(dy);
        return { x, params: { gdn: params } };
      },
    };
  }
  const { y, vjp } = ops.activateVjp(ops.add(x, shift!), "relu");
  return {
    y,
    vjp(dy) {
      const { x } = vjp(dy);
      return { x, params: { shift: ops.sum(x, [0]) } };
    },
  };
}

/** Half of a codec: layer, nonlinearity, layer. */
function half(
  ops: PipelineOps,
  kind: Kind,
  x: Tensor,
  { first, between: params, second }: Model["analysis"],
  inverse: boolean,
): SymbolicVjp<{ readonly x: Tensor; readonly params: Model["analysis"] }> {
  const middle = between(ops, kind, ops.matmul(x, first), params, inverse);
  const weights = (input: Tensor, back: Tensor) => ops.matmul(input, back, { transposeA: true });
  return {
    y: ops.matmul(middle.y, second),
    vjp(dy) {
      const back = middle.vjp(ops.matmul(dy, second, { transposeB: true }));
      return {
        x: ops.matmul(back.x, first, { transposeB: true }),
        params: { first: weights(x, back.x), between: back.params, second: weights(middle.y, dy) },
      };
    },
  };
}

/**
 * A step of training: rate plus `lambda` times the squared error, with uniform noise for the rounding.
 * The rate is that of logistic codes with precision p: `-log p(c) = t + 2 softplus(-t) - log p` for
 * `t = p c`, whose slope is `tanh(t / 2)` in t.
 */
export function trainer(
  kind: Kind,
  runtime: Runtime,
): (
  training: Training,
  x: Tensor,
  noise: Tensor,
  lambda: number,
  rate: number,
) => Promise<Training> {
  const gradients = pipeline((ops, input: {
    readonly model: Model;
    readonly x: Tensor;
    readonly noise: Tensor;
    /** 1 / precision. */
    readonly scale: Tensor;
    readonly lambda: number;
  }) => {
    const { model, x, noise, scale, lambda } = input;
    const count = x.shape[0];
    const analysis = half(ops, kind, x, model.analysis, false);
    const codes = ops.add(analysis.y, noise);
    const synthesis = half(ops, kind, codes, model.synthesis, true);
    const error = ops.sub(synthesis.y, x);
    const fromError = synthesis.vjp(ops.scale(error, 2 * lambda / count));
    const slope = ops.activate(ops.scale(ops.mul(codes, model.precision), 0.5), "tanh");
    const fromRate = ops.scale(ops.mul(slope, model.precision), 1 / count);
    const { params } = analysis.vjp(ops.add(fromError.x, fromRate));
    return {
      analysis: params,
      synthesis: fromError.params,
      precision: ops.sub(ops.scale(ops.sum(ops.mul(slope, codes), [0]), 1 / count), scale),
    };
  }, { runtime });
  return async ({ model, optimizer }, x, noise, lambda, learningRate) => {
    const scale = tensor(model.precision.data.map((value) => 1 / value));
    const grads = await gradients({ model, x, noise, scale, lambda });
    const step = await adam(model, grads, optimizer, { learningRate, runtime });
    const precision = tensor(
      step.params.precision.data.map((value) => Math.max(value, LEAST_PRECISION)),
    );
    return { model: { ...step.params, precision }, optimizer: step.state };
  };
}

/** Codes of patches, rounded, and what they are decoded to. */
export async function coded(
  kind: Kind,
  { analysis, synthesis }: Model,
  x: Tensor,
  runtime: Runtime,
): Promise<{ readonly codes: Tensor; readonly decoded: Tensor }> {
  const encode = pipeline((ops, x: Tensor) => half(ops, kind, x, analysis, false).y, { runtime });
  const decode = pipeline((ops, y: Tensor) => half(ops, kind, y, synthesis, true).y, { runtime });
  const exact = await encode(x);
  const codes = tensor(exact.data.map(Math.round), exact.shape);
  return { codes, decoded: await decode(codes) };
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
  return bits / POINTS;
}

/** An orthogonal matrix: normal numbers, made orthonormal one column after the other. */
function orthogonal(random: Random): Tensor {
  const n = POINTS;
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
  return tensor(Float32Array.from({ length: n * n }, (_, k) => columns[k % n][Math.floor(k / n)]), [
    n,
    n,
  ]);
}

function turned({ data, shape: [rows, columns] }: Tensor): Tensor {
  const out = data.map((_, k) => data[(k % rows) * columns + Math.floor(k / rows)]);
  return tensor(out, [columns, rows]);
}

/**
 * Workloads as TensorFlow.js would have them: its own op where there is one, and the form that its
 * WebAssembly backend is fastest in. Views are chosen so that no reduction goes over more than the
 * axes that it must, which is what that backend is slow at.
 *
 * @module
 */
import { EPSILON, type Inputs } from "../inputs.ts";
import { channelsOf, elementsOf, type Workload } from "../workloads.ts";

/** A tensor of TensorFlow.js. */
export interface TfTensor {
  readonly shape: readonly number[];
  dataSync(): Float32Array;
  dispose(): void;
}

/** The part of TensorFlow.js that is used. */
export interface Tf {
  setBackend(name: string): Promise<boolean>;
  getBackend(): string;
  tensor(data: Float32Array, shape: readonly number[]): TfTensor;
  scalar(value: number): TfTensor;
  tidy(run: () => TfTensor): TfTensor;
  valueAndGrads(
    run: (...args: TfTensor[]) => TfTensor,
  ): (args: readonly TfTensor[], dy: TfTensor) => { value: TfTensor; grads: TfTensor[] };
  add(a: TfTensor, b: TfTensor): TfTensor;
  sub(a: TfTensor, b: TfTensor): TfTensor;
  mul(a: TfTensor, b: TfTensor): TfTensor;
  div(a: TfTensor, b: TfTensor): TfTensor;
  sqrt(a: TfTensor): TfTensor;
  rsqrt(a: TfTensor): TfTensor;
  square(a: TfTensor): TfTensor;
  matMul(a: TfTensor, b: TfTensor, turnA?: boolean, turnB?: boolean): TfTensor;
  transpose(a: TfTensor, axes: readonly number[]): TfTensor;
  mean(a: TfTensor, axes: readonly number[], keep: true): TfTensor;
  tile(a: TfTensor, times: readonly number[]): TfTensor;
  reshape(a: TfTensor, shape: readonly number[]): TfTensor;
  batchNorm(
    x: TfTensor,
    mean: TfTensor,
    variance: TfTensor,
    offset: TfTensor,
    scale: TfTensor,
    epsilon: number,
  ): TfTensor;
}

/** One way to compute a workload. */
export interface TfForm {
  /** What tells it from another; empty for the plain one. */
  readonly form: string;
  /** How x is seen. */
  readonly view: readonly number[];
  readonly run: (x: TfTensor) => TfTensor;
  /** Parameters, to be disposed of. */
  readonly kept: readonly TfTensor[];
  /** For both ways: beta, if there is one, and gamma, and how gamma's cotangent is put into the order of the others. */
  readonly back?: {
    readonly params: readonly TfTensor[];
    readonly inOrder: (gamma: Float32Array) => Float32Array;
  };
}

const GROUPS = 32;

/** The forms of a workload. */
export function tfForms(tf: Tf, workload: Workload, inputs: Inputs): TfForm[] {
  const { operation, shape, format, inverse = false } = workload;
  const isLast = format === "NHWC";
  const samples = shape[0];
  const channels = channelsOf(workload);
  const positions = elementsOf(workload) / samples / channels;
  const view = isLast ? [samples, positions, channels] : [samples, channels, positions];
  const kept: TfTensor[] = [];
  const keep = (data: Float32Array, shape: readonly number[]) => {
    const made = tf.tensor(data, shape);
    kept.push(made);
    return made;
  };
  const vector = (data: Float32Array) => keep(data, isLast ? [channels] : [channels, 1]);
  const matrix = keep(matrixOf(inputs, isLast), [channels, channels]);
  const offset = vector(inputs.beta);
  const scale = vector(inputs.gamma);
  const back = operation === "gdn"
    ? {
      params: [offset, matrix],
      inOrder: (gamma: Float32Array) => isLast ? gamma : transposed(gamma, channels),
    }
    : {
      params: operation === "rmsNorm" ? [scale] : [offset, scale],
      inOrder: (gamma: Float32Array) => gamma,
    };
  const form = (run: TfForm["run"], form = "", seen: readonly number[] = view): TfForm => ({
    form,
    view: seen,
    run,
    kept,
    ...(workload.backward && { back }),
  });
  const norm = (epsilon: number, mean: Mean): TfForm["run"] => {
    const safe = tf.scalar(epsilon);
    kept.push(safe);
    return (x) => normalized(tf, x, mean, safe, scale, offset);
  };
  const along = isLast ? 1 : 2;
  const overPositions: Mean = (x) => tf.mean(x, [along], true);
  const overGroups: Mean = (x) => groupMeans(tf, tf.mean(x, [along], true));
  const gdn = gdnOf(tf, isLast, inverse, matrix);
  const rows = [samples * positions, channels];
  switch (operation) {
    case "gdn":
      // A matrix times one matrix, not times a batch of them, is what the backend is fast at.
      if (isLast || samples === 1) {
        return [form((x) => gdn(x, offset), "", isLast ? rows : [channels, positions])];
      }
      // It has no gradient of a matrix that is broadcast to all samples, so both ways turn x over.
      return [form(workload.backward ? turnedGdn(tf, matrix, offset) : (x) => gdn(x, offset))];
    case "layerNorm":
      return [form(norm(EPSILON.layerNorm, (x) => tf.mean(x, [1], true)), "", shape)];
    case "rmsNorm": {
      const safe = tf.scalar(EPSILON.rmsNorm);
      kept.push(safe);
      const inverse = (x: TfTensor) => tf.rsqrt(tf.add(tf.mean(tf.square(x), [1], true), safe));
      return [form((x) => tf.mul(tf.mul(x, inverse(x)), scale), "", shape)];
    }
    case "instanceNorm":
      return [form(norm(EPSILON.instanceNorm, overPositions))];
    case "groupNorm":
      return [form(norm(EPSILON.groupNorm, overGroups))];
    case "batchNormTraining": {
      const run = norm(
        EPSILON.batchNorm,
        (x) => isLast ? tf.mean(x, [0], true) : tf.mean(tf.mean(x, [2], true), [0], true),
      );
      return [form(run, "", isLast ? rows : view)];
    }
    case "batchNormInference": {
      const folded = foldedOf(inputs);
      const factor = vector(folded.factor);
      const rest = vector(folded.rest);
      const plain = (x: TfTensor) => tf.add(tf.mul(x, factor), rest);
      if (!isLast) return [form(plain)];
      const mean = vector(inputs.mean);
      const variance = vector(inputs.variance);
      const { batchNorm: epsilon } = EPSILON;
      const own = (x: TfTensor) => tf.batchNorm(x, mean, variance, offset, scale, epsilon);
      return [form(plain, "folded"), form(own, "", shape)];
    }
    case "pipeline": {
      const group = norm(EPSILON.groupNorm, overGroups);
      const batch = norm(EPSILON.batchNorm, (x) => tf.mean(x, [0], true));
      return [
        form((x) => batch(tf.reshape(group(tf.reshape(gdn(x, offset), view)), rows)), "", rows),
      ];
    }
  }
}

/** A mean that broadcasts against what it is of. */
type Mean = (x: TfTensor) => TfTensor;

function normalized(
  tf: Tf,
  x: TfTensor,
  mean: Mean,
  epsilon: TfTensor,
  scale: TfTensor,
  offset: TfTensor,
): TfTensor {
  const centered = tf.sub(x, mean(x));
  const inverse = tf.rsqrt(tf.add(mean(tf.square(centered)), epsilon));
  return tf.add(tf.mul(centered, tf.mul(inverse, scale)), offset);
}

/** Means of channels to means of groups of them, repeated for each of their channels. */
function groupMeans(tf: Tf, means: TfTensor): TfTensor {
  const [samples] = means.shape;
  const members = means.shape[1] * means.shape[2] / GROUPS;
  const groups = tf.mean(tf.reshape(means, [samples, GROUPS, members]), [2], true);
  return tf.reshape(tf.tile(groups, [1, 1, members]), means.shape);
}

function gdnOf(tf: Tf, isLast: boolean, inverse: boolean, matrix: TfTensor) {
  return (x: TfTensor, offset: TfTensor) => {
    const squares = tf.square(x);
    const sums = isLast ? tf.matMul(squares, matrix) : tf.matMul(matrix, squares);
    const root = tf.sqrt(tf.add(sums, offset));
    return inverse ? tf.mul(x, root) : tf.div(x, root);
  };
}

/** GDN of many samples with channels first, as rows of channels and back. */
function turnedGdn(tf: Tf, matrix: TfTensor, offset: TfTensor) {
  const turn = (x: TfTensor) => tf.transpose(x, [0, 2, 1]);
  return (x: TfTensor) => {
    const [samples, channels, positions] = x.shape;
    const rows = tf.reshape(turn(x), [samples * positions, channels]);
    const sums = tf.matMul(tf.square(rows), matrix, false, true);
    const root = tf.sqrt(tf.add(sums, tf.reshape(offset, [channels])));
    return turn(tf.reshape(tf.div(rows, root), [samples, positions, channels]));
  };
}

/** GDN's matrix as it multiplies: from the right, or turned from the left. */
function matrixOf({ matrix, beta }: Inputs, isLast: boolean): Float32Array {
  const channels = beta.length;
  if (matrix.length === 0) return new Float32Array(channels * channels);
  if (isLast) return matrix;
  return transposed(matrix, channels);
}

function transposed(matrix: Float32Array, channels: number): Float32Array {
  return matrix.map((_, i) => matrix[i % channels * channels + Math.floor(i / channels)]);
}

/** All of batch norm at inference that is known beforehand. */
function foldedOf({ beta, gamma, mean, variance }: Inputs) {
  const factor = variance.map((v, c) => gamma[c] / Math.sqrt(v + EPSILON.batchNorm));
  return { factor, rest: beta.map((b, c) => b - mean[c] * factor[c]) };
}

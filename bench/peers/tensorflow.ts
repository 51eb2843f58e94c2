/**
 * TensorFlow.js on its WebAssembly backend, one thread with SIMD. It takes plain arrays and answers
 * with them, as the others do; parameters are kept as its tensors.
 *
 * @module
 */
import type { Absent, Contender } from "../contender.ts";
import { EPSILON, type Inputs } from "../inputs.ts";
import { channelsOf, type Workload } from "../workloads.ts";

/** Versions that were measured; the benches alone need them. */
const CORE = "npm:@tensorflow/tfjs-core@4.22.0";
const WASM = "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
export const TENSORFLOW = "tfjs-wasm 4.22.0";

/** A tensor of TensorFlow.js. */
interface TfTensor {
  data(): Promise<Float32Array>;
  dispose(): void;
}

/** The part of TensorFlow.js that is used. */
interface Tf {
  setBackend(name: string): Promise<boolean>;
  tensor(data: Float32Array, shape: readonly number[]): TfTensor;
  tidy(run: () => TfTensor): TfTensor;
  add(a: TfTensor, b: TfTensor): TfTensor;
  sub(a: TfTensor, b: TfTensor): TfTensor;
  mul(a: TfTensor, b: TfTensor): TfTensor;
  div(a: TfTensor, b: TfTensor): TfTensor;
  sqrt(a: TfTensor): TfTensor;
  rsqrt(a: TfTensor): TfTensor;
  square(a: TfTensor): TfTensor;
  matMul(a: TfTensor, b: TfTensor): TfTensor;
  conv2d(x: TfTensor, filter: TfTensor, strides: number, pad: string, format: string): TfTensor;
  reshape(a: TfTensor, shape: readonly number[]): TfTensor;
  scalar(value: number): TfTensor;
  moments(a: TfTensor, axes: readonly number[], keep: true): {
    readonly mean: TfTensor;
    readonly variance: TfTensor;
  };
  batchNorm(
    x: TfTensor,
    mean: TfTensor,
    variance: TfTensor,
    offset: TfTensor,
    scale: TfTensor,
    epsilon: number,
  ): TfTensor;
}

let loaded: Promise<Tf> | undefined;

/** TensorFlow.js, if it can do the workload. */
export async function tensorflow(
  workload: Workload,
  inputs: Inputs,
): Promise<(Contender | Absent)[]> {
  if (workload.first) return [{ name: TENSORFLOW, absent: "it cannot be started anew" }];
  try {
    loaded ??= load();
    const tf = await loaded;
    const graph = graphOf(tf, workload, inputs);
    if (typeof graph === "string") return [{ name: TENSORFLOW, absent: graph }];
    return [{
      name: TENSORFLOW,
      peer: true,
      executor: "WebAssembly, 1 thread",
      async run() {
        const x = tf.tensor(inputs.x, workload.shape);
        const y = tf.tidy(() => graph(x));
        const data = await y.data();
        x.dispose();
        y.dispose();
        return data;
      },
    }];
  } catch (error) {
    return [{ name: TENSORFLOW, absent: (error as Error).message }];
  }
}

async function load(): Promise<Tf> {
  const tf = await import(CORE) as Tf;
  const backend = await import(WASM) as { setThreadsCount(count: number): void };
  backend.setThreadsCount(1);
  if (!await tf.setBackend("wasm")) throw new Error("its WebAssembly backend does not start");
  return tf;
}

function graphOf(
  tf: Tf,
  workload: Workload,
  { beta, gamma, mean, variance, matrix }: Inputs,
): ((x: TfTensor) => TfTensor) | string {
  const { operation, shape, format, inverse = false } = workload;
  const channels = channelsOf(workload);
  const [samples] = shape;
  const isLast = format === "NHWC";
  const along = isLast ? [channels] : [channels, 1, 1];
  const vector = (data: Float32Array) => tf.tensor(data, along);
  const [offset, scale, epsilon] = [vector(beta), vector(gamma), epsilonOf(tf, workload)];
  const normalized = (x: TfTensor, axes: readonly number[]) => {
    const { mean, variance } = tf.moments(x, axes, true);
    return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)));
  };
  const affine = (x: TfTensor) => tf.add(tf.mul(x, scale), offset);
  switch (operation) {
    case "gdn": {
      if (!isLast) return "its convolution on wasm takes NHWC only";
      const square = tf.tensor(matrix, [channels, channels]);
      return (x) => {
        const rows = tf.reshape(x, [-1, channels]);
        const u = tf.sqrt(tf.add(tf.matMul(tf.square(rows), square), offset));
        return inverse ? tf.mul(rows, u) : tf.div(rows, u);
      };
    }
    case "layerNorm":
      return (x) => affine(normalized(x, [1]));
    case "batchNormInference": {
      const [movingMean, movingVariance] = [vector(mean), vector(variance)];
      if (isLast) {
        return (x) => tf.batchNorm(x, movingMean, movingVariance, offset, scale, EPSILON.batchNorm);
      }
      const factor = tf.mul(tf.rsqrt(tf.add(movingVariance, epsilon)), scale);
      return (x) => tf.add(tf.mul(tf.sub(x, movingMean), factor), offset);
    }
    case "batchNormTraining":
      return (x) => affine(normalized(x, isLast ? [0, 1, 2] : [0, 2, 3]));
    case "groupNorm":
    case "instanceNorm": {
      const groups = operation === "groupNorm" ? 32 : channels;
      const size = shape.slice(1).reduce((product, extent) => product * extent, 1) / channels;
      const split = isLast
        ? [samples, size, groups, channels / groups]
        : [samples, groups, channels / groups * size];
      const axes = isLast ? [1, 3] : [2];
      return (x) => affine(tf.reshape(normalized(tf.reshape(x, split), axes), shape));
    }
    case "pipeline":
      return "three ops in one plan are ours";
  }
}

function epsilonOf(tf: Tf, { operation }: Workload): TfTensor {
  const names: Partial<Record<Workload["operation"], keyof typeof EPSILON>> = {
    groupNorm: "groupNorm",
    instanceNorm: "instanceNorm",
    layerNorm: "layerNorm",
  };
  return tf.scalar(EPSILON[names[operation] ?? "batchNorm"]);
}

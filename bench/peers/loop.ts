/**
 * Plain TypeScript, as one would write it without a library.
 *
 * @module
 */
import type { Absent, Contender } from "../contender.ts";
import { EPSILON, type Inputs } from "../inputs.ts";
import { channelsOf, elementsOf, type Workload } from "../workloads.ts";

/** A loop over a workload. */
export function loop(workload: Workload, inputs: Inputs): (Contender | Absent)[] {
  const name = "plain loop";
  if (workload.backward) return [{ name, absent: "it is written for one way" }];
  if (workload.first) return [{ name, absent: "it has nothing to open or compile" }];
  return [{ name, peer: true, executor: "JavaScript", run: loopOf(workload, inputs) }];
}

function loopOf(workload: Workload, inputs: Inputs): () => Float32Array {
  const { x, beta, gamma, mean, variance } = inputs;
  const channels = channelsOf(workload);
  const samples = workload.shape[0];
  const positions = elementsOf(workload) / samples / channels;
  const [cStride, sStride] = workload.format === "NHWC" ? [1, channels] : [positions, 1];
  const size = { samples, channels, positions, cStride, sStride };
  switch (workload.operation) {
    case "gdn":
      return () => gdnLoop(inputs, size, workload.inverse === true);
    case "layerNorm":
      return () => normLoop(x, { ...size, positions: 1 }, 1, EPSILON.layerNorm, beta, gamma);
    case "rmsNorm":
      return () => rmsLoop(x, channels, gamma);
    case "groupNorm":
      return () => normLoop(x, size, 32, EPSILON.groupNorm, beta, gamma);
    case "instanceNorm":
      return () => normLoop(x, size, channels, EPSILON.instanceNorm, beta, gamma);
    case "batchNormTraining":
      return () => batchLoop(inputs, size);
    case "batchNormInference":
      return () => applied(x, size, mean, variance, EPSILON.batchNorm, beta, gamma);
    case "pipeline":
      return () => {
        const h = gdnLoop(inputs, size, false);
        const normal = normLoop(h, size, 32, EPSILON.groupNorm, beta, gamma);
        return batchLoop({ ...inputs, x: normal }, size);
      };
  }
}

interface Size {
  readonly samples: number;
  readonly channels: number;
  readonly positions: number;
  /** How far apart neighbouring channels and positions lie. */
  readonly cStride: number;
  readonly sStride: number;
}

function gdnLoop(
  { x, beta, matrix }: Inputs,
  { samples, channels, positions, cStride, sStride }: Size,
  inverse: boolean,
): Float32Array {
  const y = new Float32Array(x.length);
  for (let n = 0; n < samples; n++) {
    for (let s = 0; s < positions; s++) {
      const start = n * channels * positions + s * sStride;
      for (let i = 0; i < channels; i++) {
        let u = beta[i];
        for (let j = 0; j < channels; j++) {
          const v = x[start + j * cStride];
          u += matrix[j * channels + i] * v * v;
        }
        const at = start + i * cStride;
        y[at] = inverse ? x[at] * Math.sqrt(u) : x[at] / Math.sqrt(u);
      }
    }
  }
  return y;
}

function normLoop(
  x: Float32Array,
  { samples, channels, positions, cStride, sStride }: Size,
  groups: number,
  epsilon: number,
  beta: Float32Array,
  gamma: Float32Array,
): Float32Array {
  const y = new Float32Array(x.length);
  const members = channels / groups;
  for (let n = 0; n < samples; n++) {
    for (let g = 0; g < groups; g++) {
      const start = n * channels * positions + g * members * cStride;
      let mean = 0;
      for (let s = 0; s < positions; s++) {
        for (let m = 0; m < members; m++) mean += x[start + s * sStride + m * cStride];
      }
      mean /= members * positions;
      let squares = 0;
      for (let s = 0; s < positions; s++) {
        for (let m = 0; m < members; m++) {
          squares += (x[start + s * sStride + m * cStride] - mean) ** 2;
        }
      }
      const scale = 1 / Math.sqrt(squares / members / positions + epsilon);
      for (let s = 0; s < positions; s++) {
        for (let m = 0; m < members; m++) {
          const at = start + s * sStride + m * cStride;
          const c = g * members + m;
          y[at] = (x[at] - mean) * scale * gamma[c] + beta[c];
        }
      }
    }
  }
  return y;
}

function rmsLoop(x: Float32Array, channels: number, gamma: Float32Array): Float32Array {
  const y = new Float32Array(x.length);
  for (let start = 0; start < x.length; start += channels) {
    let square = 0;
    for (let c = 0; c < channels; c++) square += x[start + c] ** 2;
    const inverse = 1 / Math.sqrt(square / channels + EPSILON.rmsNorm);
    for (let c = 0; c < channels; c++) y[start + c] = x[start + c] * inverse * gamma[c];
  }
  return y;
}

function batchLoop({ x, beta, gamma }: Inputs, size: Size): Float32Array {
  const { samples, channels, positions, cStride, sStride } = size;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  const count = samples * positions;
  const each = (visit: (at: number, c: number) => void) => {
    for (let n = 0; n < samples; n++) {
      for (let s = 0; s < positions; s++) {
        const start = n * channels * positions + s * sStride;
        for (let c = 0; c < channels; c++) visit(start + c * cStride, c);
      }
    }
  };
  each((at, c) => mean[c] += x[at] / count);
  each((at, c) => variance[c] += (x[at] - mean[c]) ** 2 / count);
  return applied(x, size, mean, variance, EPSILON.batchNorm, beta, gamma);
}

function applied(
  x: Float32Array,
  { samples, channels, positions, cStride, sStride }: Size,
  mean: ArrayLike<number>,
  variance: ArrayLike<number>,
  epsilon: number,
  beta: Float32Array,
  gamma: Float32Array,
): Float32Array {
  const y = new Float32Array(x.length);
  const scale = Float64Array.from(variance, (v, c) => gamma[c] / Math.sqrt(v + epsilon));
  for (let n = 0; n < samples; n++) {
    for (let s = 0; s < positions; s++) {
      const start = n * channels * positions + s * sStride;
      for (let c = 0; c < channels; c++) {
        const at = start + c * cStride;
        y[at] = (x[at] - mean[c]) * scale[c] + beta[c];
      }
    }
  }
  return y;
}

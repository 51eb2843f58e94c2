/**
 * What batch norm's values go through, and how far they may be off: errors are followed to first
 * order from those of means and deviations (statistics.ts) through renorm, adjustment and parameters.
 *
 * @module
 */
import { broadcastIndex, coordinatesOf, strideOf } from "../../oracle/array.ts";
import type { BatchCase, BatchNumbers } from "./batch_case.ts";
import { product } from "./inputs.ts";
import { statisticsOf } from "./statistics.ts";
import { U } from "./trial.ts";

/** What the normalised values go through, per channel, with errors. */
export interface Applied {
  readonly mean: ArrayLike<number>;
  readonly variance: ArrayLike<number>;
  /** Of mean and deviation, in deviations. */
  readonly off: Float64Array;
  readonly r: Float64Array;
  readonly d: Float64Array;
  readonly rOff: Float64Array;
  readonly dOff: Float64Array;
}

/** Values before the activation, with errors. */
export interface Values {
  readonly channel: Int32Array;
  readonly normal: Float64Array;
  readonly z: Float64Array;
  readonly zOff: Float64Array;
  /** What the normalised value is multiplied by after r. */
  readonly factor: Float64Array;
}

export function appliedOf(test: BatchCase, numbers: BatchNumbers): Applied {
  const { layout: { shape, channels, channelsAxis }, epsilon, training } = test;
  const { x, state, weights, moments } = numbers;
  const ones = new Float64Array(channels).fill(1);
  const none = new Float64Array(channels);
  const plain = { r: ones, d: none, rOff: none, dOff: none };
  if (!training || moments !== undefined) {
    const mean = training ? moments!.mean : state.movingMean.data;
    const variance = training
      ? Float64Array.from(moments!.m2, (sum) => sum / moments!.count)
      : state.movingVariance.data;
    // Nothing is summed: a subtraction, a root and two products.
    return { ...plain, mean, variance, off: ones.map(() => 8 * U) };
  }
  const stride = strideOf(shape, channelsAxis);
  const item = product(shape.slice(1));
  const { mean, variance, off } = statisticsOf(x.read.data, {
    of: Int32Array.from(x.read.data, (_, i) => Math.floor(i / stride) % channels),
    size: channels,
    weights: weights && Float64Array.from(x.read.data, (_, i) => weights[Math.floor(i / item)]),
  }, epsilon);
  if (state.renorm === undefined) return { ...plain, mean, variance, off };
  const { rmin = 0, rmax = Infinity, dmax = Infinity } = test.options.renormClipping ?? {};
  const { renormMean, renormStddev } = state.renorm;
  const floor = (c: number) => Math.max(renormStddev.data[c], Math.sqrt(epsilon));
  const clip = (value: number, least: number, most: number) =>
    Math.min(Math.max(value, least), most);
  const deviation = variance.map((v) => Math.sqrt(v + epsilon));
  const r = deviation.map((sigma, c) => clip(sigma / floor(c), rmin, rmax));
  const d = mean.map((m, c) => clip((m - renormMean.data[c]) / floor(c), -dmax, dmax));
  return {
    mean,
    variance,
    off,
    r,
    d,
    rOff: deviation.map((sigma, c) => sigma / floor(c) * (off[c] + 8 * U)),
    dOff: mean.map((m, c) =>
      (off[c] * deviation[c] + 4 * U * (Math.abs(m) + Math.abs(renormMean.data[c]))) / floor(c) +
      4 * U * Math.abs(d[c])
    ),
  };
}

export function valuesOf(test: BatchCase, numbers: BatchNumbers, applied: Applied): Values {
  const { layout: { shape, channels, channelsAxis }, epsilon } = test;
  const { x, beta, gamma, adjustment } = numbers;
  const { mean, variance, off, r, d, rOff, dOff } = applied;
  const { data } = x.read;
  const stride = strideOf(shape, channelsAxis);
  const values: Values = {
    channel: Int32Array.from(data, (_, i) => Math.floor(i / stride) % channels),
    normal: new Float64Array(data.length),
    z: new Float64Array(data.length),
    zOff: new Float64Array(data.length),
    factor: new Float64Array(data.length),
  };
  for (let i = 0; i < data.length; i++) {
    const c = values.channel[i];
    const normal = (data[i] - mean[c]) / Math.sqrt(variance[c] + epsilon);
    const at = adjustment && coordinatesOf(i, shape);
    const a = at ? adjustment!.scale.data[broadcastIndex(at, adjustment!.scale.shape)] : 1;
    const b = at ? adjustment!.bias.data[broadcastIndex(at, adjustment!.bias.shape)] : 0;
    const g = gamma === undefined ? 1 : gamma[c];
    const shift = beta === undefined ? 0 : beta[c];
    values.normal[i] = normal;
    values.factor[i] = g * a;
    values.z[i] = ((normal * r[c] + d[c]) * a + b) * g + shift;
    const far = Math.max(1, Math.abs(normal));
    values.zOff[i] = Math.abs(g * a) *
        (Math.abs(r[c]) * off[c] * far + Math.abs(normal) * rOff[c] + dOff[c]) +
      6 * U * (Math.abs(normal * r[c] * a * g) + Math.abs(d[c] * a * g) + Math.abs(b * g) +
          Math.abs(shift));
  }
  return values;
}

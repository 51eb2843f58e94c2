/**
 * The vector-Jacobian product of batch norm in float64, with all that can be given to it.
 *
 * @module
 */
import { broadcastIndex, coordinatesOf, type NumberArray, positiveAxis, sizeOf } from "./array.ts";

/** What {@linkcode batchNormVjp} is told beside x and the cotangent of z. */
export interface BatchNormVjpOptions {
  /** Statistics per channel that x is normalised by. */
  mean: ArrayLike<number>;
  variance: ArrayLike<number>;
  epsilon: number;
  /** Which axis holds the channels; may be negative. */
  channelsAxis: number;
  gamma?: ArrayLike<number> | undefined;
  /** Whether mean and variance are those of x. */
  own: boolean;
  /** One weight for every item of axis 0, where they are. */
  weights?: ArrayLike<number> | undefined;
  /** Renorm's corrections per channel, which are constants. */
  correction?: { r: ArrayLike<number>; d: ArrayLike<number> } | undefined;
  adjustment?: { scale: NumberArray; bias: NumberArray } | undefined;
  /** The count that given moments came with. */
  count?: number | undefined;
}

/** Gradients of `sum(g * z)`, z being what the activation is applied to. */
export interface BatchNormGradients {
  dx: Float64Array;
  dBeta: Float64Array;
  dGamma: Float64Array;
  dWeights: Float64Array;
  dScale: Float64Array;
  dBias: Float64Array;
  dCount: number;
  dMean: Float64Array;
  dM2: Float64Array;
}

/**
 * Gradients of `z = ((x-hat r + d) a + b) gamma + beta`, `x-hat = (x - mean) s`,
 * `s = 1 / sqrt(variance + epsilon)`, with `h = g gamma a r`: through x-hat directly and, where the
 * statistics are those of x, through them, an item with weight w having a share of `w / W` in them.
 *
 * Source: Ioffe and Szegedy, "Batch Normalization", 2015, section 3, with weighted moments.
 *
 * @param x Any rank with a channel axis. Not modified.
 * @param g As many numbers. Not modified.
 * @param options Statistics, parameters and variants.
 * @returns The gradients; those of what was not given are zeros or meaningless.
 */
export function batchNormVjp(
  x: NumberArray,
  g: ArrayLike<number>,
  options: BatchNormVjpOptions,
): BatchNormGradients {
  const { mean, variance, epsilon, gamma, own, weights, correction, adjustment, count = 1 } =
    options;
  const axis = positiveAxis(options.channelsAxis, x.shape.length);
  const channels = x.shape[axis];
  const itemSize = sizeOf(x.shape.slice(1));
  const stride = sizeOf(x.shape.slice(axis + 1));
  const zeros = (length: number) => new Float64Array(length);
  const grads: BatchNormGradients = {
    dx: zeros(x.data.length),
    dBeta: zeros(channels),
    dGamma: zeros(channels),
    dWeights: zeros(x.shape[0]),
    dScale: zeros(adjustment?.scale.data.length ?? 0),
    dBias: zeros(adjustment?.bias.data.length ?? 0),
    dCount: 0,
    dMean: zeros(channels),
    dM2: zeros(channels),
  };
  const s = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + epsilon));
  const normal = zeros(x.data.length);
  const h = zeros(x.data.length);
  const total = zeros(channels);
  const along = zeros(channels);
  const across = zeros(channels);
  const weightOf = (i: number) => weights === undefined ? 1 : weights[Math.floor(i / itemSize)];
  for (let i = 0; i < h.length; i++) {
    const c = Math.floor(i / stride) % channels;
    normal[i] = (x.data[i] - mean[c]) * s[c];
    const corrected = correction === undefined
      ? normal[i]
      : normal[i] * correction.r[c] + correction.d[c];
    let a = 1;
    let adjusted = corrected;
    const scale = gamma === undefined ? 1 : gamma[c];
    if (adjustment !== undefined) {
      const at = coordinatesOf(i, x.shape);
      const scaleAt = broadcastIndex(at, adjustment.scale.shape);
      const biasAt = broadcastIndex(at, adjustment.bias.shape);
      a = adjustment.scale.data[scaleAt];
      adjusted = corrected * a + adjustment.bias.data[biasAt];
      grads.dScale[scaleAt] += g[i] * scale * corrected;
      grads.dBias[biasAt] += g[i] * scale;
    }
    h[i] = g[i] * scale * a * (correction === undefined ? 1 : correction.r[c]);
    grads.dBeta[c] += g[i];
    grads.dGamma[c] += g[i] * adjusted;
    total[c] += weightOf(i);
    along[c] += h[i];
    across[c] += h[i] * normal[i];
  }
  for (let i = 0; i < h.length; i++) {
    const c = Math.floor(i / stride) % channels;
    const share = own ? weightOf(i) / total[c] : 0;
    grads.dx[i] = s[c] * (h[i] - share * (along[c] + normal[i] * across[c]));
    // The share of an item in mean and variance grows with its weight, all others' shrink.
    grads.dWeights[Math.floor(i / itemSize)] -= (s[c] * along[c] * (x.data[i] - mean[c]) +
      0.5 * s[c] ** 2 * across[c] * ((x.data[i] - mean[c]) ** 2 - variance[c])) / total[c];
  }
  for (let c = 0; c < channels; c++) {
    grads.dMean[c] = -s[c] * along[c];
    grads.dM2[c] = -(s[c] ** 2) * across[c] / (2 * count);
    grads.dCount -= variance[c] * grads.dM2[c];
  }
  return grads;
}

/**
 * RMS normalization in float64, with its vector-Jacobian product.
 *
 * @module
 */
import { type Array64, array64, type NumberArray, positiveAxis, strideOf } from "./array.ts";

/** Options of {@linkcode rmsNorm}. */
export interface RmsNormOptions {
  /** Which axis holds the channels; may be negative. @default {-1} */
  channelsAxis?: number;
  /** Scale per channel; none when absent. */
  gamma?: ArrayLike<number> | undefined;
  /** Added to the mean square. @default {1e-6} */
  epsilon?: number;
}

/**
 * Divides each position by the root of the mean square of its channels.
 *
 * `y[i] = x[i] / sqrt(mean_j(x[j]^2) + epsilon) * gamma[i]`
 *
 * Source: Zhang and Sennrich 2019, eq. 4 (docs/semantics.md, section 4.8).
 */
export function rmsNorm(x: NumberArray, options: RmsNormOptions = {}): Array64 {
  const { gamma } = options;
  const { roots, channelOf } = rootsOf(x, options);
  const y = array64(x.data, x.shape);
  y.data.forEach((value, i) => y.data[i] = value / roots[i] * (gamma?.[channelOf(i)] ?? 1));
  return y;
}

/** What comes back of a cotangent of y: `dx = h / r - x mean(h x) / r^3` with `h = gamma dy`. */
export function rmsNormVjp(
  x: NumberArray,
  dy: ArrayLike<number>,
  options: RmsNormOptions = {},
): { x: Float64Array; gamma: Float64Array } {
  const { roots, channelOf, channels, stride } = rootsOf(x, options);
  const h = Float64Array.from(dy, (value, i) => value * (options.gamma?.[channelOf(i)] ?? 1));
  const back = { x: new Float64Array(h.length), gamma: new Float64Array(channels) };
  for (let i = 0; i < h.length; i++) {
    const first = i - channelOf(i) * stride;
    let mean = 0;
    for (let c = 0; c < channels; c++) {
      mean += h[first + c * stride] * x.data[first + c * stride] / channels;
    }
    back.x[i] = h[i] / roots[i] - x.data[i] * mean / roots[i] ** 3;
    back.gamma[channelOf(i)] += dy[i] * x.data[i] / roots[i];
  }
  return back;
}

/** The root that each element is divided by, and where its channel is. */
export function rootsOf(x: NumberArray, { channelsAxis = -1, epsilon = 1e-6 }: RmsNormOptions) {
  const axis = positiveAxis(channelsAxis, x.shape.length);
  const stride = strideOf(x.shape, axis);
  const channels = x.shape[axis];
  const channelOf = (i: number) => Math.floor(i / stride) % channels;
  const roots = Float64Array.from(x.data, (_, i) => {
    const first = i - channelOf(i) * stride;
    let square = 0;
    for (let c = 0; c < channels; c++) square += x.data[first + c * stride] ** 2 / channels;
    return Math.sqrt(square + epsilon);
  });
  return { roots, channelOf, channels, stride };
}

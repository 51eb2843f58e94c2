/**
 * Neighbourhoods as channels: what turns a picture into the input of divisive normalization.
 *
 * @module
 */
import { type GdnParams, type Tensor, tensor } from "../../mod.ts";
import type { Picture } from "../shared/image.ts";

/** Points in each direction from the centre. */
const RADIUS = 2;

/** Side of a neighbourhood. */
const SIDE = 2 * RADIUS + 1;

/** Channels: the points of a neighbourhood. */
export const CHANNELS = SIDE * SIDE;

/** The channel of the point itself. */
export const CENTRE = Math.floor(CHANNELS / 2);

/** Side of the tiles that the image is cut into. */
const TILE = 32;

/** Contrasts below this are left as they are; a fiftieth of the range from black to white. */
const QUIET = 0.02;

/**
 * The contrast of every point and its neighbours: each value of the 5 x 5 neighbourhood less the
 * mean of it, mirrored at the borders. Shape (1, height, width, 25).
 */
export function contrasts({ width, height, data }: Picture): Tensor {
  const out = new Float32Array(width * height * CHANNELS);
  const patch = new Float64Array(CHANNELS);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let k = 0; k < CHANNELS; k++) {
        const dx = k % SIDE - RADIUS;
        const dy = Math.floor(k / SIDE) - RADIUS;
        patch[k] = data[mirrored(y + dy, height) * width + mirrored(x + dx, width)];
      }
      const mean = patch.reduce((sum, value) => sum + value, 0) / CHANNELS;
      patch.forEach((value, k) => out[(y * width + x) * CHANNELS + k] = value - mean);
    }
  }
  return tensor(out, [1, height, width, CHANNELS]);
}

function mirrored(i: number, extent: number): number {
  const period = Math.max(1, 2 * extent - 2);
  const at = ((i % period) + period) % period;
  return Math.min(at, period - at, extent - 1) < 0 ? 0 : at < extent ? at : period - at;
}

/** A pool that is the same for all channels: `beta + factor * (weighted mean over the neighbourhood)`. */
export interface Pool {
  readonly beta: number;
  readonly factor: number;
}

/**
 * GDN as local contrast normalization: every channel is divided by the root of a Gaussian average of
 * the squared contrasts around the point, `y = x / sqrt(u)` with `u = beta + sum w x^2`.
 */
export const CONTRAST_POOL: Pool = { beta: QUIET ** 2, factor: 1 };

/** The parameters of GDN with {@linkcode CONTRAST_POOL}. */
export function contrastParams(): GdnParams<Tensor> {
  return poolParams(CONTRAST_POOL);
}

/** The parameters of IGDN with {@linkcode inversePool}. */
export function inverseParams(y: ArrayLike<number>): GdnParams<Tensor> {
  return poolParams(inversePool(y));
}

/**
 * IGDN's pool for the way back from `y`. Of u only `q = sum w y^2 = 1 - beta / u` is left, and the pool
 * of IGDN is linear in it: `a + b q`, here the line that is nearest to u by least squares, each point
 * counting as much as its contrast has to be stretched.
 */
export function inversePool(y: ArrayLike<number>): Pool {
  const w = gaussianWindow();
  let n = 0;
  let sumQ = 0;
  let sumQQ = 0;
  let sumU = 0;
  let sumQU = 0;
  for (let point = 0; point < y.length; point += CHANNELS) {
    let q = 0;
    for (let k = 0; k < CHANNELS; k++) q += w[k] * y[point + k] ** 2;
    const u = QUIET ** 2 / Math.max(1 - q, 1e-6);
    const weight = q / u;
    n += weight;
    sumQ += weight * q;
    sumQQ += weight * q * q;
    sumU += weight * u;
    sumQU += weight * q * u;
  }
  const spread = n * sumQQ - sumQ ** 2;
  if (!(spread > 0)) return CONTRAST_POOL;
  const b = Math.max(0, (n * sumQU - sumQ * sumU) / spread);
  return { beta: Math.max(QUIET ** 2, (sumU - b * sumQ) / n), factor: b };
}

/** GDN's parameters of a pool. */
export function poolParams({ beta, factor }: Pool): GdnParams<Tensor> {
  const w = gaussianWindow();
  const gamma = Float32Array.from(
    { length: CHANNELS ** 2 },
    (_, i) => factor * w[Math.floor(i / CHANNELS)],
  );
  return {
    beta: tensor(new Float32Array(CHANNELS).fill(beta)),
    gamma: tensor(gamma, [CHANNELS, CHANNELS]),
  };
}

/** Weights of the neighbours, with sum 1. */
function gaussianWindow(): number[] {
  const window = Array.from({ length: CHANNELS }, (_, k) => {
    const dx = k % SIDE - RADIUS;
    const dy = Math.floor(k / SIDE) - RADIUS;
    return Math.exp(-(dx * dx + dy * dy) / (2 * RADIUS));
  });
  const total = window.reduce((sum, weight) => sum + weight, 0);
  return window.map((weight) => weight / total);
}

/** The tiles of a tensor (1, height, width, channels), row by row; smaller ones at the borders. */
export function tilesOf(x: Tensor): Tensor[] {
  const [, height, width, channels] = x.shape;
  const tiles: Tensor[] = [];
  for (let top = 0; top < height; top += TILE) {
    for (let left = 0; left < width; left += TILE) {
      const h = Math.min(TILE, height - top);
      const w = Math.min(TILE, width - left);
      const data = new Float32Array(h * w * channels);
      for (let y = 0; y < h; y++) {
        const from = ((top + y) * width + left) * channels;
        data.set(x.data.subarray(from, from + w * channels), y * w * channels);
      }
      tiles.push(tensor(data, [1, h, w, channels]));
    }
  }
  return tiles;
}

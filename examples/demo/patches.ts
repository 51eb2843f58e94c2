/**
 * Neighbourhoods as channels: what turns a picture into the input of divisive normalization.
 *
 * @module
 */
import { type GdnParams, type Tensor, tensor } from "../../mod.ts";
import type { Picture } from "./image.ts";

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
        const [dx, dy] = [k % SIDE - RADIUS, Math.floor(k / SIDE) - RADIUS];
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

/**
 * GDN as local contrast normalization: every channel is divided by the root of a Gaussian average of
 * the squared contrasts around the point.
 */
export function contrastParams(): { forward: GdnParams; back: GdnParams } {
  const window = Array.from({ length: CHANNELS }, (_, k) => {
    const [dx, dy] = [k % SIDE - RADIUS, Math.floor(k / SIDE) - RADIUS];
    return Math.exp(-(dx * dx + dy * dy) / (2 * RADIUS));
  });
  const total = window.reduce((sum, weight) => sum + weight, 0);
  const gamma = (factor: number) =>
    tensor(
      Float32Array.from({ length: CHANNELS ** 2 }, (_, i) =>
        factor * window[Math.floor(i / CHANNELS)] / total),
      [CHANNELS, CHANNELS],
    );
  const beta = new Float32Array(CHANNELS).fill(QUIET ** 2);
  // From y = x / sqrt(u), u = beta + sum w x^2 follows u = beta / (1 - sum w y^2), which to first
  // order is beta + beta sum w y^2: the pool of IGDN.
  return { forward: { beta, gamma: gamma(1) }, back: { beta, gamma: gamma(QUIET ** 2) } };
}

/** The tiles of a tensor (1, height, width, channels), row by row; smaller ones at the borders. */
export function tilesOf(x: Tensor): Tensor[] {
  const [, height, width, channels] = x.shape;
  const tiles: Tensor[] = [];
  for (let top = 0; top < height; top += TILE) {
    for (let left = 0; left < width; left += TILE) {
      const [h, w] = [Math.min(TILE, height - top), Math.min(TILE, width - left)];
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

/**
 * Pictures as the tensors of the ops, and back.
 *
 * GDN sees the contrasts of 5 x 5 points as 25 channels, and each colour as a sample. The norms see
 * colours as channels, and tiles as samples.
 *
 * @module
 */
import { type Tensor, tensor } from "../../mod.ts";
import { CENTRE, CHANNELS, contrasts } from "../demo/patches.ts";
import type { Picture } from "../shared/image.ts";
import { isGdn, type Settings } from "./settings.ts";

/**
 * Cuts what would be left over beside the tiles off the right and the bottom.
 *
 * @throws {RangeError} If the tiles would be empty.
 */
export function cropped(planes: readonly Picture[], { op, tiles }: Settings): readonly Picture[] {
  if (isGdn(op)) return planes;
  const [{ width, height }] = planes;
  const w = width - width % tiles;
  const h = height - height % tiles;
  if (w === 0 || h === 0) {
    throw new RangeError(
      `Cannot cut the picture: it must have at least ${tiles} x ${tiles} points for as many tiles, got ${width} x ${height}`,
    );
  }
  return planes.map(({ data }) => ({
    width: w,
    height: h,
    data: Float32Array.from(
      { length: w * h },
      (_, i) => data[Math.floor(i / w) * width + i % w],
    ),
  }));
}

/** The op's input. */
export function tensorOf(planes: readonly Picture[], settings: Settings): Tensor {
  const x = isGdn(settings.op) ? contrastsOf(planes) : tilesOf(planes, settings.tiles);
  return settings.dataFormat === "NHWC" ? x : channelsFirst(x);
}

/** What the op has made of the planes: with GDN, of the points in the centres. */
export function planesOf(
  y: Tensor,
  planes: readonly Picture[],
  { op, tiles, dataFormat }: Settings,
): Picture[] {
  const { shape: [samples, height, width, channels], data } = dataFormat === "NHWC"
    ? y
    : channelsLast(y);
  const across = isGdn(op) ? 1 : tiles;
  return planes.map((plane, p) => ({
    ...plane,
    data: plane.data.map((_, i) => {
      const column = i % plane.width;
      const row = Math.floor(i / plane.width);
      const [sample, channel] = isGdn(op)
        ? [p, CENTRE]
        : [Math.floor(row / height) * across + Math.floor(column / width), p];
      if (sample >= samples) throw new RangeError(`Cannot draw: sample ${sample} is missing`);
      return data[((sample * height + row % height) * width + column % width) * channels + channel];
    }),
  }));
}

/** Shape (colours, height, width, 25). */
function contrastsOf(planes: readonly Picture[]): Tensor {
  const [{ width, height }] = planes;
  const data = new Float32Array(planes.length * width * height * CHANNELS);
  planes.forEach((plane, i) => data.set(contrasts(plane).data, i * width * height * CHANNELS));
  return tensor(data, [planes.length, height, width, CHANNELS]);
}

/** Shape (tiles, height, width, colours), the tiles row by row. */
function tilesOf(planes: readonly Picture[], tiles: number): Tensor {
  const w = planes[0].width / tiles;
  const h = planes[0].height / tiles;
  const channels = planes.length;
  const data = Float32Array.from({ length: tiles * tiles * h * w * channels }, (_, i) => {
    const point = Math.floor(i / channels);
    const column = point % w;
    const row = Math.floor(point / w) % h;
    const tile = Math.floor(point / (w * h));
    const left = tile % tiles * w;
    const top = Math.floor(tile / tiles) * h;
    return planes[i % channels].data[(top + row) * w * tiles + left + column];
  });
  return tensor(data, [tiles * tiles, h, w, channels]);
}

function channelsFirst({ shape: [n, h, w, c], data }: Tensor): Tensor {
  return tensor(swapped(data, n, h * w, c), [n, c, h, w]);
}

/** From channels first to channels last. */
export function channelsLast({ shape: [n, c, h, w], data }: Tensor): Tensor {
  return tensor(swapped(data, n, c, h * w), [n, h, w, c]);
}

/** From (samples, rows, columns) to (samples, columns, rows). */
function swapped(data: Float32Array, samples: number, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let n = 0; n < samples; n++) {
    const start = n * rows * columns;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        out[start + c * rows + r] = data[start + r * columns + c];
      }
    }
  }
  return out;
}

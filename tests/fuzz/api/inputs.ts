/**
 * Shapes, layouts and the forms in which tensors are given.
 *
 * @module
 */
import {
  cast,
  type DataFormat,
  type Tensor,
  tensor,
  type TensorLike,
  type Vector,
} from "../../../mod.ts";
import type { Draw, Kind } from "./draw.ts";

const EXTENTS = [1, 1, 2, 2, 3, 4, 5, 7, 8];
const CHANNELS = [1, 2, 3, 4, 5, 6, 8, 9, 12, 16, 17];
/** Elements of a tensor, at most. */
const MOST = 400;

const LAST: Readonly<Record<number, readonly DataFormat[]>> = {
  2: ["NHWC", "channelsLast"],
  3: ["NHWC", "channelsLast", "NWC"],
  4: ["NHWC", "channelsLast"],
  5: ["NHWC", "channelsLast", "NDHWC"],
};
const FIRST: Readonly<Record<number, readonly DataFormat[]>> = {
  2: ["NCHW", "channelsFirst"],
  3: ["NCHW", "channelsFirst", "NCW"],
  4: ["NCHW", "channelsFirst"],
  5: ["NCHW", "channelsFirst", "NCDHW"],
};

/** A shape of a rank from `least` to `most`; now and then one without elements. */
export function shapeOf(draw: Draw, least: number, most: number): number[] {
  const rank = draw.integer(least, most);
  for (;;) {
    const shape = Array.from({ length: rank }, () => draw.pick(EXTENTS));
    if (draw.chance(0.7)) shape[rank - 1] = draw.pick(CHANNELS);
    if (draw.chance(0.03)) shape[draw.integer(0, rank - 1)] = 0;
    if (product(shape) <= MOST) return shape;
  }
}

/** A shape with samples and channels, and where these are. */
export interface Layout {
  readonly shape: readonly number[];
  readonly dataFormat: DataFormat;
  readonly channelsAxis: number;
  readonly channels: number;
}

export function layoutOf(draw: Draw): Layout {
  const last = shapeOf(draw, 2, 5);
  const rank = last.length;
  // Parameters of no channels are another matter.
  if (last[rank - 1] === 0) last[rank - 1] = 1;
  const channels = last[rank - 1];
  return draw.chance(0.5)
    ? { shape: last, dataFormat: draw.pick(LAST[rank]), channelsAxis: rank - 1, channels }
    : {
      shape: [last[0], channels, ...last.slice(1, -1)],
      dataFormat: draw.pick(FIRST[rank]),
      channelsAxis: 1,
      channels,
    };
}

/** How x is given. */
export const FORMS = [
  "tensor",
  "tensor",
  "tensor",
  "dims",
  "float16",
  "bfloat16",
  "uint8",
  "int8",
] as const;
export type Form = typeof FORMS[number];

/** A tensor as the op gets it, and as the oracle reads it. */
export interface Input {
  readonly given: TensorLike;
  readonly read: Tensor;
}

/** A tensor of fresh numbers, which float16 and the like hold exactly. */
export function inputOf(
  draw: Draw,
  shape: readonly number[],
  form: Form,
  kinds?: readonly Kind[],
): Input {
  const length = product(shape);
  const small = (least: number, most: number, step: number) =>
    Float32Array.from({ length }, () => draw.integer(least, most) * step);
  switch (form) {
    case "tensor":
    case "dims": {
      const read = tensor(draw.numbers(length, kinds), shape);
      return { given: form === "dims" ? { dims: shape, data: read.data } : read, read };
    }
    case "float16":
    case "bfloat16": {
      const read = tensor(small(-127, 127, 1 / 16), shape);
      return { given: cast(read, form), read };
    }
    case "uint8": {
      const read = tensor(small(0, 255, 1), shape);
      return { given: { shape, data: Uint8Array.from(read.data) }, read };
    }
    case "int8": {
      const read = tensor(small(-128, 127, 1), shape);
      return { given: { shape, data: Int8Array.from(read.data) }, read };
    }
  }
}

/** How parameters of one number per channel are given. */
export const VECTORS = ["tensor", "array", "plain"] as const;
export type VectorForm = typeof VECTORS[number];

export function vectorOf(form: VectorForm, data: Float32Array, shape?: readonly number[]): Vector {
  if (form === "tensor" || (shape !== undefined && shape.length !== 1)) return tensor(data, shape);
  return form === "array" ? data : [...data];
}

/** Positive divisors. */
export function divisorsOf(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((divisor) => n % divisor === 0);
}

export function product(extents: readonly number[]): number {
  return extents.reduce((size, extent) => size * extent, 1);
}

/** Options without those that are undefined. */
export function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as { [K in keyof T]: Exclude<T[K], undefined> };
}

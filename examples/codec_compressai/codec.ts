/**
 * A learned image codec: CompressAI's `FactorizedPrior`.
 *
 * Source: Balle, Minnen, Singh, Hwang and Johnston, "Variational Image Compression with a Scale
 * Hyperprior", 2018; compressai.models.FactorizedPrior.
 *
 * @module
 */
import type { Picture } from "../shared/image.ts";
import type { TfTensor } from "../tfjs_layers/tensorflow.ts";
import { bitsOf, restored, rounded } from "./entropy.ts";
import { fitted } from "./picture.ts";
import type { Place } from "./place.ts";
import { transform } from "./transform.ts";
import type { Weights } from "./weights.ts";

/** Rows and columns of a picture for each one of its code. */
const SCALE = 16;
const COLOURS = 3;
/** Pictures with more points are refused: on the way they take a hundred bytes for each. */
const MOST_POINTS = 2 ** 22;

/** A picture's code. */
export interface Code {
  /** Of the picture. */
  readonly width: number;
  readonly height: number;
  /** Rows, columns and channels of the code. */
  readonly shape: readonly [rows: number, columns: number, channels: number];
  /** Its numbers, as whole steps from the medians of their channels. */
  readonly steps: Int32Array;
  /** The bits that an ideal coder needs for them. */
  readonly bits: number;
}

/** Codes pictures of red, green and blue from 0 to 1. */
export interface Codec extends Disposable {
  /** The numbers of a picture's code before they are rounded, `(1, rows, columns, channels)`. */
  analyse(picture: Picture): Promise<Numbers>;
  /** A picture's code; a picture that has none or too many points is a RangeError. */
  encode(picture: Picture): Promise<Code>;
  /** A picture whose values may lie a little outside of 0 to 1. */
  decode(code: Code): Promise<Picture>;
}

/** What has been read out of a tensor. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Opens a codec. It frees its tensors in the end, and leaves the place open. */
export function openCodec(place: Place, { analysis, synthesis, prior }: Weights): Codec {
  const { tf } = place;
  const forth = transform(place, analysis, false);
  const back = transform(place, synthesis, true);

  /** Runs one of the two ways on numbers, and frees all tensors. */
  async function run(way: typeof forth, { shape, data }: Numbers): Promise<Numbers> {
    const x = tf.tensor(data, [...shape], "float32");
    let y: TfTensor | undefined;
    try {
      y = await way.run(x);
      return { shape: y.shape, data: await y.data<"float32">() };
    } finally {
      x.dispose();
      y?.dispose();
    }
  }

  const codec: Codec = {
    async analyse(picture) {
      checkSize(picture);
      const [columns, rows] = [picture.width, picture.height]
        .map((size) => SCALE * Math.ceil(size / SCALE));
      const { data } = fitted(picture, columns, rows);
      return await run(forth, { shape: [1, rows, columns, COLOURS], data });
    },

    async encode(picture) {
      const { width, height } = picture;
      const { shape: [, rows, columns, channels], data } = await codec.analyse(picture);
      const steps = rounded(prior, data);
      const bits = bitsOf(prior, restored(prior, steps));
      return { width, height, shape: [rows, columns, channels], steps, bits };
    },

    async decode({ width, height, shape, steps }) {
      const y = await run(back, { shape: [1, ...shape], data: restored(prior, steps) });
      const [, rows, columns] = y.shape;
      return fitted({ width: columns, height: rows, data: y.data }, width, height);
    },

    [Symbol.dispose]() {
      forth.dispose();
      back.dispose();
    },
  };
  return codec;
}

function checkSize({ width, height }: Picture): void {
  const points = width * height;
  if (points >= 1 && points <= MOST_POINTS) return;
  throw new RangeError(
    `Cannot encode a picture: it must have 1 to ${MOST_POINTS} points, got ${width} x ${height}`,
  );
}

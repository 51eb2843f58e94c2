/**
 * What CompressAI computes of a part of a photograph, and the weights with which it does; written by
 * examples/codec_compressai/train.py.
 *
 * @module
 */
import { readSafetensors, type Tensor } from "../../../mod.ts";
import type { Picture } from "../../../examples/shared/image.ts";

const EXAMPLE = new URL("../../../examples/codec_compressai/", import.meta.url);

/** The state dict. */
export const weightsFile = await Deno.readFile(new URL("weights.safetensors", EXAMPLE));

const { tensors } = readSafetensors(
  await Deno.readFile(new URL("compressai.safetensors", import.meta.url)),
);

/** CompressAI's results with their channels last. */
export const reference = {
  /** Before rounding. */
  y: channelsLast(tensors.y),
  /** Rounded. */
  rounded: channelsLast(tensors.y_hat),
  likelihoods: channelsLast(tensors.likelihoods),
  decoded: channelsLast(tensors.x_hat),
};

/** What was coded. */
export const picture = pictureOf(tensors.picture);

function pictureOf(bytes: Tensor): Picture {
  const { shape: [height, width], data } = channelsLast(bytes);
  return { width, height, data: data.map((value) => value / 255) };
}

function channelsLast({ shape: [channels, rows, columns], data }: Tensor): Tensor {
  const points = rows * columns;
  return {
    shape: [rows, columns, channels],
    data: data.map((_, i) => data[(i % channels) * points + Math.floor(i / channels)]),
  };
}

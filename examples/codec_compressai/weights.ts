/**
 * The weights of CompressAI's `FactorizedPrior`, out of its state dict.
 *
 * @module
 */
import {
  type CompressAIGdn,
  gdnFromCompressAI,
  type GdnVariables,
  readSafetensors,
  type Tensor,
} from "../../mod.ts";
import { type Prior, priorOf } from "./entropy.ts";
import { type Entries, entryOf } from "./entries.ts";

/** Rows and columns of every kernel. */
const SIDE = 5;
/** Red, green and blue. */
const COLOURS = 3;
/** Of the layers of each half: convolutions at the even places, GDN between them. */
const CONVOLUTIONS = [0, 2, 4, 6];
const GDNS = [1, 3, 5];

/** A convolution as PyTorch has it. */
export interface Convolution {
  /** `[out, in, rows, columns]`, or `[in, out, rows, columns]` of a transposed one. */
  readonly kernel: Tensor;
  /** One number for each channel that comes out. */
  readonly bias: Tensor;
}

/** The way to the code, or the way back: each convolution but the last is followed by GDN. */
export interface Half {
  readonly convolutions: readonly Convolution[];
  readonly gdns: readonly GdnVariables<Tensor>[];
}

/** All that a model has learned. */
export interface Weights {
  readonly analysis: Half;
  readonly synthesis: Half;
  readonly prior: Prior;
}

/**
 * Reads a state dict.
 *
 * @param file A safetensors file.
 * @throws {TypeError} If it is none, or an entry is missing or of another shape.
 */
export function readWeights(file: Uint8Array): Weights {
  const { tensors } = readSafetensors(file);
  const inner = entryOf(tensors, "g_a.0.bias", ["any"]).shape[0];
  const outer = entryOf(tensors, "g_a.6.bias", ["any"]).shape[0];
  const widths = [COLOURS, inner, inner, inner, outer];
  const gdn = (prefix: string, inverse: boolean) => {
    const entries = readSafetensors(file, { prefix }).tensors;
    return gdnFromCompressAI(entries as CompressAIGdn, { inverse }).params;
  };
  return {
    analysis: {
      convolutions: convolutionsOf(tensors, "g_a", widths, false),
      gdns: GDNS.map((place) => gdn(`g_a.${place}.`, false)),
    },
    synthesis: {
      convolutions: convolutionsOf(tensors, "g_s", widths.toReversed(), true),
      gdns: GDNS.map((place) => gdn(`g_s.${place}.`, true)),
    },
    prior: priorOf(tensors, outer),
  };
}

/** Convolutions between so many channels, from the first that come in to the last that go out. */
function convolutionsOf(
  entries: Entries,
  half: string,
  widths: readonly number[],
  isTransposed: boolean,
): Convolution[] {
  return CONVOLUTIONS.map((place, i) => {
    const input = widths[i];
    const output = widths[i + 1];
    const channels = isTransposed ? [input, output] : [output, input];
    return {
      kernel: entryOf(entries, `${half}.${place}.weight`, [...channels, SIDE, SIDE]),
      bias: entryOf(entries, `${half}.${place}.bias`, [output]),
    };
  });
}

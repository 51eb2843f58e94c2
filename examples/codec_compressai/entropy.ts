/**
 * The factorised prior: how the numbers of a code are rounded, and how many bits they take.
 *
 * Each channel of the code has a distribution of its own. Its cumulative is the sigmoid of a small network
 * of dense layers: `h = softplus(matrix) h + bias`, then `h = h + tanh(factor) tanh(h)` in all layers but
 * the last. Positive matrices and factors above -1 make it rise everywhere.
 *
 * Source: Balle, Minnen, Singh, Hwang and Johnston, "Variational Image Compression with a Scale
 * Hyperprior", 2018, appendix 6.1; names are those of compressai.entropy_models.EntropyBottleneck, in its
 * newest version and in older ones.
 *
 * @module
 */
import { type Entries, entryOf } from "./entries.ts";

const PREFIX = "entropy_bottleneck.";
/** Numbers between the layers of the network, from the one that comes in to the one that goes out. */
const WIDTHS = [1, 3, 3, 3, 3, 1];
/** No number of a code is taken for less likely, so that none takes more than 30 bits. */
const LEAST_LIKELIHOOD = 1e-9;

/** A dense layer for each channel. */
interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** Positive, `[channel, output, input]`. */
  readonly matrix: Float64Array;
  /** `[channel, output]`. */
  readonly bias: Float64Array;
  /** Between -1 and 1, `[channel, output]`; the last layer has none. */
  readonly factor: Float64Array | undefined;
}

/** The distributions of a code's channels. */
export interface Prior {
  readonly channels: number;
  /** What is rounded to 0 exactly, for each channel. */
  readonly medians: Float64Array;
  readonly layers: readonly Layer[];
}

/**
 * The prior out of a state dict.
 *
 * @param entries All entries of a model.
 * @param channels How many channels a code has.
 * @throws {TypeError} If an entry is missing or of another shape.
 */
export function priorOf(entries: Entries, channels: number): Prior {
  const layers = WIDTHS.slice(1).map((outputs, i) => {
    const inputs = WIDTHS[i];
    const numbers = (name: string, nameBefore: string, columns: number) => {
      const before = `${PREFIX}${nameBefore}${i}`;
      const known = before in entries ? before : `${PREFIX}${name}.${i}`;
      return Float64Array.from(entryOf(entries, known, [channels, outputs, columns]).data);
    };
    const isLast = i === WIDTHS.length - 2;
    return {
      inputs,
      outputs,
      matrix: numbers("matrices", "_matrix", inputs).map((value) => Math.log1p(Math.exp(value))),
      bias: numbers("biases", "_bias", 1),
      factor: isLast ? undefined : numbers("factors", "_factor", 1).map(Math.tanh),
    };
  });
  const quantiles = entryOf(entries, `${PREFIX}quantiles`, [channels, 1, 3]).data;
  const medians = Float64Array.from({ length: channels }, (_, c) => quantiles[3 * c + 1]);
  return { channels, medians, layers };
}

/** The numbers of a code, channels last, as whole steps from their channel's median. */
export function rounded({ channels, medians }: Prior, code: Float32Array): Int32Array {
  return Int32Array.from(code, (value, i) => Math.round(value - medians[i % channels]));
}

/** The numbers that steps stand for. */
export function restored({ channels, medians }: Prior, steps: Int32Array): Float32Array {
  return Float32Array.from(steps, (step, i) => step + medians[i % channels]);
}

/** How likely each number of a code is: the mass of its channel's distribution within half a step. */
export function likelihoods(prior: Prior, numbers: Float32Array): Float64Array {
  return Float64Array.from(numbers, (value, i) => {
    const channel = i % prior.channels;
    const mass = cumulative(prior, channel, value + 0.5) - cumulative(prior, channel, value - 0.5);
    return Math.max(mass, LEAST_LIKELIHOOD);
  });
}

/** The bits that an ideal coder needs for the numbers of a code. */
export function bitsOf(prior: Prior, numbers: Float32Array): number {
  return likelihoods(prior, numbers).reduce((bits, mass) => bits - Math.log2(mass), 0);
}

function cumulative({ layers }: Prior, channel: number, value: number): number {
  let h = [value];
  for (const { inputs, outputs, matrix, bias, factor } of layers) {
    const next: number[] = [];
    for (let output = 0; output < outputs; output++) {
      const row = channel * outputs + output;
      let sum = bias[row];
      for (let input = 0; input < inputs; input++) sum += matrix[row * inputs + input] * h[input];
      next.push(factor === undefined ? sum : sum + factor[row] * Math.tanh(sum));
    }
    h = next;
  }
  return 1 / (1 + Math.exp(-h[0]));
}

/**
 * Cases of gdn. All terms of the pool are positive, so its relative error is that of one term and of
 * as many additions as there are channels; what is off in y and in the cotangents follows from it to
 * first order, term by term.
 *
 * @module
 */
import { type GdnOptions, type GdnParams, type GdnVariables, tensor } from "../../../mod.ts";
import { strideOf } from "../../oracle/array.ts";
import { effective, parameterBound } from "../../oracle/gdn.ts";
import type { Draw } from "./draw.ts";
import { FORMS, layoutOf, vectorOf, VECTORS } from "./inputs.ts";
import type { Limits } from "./trial.ts";

/** Options that the oracle takes as well. */
interface Exponents {
  readonly inverse: boolean;
  readonly rectify: boolean;
  readonly alpha: number;
  readonly epsilon: number;
}

/** Parameters as the op gets them, and in effect. */
export interface Parameters {
  readonly given: GdnParams | GdnVariables;
  readonly beta: ArrayLike<number>;
  readonly gamma: ArrayLike<number>;
  /** What the stored form subtracts: rounding it costs so much more than rounding the difference. */
  readonly pedestal: number;
  readonly stored?: { readonly beta: Float32Array; readonly gamma: Float32Array };
}

export interface Structured {
  readonly options: GdnOptions;
  readonly exponents: Exponents;
  readonly layout: ReturnType<typeof layoutOf>;
  readonly form: typeof FORMS[number];
  readonly what: Record<string, unknown>;
  parameters(numbers: Draw): Parameters;
}

const OFFSETS = [2 ** -18, 2 ** -18, 2 ** -10, 0.1];
const MINIMA = [1e-6, 1e-6, 1e-3, 0.1];

export function structured(draw: Draw, { hard }: Limits, back: boolean): Structured {
  const layout = layoutOf(draw);
  const { dataFormat, channels } = layout;
  const classic = draw.chance(0.4);
  const simple = draw.chance(0.3);
  const exponents = {
    inverse: draw.chance(0.4),
    alpha: classic ? 2 : simple ? 1 : draw.pick([1, 2, 1.5, 3, 0.75]),
    epsilon: classic ? 0.5 : simple ? 1 : draw.pick([0.5, 1, 0.75, 0.3]),
    rectify: draw.chance(0.2),
  };
  const stored = draw.chance(0.4);
  const bounds = stored && draw.chance(0.6)
    ? { betaMin: draw.pick(MINIMA), reparamOffset: draw.pick(OFFSETS) }
    : {};
  const form = draw.pick(FORMS);
  const vector = draw.pick(VECTORS);
  return {
    options: {
      inverse: exponents.inverse,
      rectify: exponents.rectify,
      alphaParameter: exponents.alpha,
      epsilonParameter: exponents.epsilon,
      ...bounds,
      dataFormat,
    },
    exponents,
    layout,
    form,
    what: { shape: layout.shape, dataFormat, ...exponents, ...bounds, stored, form, vector },
    parameters(numbers) {
      const square = [channels, channels];
      if (!stored) {
        const beta = numbers.uniform(channels, 0.1, 2);
        const gamma = numbers.uniform(channels ** 2, 0, 0.5);
        if (numbers.chance(0.3)) gamma.fill(0, 0, channels);
        return {
          given: { beta: vectorOf(vector, beta), gamma: tensor(gamma, square) },
          beta,
          gamma,
          pedestal: 0,
        };
      }
      const { betaMin = 1e-6, reparamOffset = 2 ** -18 } = bounds;
      const raw = (length: number, least: number, bound: number) => {
        const values = numbers.uniform(length, least, 1.2);
        for (let i = 0; i < length; i++) {
          const kind = numbers.next();
          if (kind < 0.1) values[i] = -1;
          else if (kind < 0.15) values[i] = 0.5 * bound;
          else if (kind < 0.2 && (hard || !back)) values[i] = bound;
        }
        return values;
      };
      const beta = raw(channels, 0.3, parameterBound(betaMin, reparamOffset));
      const gamma = raw(channels ** 2, 0, reparamOffset);
      return {
        given: {
          reparamBeta: vectorOf(vector, beta),
          reparamGamma: tensor(gamma, square),
        },
        beta: effective(beta, betaMin, reparamOffset),
        gamma: effective(gamma, 0, reparamOffset),
        pedestal: reparamOffset ** 2,
        stored: { beta, gamma },
      };
    },
  };
}

/** The pool of every element, and its relative error in roundings. */
export function poolsOf(
  x: ArrayLike<number>,
  { layout, exponents: { alpha, rectify } }: Structured,
  { beta, gamma, pedestal, stored }: Parameters,
) {
  const { shape, channelsAxis, channels } = layout;
  const stride = strideOf(shape, channelsAxis);
  const size = x.length;
  const v = Float64Array.from(x, (value) => rectify ? Math.max(value, 0) : value);
  const u = new Float64Array(size);
  const off = new Float64Array(size);
  const coarse = stored === undefined ? 0 : 1;
  for (let k = 0; k < size; k++) {
    const i = Math.floor(k / stride) % channels;
    u[k] = beta[i];
    // The bound is rounded, which counts twice in its square, the square, the pedestal and their
    // difference: five roundings of what is nearly subtracted away.
    off[k] = coarse * 5 * (beta[i] + pedestal);
    for (let j = 0; j < channels; j++) {
      const at = Math.abs(v[k + (j - i) * stride]);
      const power = at ** alpha;
      u[k] += gamma[j * channels + i] * power;
      off[k] += coarse * 5 * (gamma[j * channels + i] + pedestal) * power +
        gamma[j * channels + i] * power * powerError(at, alpha);
    }
    off[k] = off[k] / u[k] + channels + 4;
  }
  return { v, u, off, stride };
}

/** Roundings in |x|^alpha: exp and log are right to a few, of which alpha ln|x| is a factor. */
export function powerError(x: number, alpha: number): number {
  if (alpha === 2 || alpha === 1) return 1;
  return x === 0 ? 0 : 4 + 2 * Math.abs(alpha * Math.log(x));
}

/**
 * Any norm and its way back, as expectations: the oracle's numbers, and to first order how far each
 * may be off if means and deviations are off by what statistics.ts says.
 *
 * @module
 */
import type { Activation } from "../../../mod.ts";
import { normVjp } from "../../oracle/norm_vjp.ts";
import { activationError, nearKink, slopeError, slopeOf } from "./activation.ts";
import { type Sets, type SetStatistics, statisticsOf } from "./statistics.ts";
import { type Expected, U } from "./trial.ts";

/** A norm of numbers. */
export interface Normed {
  readonly x: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly sets: Sets;
  /** The place of each element in beta and gamma, and the shape of these. */
  readonly places: ArrayLike<number>;
  readonly parameters: readonly number[];
  readonly beta: ArrayLike<number> | undefined;
  readonly gamma: ArrayLike<number> | undefined;
  readonly epsilon: number;
  readonly activation: Activation;
}

/** Normalised values, and what they are before the activation, each with its error. */
interface Values {
  readonly statistics: SetStatistics;
  readonly normal: Float64Array;
  readonly z: Float64Array;
  readonly zOff: Float64Array;
}

function valuesOf(norm: Normed): Values {
  const { x, sets, places, beta, gamma, epsilon } = norm;
  const statistics = statisticsOf(x, sets, epsilon);
  const { mean, variance, off } = statistics;
  const normal = new Float64Array(x.length);
  const z = new Float64Array(x.length);
  const zOff = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const set = sets.of[i];
    const deviation = Math.sqrt(variance[set] + epsilon);
    normal[i] = deviation === 0 ? NaN : (x[i] - mean[set]) / deviation;
    const g = gamma === undefined ? 1 : gamma[places[i]];
    const b = beta === undefined ? 0 : beta[places[i]];
    z[i] = normal[i] * g + b;
    zOff[i] = Math.abs(g) * off[set] * Math.max(1, Math.abs(normal[i])) +
      U * 4 * (Math.abs(normal[i] * g) + Math.abs(b));
  }
  return { statistics, normal, z, zOff };
}

/** y, whose values are the oracle's. */
export function expectedY(norm: Normed, values: Float64Array): Expected {
  const { z, zOff } = valuesOf(norm);
  const allowed = values.map((_, i) => activationError(z[i], norm.activation, zOff[i]));
  return { shape: norm.shape, values, allowed };
}

/** A cotangent without what lies near a kink, where a rounding decides about the slope. */
export function withoutKinks(norm: Normed, dy: Float32Array): Float32Array {
  const { z, zOff } = valuesOf(norm);
  return dy.map((value, i) => nearKink(z[i], norm.activation, zOff[i]) ? 0 : value);
}

/** The cotangents of x, beta and gamma. */
export function expectedBack(norm: Normed, dy: Float32Array): {
  readonly x: Expected;
  readonly beta: Expected;
  readonly gamma: Expected;
} {
  const { x, shape, sets, places, gamma, epsilon, activation, parameters } = norm;
  const { statistics, normal, z, zOff } = valuesOf(norm);
  const length = parameters.reduce((size, extent) => size * extent, 1);
  const scale = gamma ?? new Float64Array(length).fill(1);
  const g = Float64Array.from(dy, (value, i) => value * slopeOf(z[i], activation));
  const { dx, dBeta, dGamma } = normVjp({ shape, data: x }, g, {
    sets: sets.of,
    places,
    gamma: scale,
    epsilon,
  });
  const { variance, count, off } = statistics;
  // |h|, |h| max(1, |x-hat|) and the error of h, summed over each set.
  const sums = Array.from({ length: 3 }, () => new Float64Array(sets.size));
  const betaOff = new Float64Array(length);
  const gammaOff = new Float64Array(length);
  const members = new Float64Array(length);
  const gOff = g.map((value, i) =>
    Math.abs(dy[i]) * slopeError(z[i], activation, zOff[i]) + U * 4 * Math.abs(value)
  );
  for (let i = 0; i < x.length; i++) members[places[i]]++;
  for (let i = 0; i < x.length; i++) {
    const set = sets.of[i];
    const place = places[i];
    const h = Math.abs(g[i] * scale[place]);
    const far = Math.max(1, Math.abs(normal[i]));
    sums[0][set] += h / count[set];
    sums[1][set] += h * far / count[set];
    sums[2][set] += gOff[i] * Math.abs(scale[place]) * far / count[set];
    betaOff[place] += gOff[i] + U * (members[place] + 2) * Math.abs(g[i]);
    gammaOff[place] += (gOff[i] + U * (members[place] + 4) * Math.abs(g[i])) * far +
      Math.abs(g[i]) * off[set] * far;
  }
  const allowed = dx.data.map((_, i) => {
    const set = sets.of[i];
    const h = Math.abs(g[i] * scale[places[i]]);
    const far = Math.max(1, Math.abs(normal[i]));
    const hOff = gOff[i] * Math.abs(scale[places[i]]);
    // s (h - mean(h) - x-hat mean(h x-hat)): each factor is off by its own error, and s by `off`.
    const inexact = (off[set] + 4 * U) * (h + sums[0][set] + 4 * far * sums[1][set]);
    return (inexact + hOff + sums[2][set] * (1 + far)) / Math.sqrt(variance[set] + epsilon);
  });
  return {
    x: { shape, values: dx.data, allowed },
    beta: { shape: parameters, values: dBeta, allowed: betaOff },
    gamma: { shape: parameters, values: dGamma, allowed: gammaOff },
  };
}

/**
 * Batch norm's cotangents as expectations: the oracle's numbers, with errors.
 *
 * @module
 */
import { broadcastIndex, coordinatesOf } from "../../oracle/array.ts";
import { batchNormVjp as vjpOracle } from "../../oracle/batch_norm_vjp.ts";
import { slopeError, slopeOf } from "./activation.ts";
import type { BatchCase, BatchNumbers } from "./batch_case.ts";
import { appliedOf, valuesOf } from "./batch_values.ts";
import { product } from "./inputs.ts";
import { type Expected, U, zeros } from "./trial.ts";

/** Every cotangent of a call. */
export function expectedBack(
  test: BatchCase,
  numbers: BatchNumbers,
  dy: Float32Array,
): Record<string, Expected> {
  const { layout: { shape, channels, channelsAxis }, activation, epsilon, training } = test;
  const { x, beta, gamma, weights, adjustment, moments } = numbers;
  const size = product(shape);
  if (size === 0) {
    return {
      dx: zeros(shape),
      ...(beta && { beta: zeros([channels]) }),
      ...(gamma && { gamma: zeros([channels]) }),
      ...(adjustment && { a: zeros(adjustment.scale.shape), b: zeros(adjustment.bias.shape) }),
    };
  }
  const applied = appliedOf(test, numbers);
  const { mean, variance, off, r, d, rOff, dOff } = applied;
  const { channel, normal, z, zOff, factor } = valuesOf(test, numbers, applied);
  const g = Float64Array.from(dy, (value, i) => value * slopeOf(z[i], activation));
  const own = training && moments === undefined;
  const common = { mean, variance, epsilon, channelsAxis, own, weights, count: moments?.count };
  const found = vjpOracle(x.read, g, {
    ...common,
    gamma,
    correction: test.options.renorm ? { r, d } : undefined,
    adjustment,
  });
  // The same sums of sizes and of errors. Every term is off by its factors' errors, and a sum of n of
  // them rounds n times at most.
  const item = size / shape[0];
  const sums = new Float64Array(channels);
  const far = (i: number) => Math.max(1, Math.abs(normal[i]));
  const rounding = U * (size / channels + 12);
  const worst = Float64Array.from(off, (own) => own + rounding);
  const total = new Float64Array(channels);
  const h = new Float64Array(size);
  const hOff = new Float64Array(size);
  const gOff = new Float64Array(size);
  const share = (i: number) => weights === undefined ? 1 : weights[Math.floor(i / item)];
  for (let i = 0; i < size; i++) {
    const c = channel[i];
    gOff[i] = Math.abs(dy[i]) * slopeError(z[i], activation, zOff[i]) + 8 * U * Math.abs(g[i]);
    h[i] = Math.abs(g[i] * factor[i] * r[c]);
    hOff[i] = gOff[i] * Math.abs(factor[i] * r[c]) + Math.abs(g[i] * factor[i]) * rOff[c] +
      worst[c] * h[i];
    sums[c] += (hOff[i] + worst[c] * h[i]) * far(i);
    total[c] += share(i);
  }
  const dx = new Float64Array(size);
  const betaOff = new Float64Array(channels);
  const gammaOff = new Float64Array(channels);
  const weightsOff = new Float64Array(shape[0]);
  const aOff = new Float64Array(adjustment?.scale.data.length ?? 0);
  const bOff = new Float64Array(adjustment?.bias.data.length ?? 0);
  const gross = new Float64Array(channels);
  for (let i = 0; i < size; i++) gross[channel[i]] += h[i] * far(i);
  for (let i = 0; i < size; i++) {
    const c = channel[i];
    const s = 1 / Math.sqrt(variance[c] + epsilon);
    const part = own ? share(i) / total[c] : 0;
    // Of s (h - share (sum h + x-hat sum(h x-hat))).
    dx[i] = s * (hOff[i] + part * (2 * sums[c] + 3 * worst[c] * gross[c]) * far(i) +
      worst[c] * h[i]);
    const corrected = Math.abs(normal[i] * r[c]) + Math.abs(d[c]);
    const correctedOff = Math.abs(r[c]) * off[c] * far(i) + Math.abs(normal[i]) * rOff[c] +
      dOff[c] + 4 * U * corrected;
    betaOff[c] += gOff[i] + rounding * Math.abs(g[i]);
    let a = 1;
    let b = 0;
    if (adjustment !== undefined) {
      const at = coordinatesOf(i, shape);
      const scaleAt = broadcastIndex(at, adjustment.scale.shape);
      const biasAt = broadcastIndex(at, adjustment.bias.shape);
      const weight = Math.abs(gamma === undefined ? 1 : gamma[c]);
      a = Math.abs(adjustment.scale.data[scaleAt]);
      b = Math.abs(adjustment.bias.data[biasAt]);
      const roundings = U * (size + 12);
      aOff[scaleAt] += weight * ((gOff[i] + roundings * Math.abs(g[i])) * corrected +
        Math.abs(g[i]) * correctedOff);
      bOff[biasAt] += weight * (gOff[i] + roundings * Math.abs(g[i]));
    }
    gammaOff[c] += (gOff[i] + rounding * Math.abs(g[i])) * (corrected * a + b) +
      Math.abs(g[i]) * a * correctedOff;
    // Of s A (x - mean) + s^2 B ((x - mean)^2 - variance) / 2, summed over channels and places.
    weightsOff[Math.floor(i / item)] +=
      ((sums[c] + worst[c] * gross[c]) * (far(i) + (normal[i] ** 2 + 1) / 2) +
        gross[c] * far(i) ** 2 * (worst[c] + U * item)) / total[c];
  }
  const perChannel = (values: ArrayLike<number>, allowed: ArrayLike<number>): Expected => ({
    shape: [channels],
    values,
    allowed,
  });
  const s = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + epsilon));
  const meanOff = s.map((root, c) => root * (sums[c] + worst[c] * gross[c]));
  const m2Off = s.map((root, c) =>
    root ** 2 * (sums[c] + 3 * worst[c] * gross[c]) / (2 * (moments?.count ?? 1))
  );
  const countOff = m2Off.reduce(
    (sum, off, c) =>
      sum + Math.abs(variance[c]) * off + U * (channels + 4) *
        Math.abs(variance[c] * found.dM2[c]),
    0,
  );
  return {
    dx: { shape, values: found.dx, allowed: dx },
    ...(beta && { beta: perChannel(found.dBeta, betaOff) }),
    ...(gamma && { gamma: perChannel(found.dGamma, gammaOff) }),
    ...(weights && { weights: { shape: [shape[0]], values: found.dWeights, allowed: weightsOff } }),
    ...(adjustment && {
      a: { shape: adjustment.scale.shape, values: found.dScale, allowed: aOff },
      b: { shape: adjustment.bias.shape, values: found.dBias, allowed: bOff },
    }),
    ...(moments && {
      count: { shape: [], values: [found.dCount], allowed: [countOff] },
      mean: perChannel(found.dMean, meanOff),
      m2: perChannel(found.dM2, m2Off),
    }),
  };
}

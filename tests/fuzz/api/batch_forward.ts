/**
 * Batch norm's y and state as expectations: the oracle's numbers, with errors.
 *
 * @module
 */
import { batchNorm as oracle, type BatchNormState64 } from "../../oracle/batch_norm.ts";
import { activationError } from "./activation.ts";
import type { BatchCase, BatchNumbers } from "./batch_case.ts";
import { appliedOf, valuesOf } from "./batch_values.ts";
import { product } from "./inputs.ts";
import { exactly, type Expected, U } from "./trial.ts";

/** The oracle's y and state, with errors. */
export function expectedForward(test: BatchCase, numbers: BatchNumbers): Record<string, Expected> {
  const { layout: { shape, channels, channelsAxis }, epsilon, decay, activation } = test;
  const { training, unbiased, options } = test;
  const { x, state, beta, gamma, weights, adjustment, moments } = numbers;
  const old: BatchNormState64 = {
    movingMean: state.movingMean.data,
    movingVariance: state.movingVariance.data,
    ...(state.debias && {
      debias: { biased: state.debias.biased.data, localStep: state.debias.localStep.data[0] },
    }),
    ...(state.renorm && {
      renorm: {
        movingStddev: state.renorm.movingStddev.data,
        renormMean: state.renorm.renormMean.data,
        renormStddev: state.renorm.renormStddev.data,
      },
    }),
  };
  const { renormDecay = 0.99 } = options;
  const { y, state: next } = oracle(x.read, old, {
    training,
    decay,
    epsilon,
    channelsAxis,
    beta,
    gamma,
    activation: activation === "none" ? undefined : activation,
    weights,
    besselCorrected: unbiased,
    zeroDebias: options.zeroDebiasMovingMean,
    renorm: options.renorm,
    renormClipping: options.renormClipping,
    renormDecay,
    adjustment,
    moments,
  });
  const applied = appliedOf(test, numbers);
  const { z, zOff } = valuesOf(test, numbers, applied);
  const { mean, variance, off } = applied;
  const changed = training && product(shape) > 0;
  const channel = (
    values: ArrayLike<number>,
    before: ArrayLike<number>,
    // What is off in the value that is moved towards, and that value's size.
    [error, size]: readonly [(c: number) => number, (c: number) => number],
    weight = decay,
  ): Expected => ({
    shape: [channels],
    values,
    allowed: Float64Array.from(
      values,
      (_, c) =>
        changed
          ? (1 - weight) * error(c) +
            4 * U * (weight * Math.abs(before[c]) + (1 - weight) * size(c))
          : 0,
    ),
  });
  const deviation = (c: number) => Math.sqrt(variance[c] + epsilon);
  const given = moments !== undefined;
  const meanOff = [
    (c: number) => given ? 0 : off[c] * deviation(c) + 2 * U * Math.abs(mean[c]),
    (c: number) => Math.abs(mean[c]),
  ] as const;
  const spread = (c: number) => (variance[c] + epsilon) * 2;
  const varianceOff = [
    (c: number) => spread(c) * (2 * off[c] + 8 * U),
    (c: number) => spread(c),
  ] as const;
  const deviationOff = [
    (c: number) => deviation(c) * (off[c] + 4 * U),
    deviation,
  ] as const;
  const movingMean = channel(next.movingMean, old.movingMean, meanOff);
  const movingVariance = channel(next.movingVariance, old.movingVariance, varianceOff);
  const expected: Record<string, Expected> = {
    y: {
      shape,
      values: y.data,
      allowed: Float64Array.from(z, (value, i) => activationError(value, activation, zOff[i])),
    },
    movingMean,
    movingVariance,
  };
  if (next.debias && old.debias) {
    const biased = channel(next.debias.biased, old.debias.biased, meanOff);
    const collected = 1 - decay ** next.debias.localStep;
    return {
      ...expected,
      biased,
      localStep: exactly([], [next.debias.localStep]),
      movingMean: changed
        ? {
          ...movingMean,
          allowed: Float64Array.from(
            next.movingMean,
            (value, c) => biased.allowed[c] / collected + 16 * U * Math.abs(value),
          ),
        }
        : movingMean,
    };
  }
  if (next.renorm && old.renorm) {
    const movingStddev = channel(next.renorm.movingStddev, old.renorm.movingStddev, deviationOff);
    return {
      ...expected,
      movingStddev,
      renormMean: channel(next.renorm.renormMean, old.renorm.renormMean, meanOff, renormDecay),
      renormStddev: channel(
        next.renorm.renormStddev,
        old.renorm.renormStddev,
        deviationOff,
        renormDecay,
      ),
      // The square of a deviation, less epsilon.
      movingVariance: changed
        ? {
          ...movingVariance,
          allowed: Float64Array.from(movingStddev.values, (value, c) =>
            2 * value * movingStddev.allowed[c] + 4 * U * (value ** 2 + epsilon)),
        }
        : movingVariance,
    };
  }
  return expected;
}

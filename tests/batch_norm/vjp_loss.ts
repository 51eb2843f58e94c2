/**
 * The loss in float64 whose slopes vjps of batch norm must be.
 *
 * @module
 */
import {
  type AdjustmentTensors,
  type BatchNormState,
  initBatchNorm,
  type Tensor,
  tensor,
} from "../../mod.ts";
import {
  batchNorm as oracle,
  type BatchNormOptions as OracleOptions,
} from "../oracle/batch_norm.ts";
import { broadcastIndex, coordinatesOf } from "../oracle/array.ts";
import { moments as oracleMoments } from "../oracle/moments.ts";
import { assertClose, largest } from "../support/close.ts";
import { randomTensor } from "../support/random.ts";
import { dot } from "../support/slope.ts";
import type { Case } from "./vjp_cases.ts";

/** Of the largest cotangent: sums over the batch round some dozens of times. */
export const TOLERANCE = 2e-5;

/** The arguments of a case; some of its numbers moved. */
export interface Arguments {
  readonly x: ArrayLike<number>;
  readonly beta?: ArrayLike<number>;
  readonly gamma?: ArrayLike<number>;
  readonly weights?: ArrayLike<number>;
  readonly scale?: ArrayLike<number>;
  readonly bias?: ArrayLike<number>;
  readonly mean?: ArrayLike<number>;
  readonly m2?: ArrayLike<number>;
  readonly count?: ArrayLike<number>;
}

/** Four random numbers about a mean. */
export const vector = (seed: number, mean: number) =>
  Array.from(randomTensor([4], { seed, mean, stddev: 0.5 }).data);

/** Moving statistics of four channels, those of renorm among them. */
export function stateOf(): BatchNormState<Tensor> {
  const { state } = initBatchNorm(4, { renorm: true });
  const positive = (seed: number) => tensor(vector(seed, 0).map((value) => 1 + value ** 2));
  return {
    movingMean: tensor(vector(21, 0.5)),
    movingVariance: positive(22),
    renorm: { ...state.renorm!, renormMean: tensor(vector(23, 0.4)), renormStddev: positive(24) },
  };
}

/** The loss of a case in float64. Renorm's r and d are those of the unmoved x. */
export function lossOf(
  { shape, options }: Case,
  unmoved: Tensor,
  dy: Tensor,
): (at: Arguments) => number {
  const { movingMean, movingVariance, renorm } = stateOf();
  const state = { movingMean: movingMean.data, movingVariance: movingVariance.data };
  const isLast = !["NCHW", "NCW"].includes(options.dataFormat ?? "NHWC");
  const channelsAxis = isLast ? shape.length - 1 : 1;
  const { epsilon = 1e-3 } = options;
  const others = shape.map((_, axis) => axis).filter((axis) => axis !== channelsAxis);
  const channelShape = shape.map((extent, axis) => axis === channelsAxis ? extent : 1);
  let r = new Array(4).fill(1);
  let d = new Array(4).fill(0);
  if (options.renorm) {
    const { count, mean, m2 } = oracleMoments(unmoved, others);
    const { rmin = 0, rmax = Infinity, dmax = Infinity } = options.renormClipping ?? {};
    const { renormMean, renormStddev } = renorm!;
    const clip = (value: number, least: number, most: number) =>
      Math.min(Math.max(value, least), most);
    r = r.map((_, c) =>
      clip(Math.sqrt(m2[c] / count[c] + epsilon) / renormStddev.data[c], rmin, rmax)
    );
    d = d.map((_, c) => clip((mean[c] - renormMean.data[c]) / renormStddev.data[c], -dmax, dmax));
  }
  const pair = options.adjustment as AdjustmentTensors | undefined;
  return (at) => {
    const common: OracleOptions = {
      channelsAxis,
      epsilon,
      beta: at.beta,
      gamma: at.gamma,
      activation: options.activation === "none" ? undefined : options.activation,
      training: options.training,
      weights: at.weights,
      moments: at.mean && {
        count: new Array(4).fill(at.count![0]),
        mean: at.mean,
        m2: at.m2!,
      },
    };
    // (x-hat r + d) a + b, over all of x.
    const full = (data: ArrayLike<number>, own: readonly number[]) =>
      Array.from(at.x, (_, i) => data[broadcastIndex(coordinatesOf(i, shape), own)]);
    const a = full(at.scale ?? [1], pair?.scale.shape ?? []);
    const b = full(at.bias ?? [0], pair?.bias.shape ?? []);
    const fullR = full(r, channelShape);
    const fullD = full(d, channelShape);
    const { y } = oracle({ data: at.x, shape }, state, {
      ...common,
      adjustment: {
        scale: { data: a.map((value, i) => value * fullR[i]), shape },
        bias: { data: b.map((value, i) => value + a[i] * fullD[i]), shape },
      },
    });
    return dot(y.data, dy.data);
  };
}

/** Fails unless cotangents are within the tolerance of the largest of them. */
export function assertCotangents(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
): void {
  assertClose(actual, expected, TOLERANCE * Math.max(1, largest(expected)), what);
}

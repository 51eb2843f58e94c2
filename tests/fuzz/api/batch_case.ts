/**
 * Cases of batch norm: which options go together, and their numbers.
 *
 * @module
 */
import {
  type Activation,
  activations,
  type BatchNormOptions,
  type BatchNormState,
  initBatchNorm,
  type NormParams,
  type Tensor,
  tensor,
} from "../../../mod.ts";
import type { Draw } from "./draw.ts";
import {
  FORMS,
  given,
  type Input,
  inputOf,
  type Layout,
  layoutOf,
  product,
  vectorOf,
  VECTORS,
} from "./inputs.ts";
import type { Limits } from "./trial.ts";

/** A call with all but its numbers. */
export interface BatchCase {
  readonly layout: Layout;
  readonly options: BatchNormOptions;
  readonly epsilon: number;
  readonly decay: number;
  readonly activation: Activation;
  readonly training: boolean;
  readonly unbiased: boolean;
  readonly what: Record<string, unknown>;
  numbers(draw: Draw): BatchNumbers;
}

/** The numbers of a call: as they are given, and as they are read. */
export interface BatchNumbers {
  readonly x: Input;
  readonly params: NormParams;
  readonly state: BatchNormState<Tensor>;
  readonly options: BatchNormOptions;
  /** What is applied. */
  readonly beta: Float32Array | undefined;
  readonly gamma: Float32Array | undefined;
  readonly weights: Float32Array | undefined;
  readonly adjustment: { readonly scale: Tensor; readonly bias: Tensor } | undefined;
  readonly moments:
    | { readonly count: number; readonly mean: Float32Array; readonly m2: Float32Array }
    | undefined;
}

export function batchCase(draw: Draw, limits: Limits): BatchCase {
  const layout = layoutOf(draw);
  const { shape, dataFormat, channels } = layout;
  const rank = shape.length;
  const empty = product(shape) === 0;
  const training = draw.chance(0.8);
  const mode = training ? draw.next() : 1;
  const renorm = mode < 0.2;
  const weighted = mode >= 0.2 && mode < 0.4 && !empty;
  const withMoments = mode >= 0.4 && mode < 0.5 && !empty;
  const zeroDebias = training && !renorm && draw.chance(0.2);
  const adjusted = training && draw.chance(0.2);
  const fused = draw.chance(0.3) ? draw.chance(0.5) : undefined;
  const mayBeUnbiased = !renorm && !weighted;
  const asked = draw.chance(0.3) ? mayBeUnbiased && draw.chance(0.5) : undefined;
  const byDefault = (fused ?? true) && !renorm && !weighted && !adjusted &&
    (rank === 2 || rank === 4);
  const decay = draw.pick(zeroDebias ? [0, 0.5, 0.9, 0.999] : [0, 0.5, 0.9, 0.999, 1]);
  const renormDecay = renorm ? draw.pick([0, 0.5, 0.99]) : undefined;
  const renormClipping = renorm && draw.chance(0.5)
    ? given({
      rmin: draw.chance(0.7) ? 0.5 : undefined,
      rmax: draw.chance(0.7) ? 2 : undefined,
      dmax: draw.chance(0.7) ? 1 : undefined,
    })
    : undefined;
  const epsilon = draw.pick([1e-5, 1e-3, 1e-3, 0.1]);
  const activation = draw.chance(0.6) ? "none" : draw.pick(activations);
  const hasBeta = draw.chance(0.6);
  const hasGamma = draw.chance(0.6);
  const form = draw.pick(FORMS);
  const vector = draw.pick(VECTORS);
  const spread = () => shape.map((extent) => draw.chance(0.5) ? extent : 1);
  const scaleShape = spread();
  const biasShape = draw.chance(0.5) ? spread() : spread().slice(draw.integer(0, rank));
  const options = given({
    training: training ? undefined : false,
    renorm: renorm ? true : undefined,
    zeroDebiasMovingMean: zeroDebias ? true : undefined,
    fused,
    unbiasedMovingVariance: asked,
    renormDecay,
    renormClipping,
    decay,
    epsilon,
    activation,
    dataFormat,
  });
  return {
    layout,
    options,
    epsilon,
    decay,
    activation,
    training,
    unbiased: asked ?? byDefault,
    what: {
      shape,
      ...options,
      weighted,
      withMoments,
      ...(adjusted && { scaleShape, biasShape }),
      hasBeta,
      hasGamma,
      form,
      vector,
    },
    numbers(numbers) {
      const x = inputOf(numbers, shape, form, limits.kinds);
      const positive = () => numbers.uniform(channels, 0.05, 3);
      const any = () => numbers.uniform(channels, -2, 2);
      const beta = any();
      const gamma = any();
      const weights = weighted ? numbers.uniform(shape[0], 0, 2) : undefined;
      if (weights !== undefined && numbers.chance(0.3)) {
        weights.fill(0, 0, numbers.integer(0, shape[0] - 1));
      }
      const moments = withMoments
        ? { count: numbers.integer(1, 50), mean: any(), m2: numbers.uniform(channels, 1, 90) }
        : undefined;
      const adjustment = adjusted
        ? {
          scale: tensor(numbers.uniform(product(scaleShape), 0.5, 1.5), scaleShape),
          bias: tensor(numbers.uniform(product(biasShape), -1, 1), biasShape),
        }
        : undefined;
      const start = initBatchNorm(channels, { renorm, zeroDebiasMovingMean: zeroDebias }).state;
      const state: BatchNormState<Tensor> = {
        movingMean: tensor(any()),
        movingVariance: tensor(positive()),
        ...(start.debias && {
          debias: {
            biased: tensor(any()),
            localStep: tensor(Float32Array.of(numbers.integer(0, 1000)), []),
          },
        }),
        ...(start.renorm && {
          renorm: {
            movingStddev: tensor(positive()),
            renormMean: tensor(any()),
            renormStddev: tensor(positive()),
          },
        }),
      };
      return {
        x,
        params: given({
          beta: hasBeta ? vectorOf(vector, beta) : undefined,
          gamma: hasGamma ? vectorOf(vector, gamma) : undefined,
        }),
        state,
        options: {
          ...options,
          ...(weights && { batchWeights: vectorOf(vector, weights) }),
          ...(adjustment && { adjustment }),
          ...(moments && {
            moments: {
              count: tensor(moments.count),
              mean: tensor(moments.mean),
              m2: tensor(moments.m2),
            },
          }),
        },
        beta: hasBeta ? beta : undefined,
        gamma: hasGamma ? gamma : undefined,
        weights,
        adjustment,
        moments,
      };
    },
  };
}

/**
 * batchNorm and batchNormVjp.
 *
 * @module
 */
import {
  batchNorm,
  type BatchNormResult,
  batchNormVjp,
  type Tensor,
  tensor,
} from "../../../mod.ts";
import { nearKink } from "./activation.ts";
import { expectedBack } from "./batch_back.ts";
import { batchCase } from "./batch_case.ts";
import { expectedForward } from "./batch_forward.ts";
import { appliedOf, valuesOf } from "./batch_values.ts";
import { product } from "./inputs.ts";
import type { Answers, Family } from "./trial.ts";

function answersOf({ y, state }: BatchNormResult): Answers {
  const { movingMean, movingVariance, debias, renorm } = state;
  return { y, movingMean, movingVariance, ...debias, ...renorm };
}

/** {@linkcode batchNorm}, y and the whole state. */
export const batchNormFamily: Family = (draw, limits) => {
  const test = batchCase(draw, limits);
  return {
    what: test.what,
    trial(seed) {
      const numbers = test.numbers(seed);
      const { x, params, state, options } = numbers;
      return {
        run: async (runtime) =>
          answersOf(await batchNorm(x.given, params, state, { ...options, runtime })),
        expected: () => expectedForward(test, numbers),
      };
    },
  };
};

/** {@linkcode batchNormVjp}, the same and every cotangent. */
export const batchNormVjpFamily: Family = (draw, limits) => {
  const test = batchCase(draw, limits);
  const { layout: { shape }, activation } = test;
  return {
    what: test.what,
    trial(seed) {
      const numbers = test.numbers(seed);
      const { x, params, state, options } = numbers;
      const { z, zOff } = valuesOf(test, numbers, appliedOf(test, numbers));
      const dy = seed.numbers(product(shape), ["unit"]).map((value, i) =>
        nearKink(z[i], activation, zOff[i]) ? 0 : value
      );
      return {
        async run(runtime) {
          const { vjp, ...result } = await batchNormVjp(x.given, params, state, {
            ...options,
            runtime,
          });
          const back = await vjp(tensor(dy, shape));
          return {
            ...answersOf(result),
            dx: back.x,
            ...back.params as Record<string, Tensor>,
            ...(back.batchWeights && { weights: back.batchWeights }),
            ...(back.adjustment && { a: back.adjustment.scale, b: back.adjustment.bias }),
            ...(back.moments && {
              count: back.moments.count,
              mean: back.moments.mean,
              m2: back.moments.m2,
            }),
          };
        },
        expected: () => ({ ...expectedForward(test, numbers), ...expectedBack(test, numbers, dy) }),
      };
    },
  };
};

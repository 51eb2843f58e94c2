import {
  type AdjustmentTensors,
  batchNorm,
  batchNormVjp,
  initBatchNorm,
  type Tensor,
} from "../../mod.ts";
import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { randomTensor } from "../support/random.ts";
import { dot, gradientOf, slopeAlong } from "../support/slope.ts";
import { CASES } from "./vjp_cases.ts";
import {
  type Arguments,
  assertCotangents,
  lossOf,
  stateOf,
  TOLERANCE,
  vector,
} from "./vjp_loss.ts";

describe("batchNormVjp", () => {
  for (const [name, test] of Object.entries(CASES)) {
    // Moments that are given, or moving, are about zero.
    const centred = test.options.moments !== undefined || test.options.training === false ||
      test.options.renorm;
    for (const mean of centred ? [0.5] : [0.5, 1000]) {
      itOnEachBackend(`is the slope of ${name} about ${mean}`, async (runtime) => {
        const x = randomTensor(test.shape, { seed: 1, mean });
        const dy = randomTensor(test.shape, { seed: 2, mean: 0.3 });
        const both = { beta: vector(3, 0.1), gamma: vector(4, 1) };
        const params = Object.fromEntries(
          (test.params ?? ["beta", "gamma"]).map((name) => [name, both[name]]),
        );
        const options = { ...test.options, runtime };
        const { y, state, vjp } = await batchNormVjp(x, params, stateOf(), options);
        assertEquals({ y, state }, await batchNorm(x, params, stateOf(), options));
        const cotangents = await vjp(dy);
        const { batchWeights, adjustment, moments } = test.options;
        const pair = adjustment as AdjustmentTensors | undefined;
        const at: Arguments = {
          x: x.data,
          ...params,
          ...(batchWeights && { weights: batchWeights as number[] }),
          ...(pair && { scale: pair.scale.data, bias: pair.bias.data }),
          ...(moments && {
            mean: (moments.mean as Tensor).data,
            m2: (moments.m2 as Tensor).data,
            count: moments.count.data,
          }),
        };
        const loss = lossOf(test, x, dy);
        const found: Record<keyof Arguments, Tensor | undefined> = {
          x: cotangents.x,
          beta: cotangents.params.beta,
          gamma: cotangents.params.gamma,
          weights: cotangents.batchWeights,
          scale: cotangents.adjustment?.scale,
          bias: cotangents.adjustment?.bias,
          mean: cotangents.moments?.mean,
          m2: cotangents.moments?.m2,
          count: cotangents.moments?.count,
        };
        for (const [name, tensor] of Object.entries(found) as [keyof Arguments, Tensor][]) {
          assertEquals(tensor !== undefined, at[name] !== undefined, name);
          if (tensor === undefined) continue;
          const slopes = gradientOf((moved) => loss({ ...at, [name]: moved }), at[name]!);
          assertCotangents(tensor.data, slopes, name);
        }
        assertEquals(cotangents.x.shape, [...test.shape]);
        if (pair) {
          assertEquals(cotangents.adjustment!.scale.shape, [...pair.scale.shape]);
          assertEquals(cotangents.adjustment!.bias.shape, [...pair.bias.shape]);
        }
      });
    }
  }

  for (const dataFormat of ["NHWC", "NCHW"] as const) {
    const shape = dataFormat === "NHWC" ? [4, 33, 32, 4] : [4, 4, 33, 32];
    itOnEachBackend(
      `is the slope of a large batch along a direction, ${dataFormat}`,
      async (runtime) => {
        const x = randomTensor(shape, { seed: 1, mean: 7 });
        const dy = randomTensor(shape, { seed: 2 });
        const params = { beta: vector(3, 0.1), gamma: vector(4, 1) };
        const { vjp } = await batchNormVjp(x, params, stateOf(), { dataFormat, runtime });
        const way = randomTensor(shape, { seed: 5 });
        const loss = lossOf({ shape, options: { dataFormat } }, x, dy);
        const slope = slopeAlong((moved) => loss({ ...params, x: moved }), x.data, way.data);
        const along = dot((await vjp(dy)).x.data, way.data);
        assertClose([along], [slope], TOLERANCE * Math.sqrt(x.data.length), "x");
      },
    );
  }

  itOnEachBackend("has no part along 1 and x-hat in any channel", async (runtime) => {
    for (const mean of [0, 1000]) {
      const shape = [6, 5, 5, 3];
      const x = randomTensor(shape, { mean });
      const dy = randomTensor(shape, { seed: 2, mean: 1 });
      const { state } = initBatchNorm(3);
      const { y, vjp } = await batchNormVjp(x, {}, state, { epsilon: 1e-12, runtime });
      const { data } = (await vjp(dy)).x;
      const [ones, along, sizes] = [0, 1, 2].map(() => new Float64Array(3));
      data.forEach((value, i) => {
        ones[i % 3] += value;
        along[i % 3] += value * y.data[i];
        sizes[i % 3] += Math.abs(value);
      });
      for (let c = 0; c < 3; c++) {
        assertClose([ones[c], along[c]], [0, 0], 1e-6 * sizes[c], `channel ${c} about ${mean}`);
      }
    }
  });
});

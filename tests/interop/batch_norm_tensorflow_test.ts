import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { batchNorm, batchNormFromTensorFlow, tensor } from "../../mod.ts";
import { assertClose } from "../support/close.ts";
import { runtime } from "../support/refusals.ts";
import {
  assertRuns,
  beta,
  biased,
  keras,
  LAST,
  mean,
  moved,
  variance,
  x,
} from "./batch_norm_cases.ts";

describe("batchNormFromTensorFlow", () => {
  const options = { decay: 0.8, epsilon: 1e-2, scale: true };
  const movingMean = moved(mean, LAST.mean);

  it("moves the variance as the fused kernel does on rank 4", async () => {
    const movingVariance = moved(variance, LAST.unbiased);
    const expected = { y: LAST.y, movingMean, movingVariance };
    await assertRuns(
      batchNormFromTensorFlow(keras, options),
      tensor(x.data, [3, 2, 1, 2]),
      expected,
    );
  });

  it("moves the variance as the composed ops do on rank 3 and without fused", async () => {
    const movingVariance = moved(variance, biased(LAST.unbiased));
    const expected = { y: LAST.y, movingMean, movingVariance };
    await assertRuns(batchNormFromTensorFlow(keras, options), x, expected);
    const composed = batchNormFromTensorFlow(keras, { ...options, fused: false });
    await assertRuns(composed, tensor(x.data, [3, 2, 1, 2]), expected);
  });

  it("has tf.contrib's defaults", () => {
    const { gamma: _, ...weights } = keras;
    const { params, options } = batchNormFromTensorFlow(weights);
    assertEquals(params, { beta: tensor(beta) });
    assertEquals(options, { decay: 0.999, epsilon: 1e-3, dataFormat: "NHWC", fused: true });
    const { params: none } = batchNormFromTensorFlow(
      { moving_mean: mean, moving_variance: variance },
      { center: false, data_format: "NCHW" },
    );
    assertEquals(none, {});
  });

  it("goes on with a moving mean that is corrected for its start", async () => {
    // Batch means 1, 3 and -2 with decay 0.9: docs/semantics.md, section 5.11.
    const { params, state, options } = batchNormFromTensorFlow({
      beta: [0],
      moving_mean: [2.0526315789473686],
      moving_variance: [1],
      biased: [0.39],
      local_step: tensor(2),
    }, { decay: 0.9, zero_debias_moving_mean: true });
    const batch = tensor([[-2], [-2]]);
    const { state: next } = await batchNorm(batch, params, state, { ...options, runtime });
    assertClose(next.movingMean.data, [0.5571955719557198], 1e-6);
    assertClose(next.debias!.biased.data, [0.151], 1e-6);
    assertEquals(next.debias!.localStep, tensor(3));
  });

  it("goes on with renorm as of TensorFlow 1.15", async () => {
    // The second of two batches: docs/semantics.md, section 5.11.
    const { params, state, options } = batchNormFromTensorFlow({
      moving_mean: [0.025],
      moving_variance: [1.0013710260361812],
      moving_stddev: [1.0011848111293844],
      renorm_mean: [0.5],
      renorm_stddev: [1.0236962225876869],
    }, {
      decay: 0.99,
      center: false,
      renorm: true,
      renorm_clipping: { rmax: 1.1, rmin: 0.9, dmax: 0.1 },
      renorm_decay: 0.8,
    });
    const batch = tensor([[0], [1], [0], [5]]);
    const { y, state: next } = await batchNorm(batch, params, state, { ...options, runtime });
    assertClose(y.data, [-0.70027342, -0.16675781, -0.70027342, 1.96730464], 1e-6);
    assertClose(next.renorm!.renormMean.data, [0.7], 1e-6);
    assertClose(next.renorm!.renormStddev.data, [1.2313160449038982], 1e-6);
    assertClose(next.renorm!.movingStddev.data, [1.011790916359778], 1e-6);
    assertClose(next.movingVariance.data, [1.0227208584281595], 1e-6);
  });
});

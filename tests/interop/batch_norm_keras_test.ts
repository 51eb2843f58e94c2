import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { batchNorm, batchNormFromKeras, tensor } from "../../mod.ts";
import { assertClose } from "../support/close.ts";
import { runtime } from "../support/refusals.ts";
import {
  assertInfers,
  assertRuns,
  FIRST,
  FIRST_INFERENCE,
  GOLDEN,
  keras,
  LAST,
  mean,
  moved,
  variance,
  x,
} from "./batch_norm_cases.ts";

/** What `get_config()` of Keras 3.15.1 says. */
const config = {
  name: "batch_normalization_1",
  trainable: true,
  dtype: { module: "keras", class_name: "DTypePolicy", config: { name: "float32" } },
  axis: 1,
  momentum: 0.8,
  epsilon: 0.01,
  center: true,
  scale: true,
  beta_initializer: { module: "keras.initializers", class_name: "Zeros", config: {} },
  gamma_initializer: { module: "keras.initializers", class_name: "Ones", config: {} },
  moving_mean_initializer: { module: "keras.initializers", class_name: "Zeros", config: {} },
  moving_variance_initializer: { module: "keras.initializers", class_name: "Ones", config: {} },
  beta_regularizer: null,
  gamma_regularizer: null,
  beta_constraint: null,
  gamma_constraint: null,
  synchronized: false,
  renorm: false,
  renorm_clipping: null,
  renorm_momentum: 0.99,
};

describe("batchNormFromKeras", () => {
  it("trains as Keras does on axis 1, by the layer's whole configuration", async () => {
    await assertRuns(batchNormFromKeras(keras, config), x, FIRST);
    await assertInfers(batchNormFromKeras(keras, config), x, FIRST_INFERENCE);
  });

  it("trains as Keras does on the last axis", async () => {
    const expected = {
      y: LAST.y,
      movingMean: [0.7166666984558105, 0.9833333492279053],
      movingVariance: [2.206944465637207, 2.6736111640930176],
    };
    for (const axis of [-1, 2, [2], [-1]]) {
      await assertRuns(batchNormFromKeras(keras, { ...config, axis }), x, expected);
    }
  });

  it("moves the variance as TensorFlow's fused kernel if that is what ran", async () => {
    const expected = {
      y: LAST.y,
      movingMean: moved(mean, LAST.mean),
      movingVariance: moved(variance, LAST.unbiased),
    };
    const fused = batchNormFromKeras(keras, { ...config, axis: [3] }, { fused: true });
    await assertRuns(fused, tensor(x.data, [3, 2, 1, 2]), expected);
  });

  it("trains with renorm as Keras does", async () => {
    // By Keras 3.15.1 on TensorFlow 2.21.
    const { params, state, options } = batchNormFromKeras({
      ...keras,
      moving_stddev: variance.map(Math.sqrt),
      renorm_mean: [0.4, 0.9],
      renorm_stddev: [1.3, 1.8],
    }, {
      momentum: 0.8,
      epsilon: 1e-2,
      renorm: true,
      renorm_clipping: { rmax: 1.1, rmin: 0.9, dmax: 0.1 },
      renorm_momentum: 0.7,
    });
    const { y, state: next } = await batchNorm(x, params, state, { ...options, runtime });
    assertClose(
      y.data,
      [
        [-0.15160346031188965, 2.4933269023895264, 1.7396080493927002, 2.066506862640381],
        [2.685213804244995, 1.8104150295257568, -2.0428149700164795, 0.9567751884460449],
        [-1.0972092151641846, 1.9811429977416992, 1.2668051719665527, 2.6640548706054688],
      ].flat(),
      GOLDEN,
    );
    assertClose(next.movingMean.data, [0.7166666984558105, 0.9833333492279053], GOLDEN);
    assertClose(next.movingVariance.data, [2.1814467906951904, 1.7778903245925903], GOLDEN);
    assertClose(next.renorm!.movingStddev.data, [1.480353593826294, 1.3371201753616333], GOLDEN);
    assertClose(next.renorm!.renormMean.data, [0.7549999952316284, 0.9049999713897705], GOLDEN);
    assertClose(next.renorm!.renormStddev.data, [1.433474063873291, 2.226449728012085], GOLDEN);
  });

  it("has Keras' defaults, and stays in inference where the layer is not trainable", () => {
    const expected = {
      decay: 0.99,
      epsilon: 1e-3,
      dataFormat: "channelsLast" as const,
      unbiasedMovingVariance: false,
    };
    assertEquals(batchNormFromKeras(keras).options, expected);
    const frozen = batchNormFromKeras(keras, { trainable: false });
    assertEquals(frozen.options, { ...expected, training: false });
  });
});

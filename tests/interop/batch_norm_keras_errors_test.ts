import { describe } from "@std/testing/bdd";
import { batchNormFromKeras } from "../../mod.ts";
import { keras, renorm } from "./batch_norm_weights.ts";
import { refuses } from "./refuses.ts";

describe("batchNormFromKeras", () => {
  refuses("convert Keras batch norm", batchNormFromKeras, [
    [
      "the axis of the batch",
      [keras, { axis: 0 }],
      TypeError,
      "axis must be -1 or 1 or 2 or 3 or 4, got 0",
    ],
    [
      "several axes",
      [keras, { axis: [1, 2] }],
      TypeError,
      "axis must be -1 or 1 or 2 or 3 or 4, got an object of class Array",
    ],
    [
      "virtual batches",
      [keras, { virtual_batch_size: 8 }],
      TypeError,
      "virtual_batch_size must be null, got 8",
    ],
    [
      "renorm that is fused",
      [{ ...keras, ...renorm }, { renorm: true }, { fused: true }],
      TypeError,
      "fused must not be combined with renorm, got both",
    ],
    [
      "a flag in words",
      [keras, { trainable: "no" }],
      TypeError,
      "trainable must be a boolean, got no",
    ],
    [
      "a momentum of NaN",
      [keras, { momentum: NaN }],
      RangeError,
      "momentum must be from 0 to 1, got NaN",
    ],
    [
      "a misspelt configuration",
      [keras, { beta_initializer: "zeros", momentun: 0.9 }],
      TypeError,
      "config must have keys among axis, momentum, epsilon, center, scale, trainable, renorm, renorm_clipping, renorm_momentum, virtual_batch_size, synchronized, name, dtype, batch_input_shape, beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer, beta_regularizer, gamma_regularizer, moving_mean_regularizer, moving_variance_regularizer, beta_constraint, gamma_constraint, moving_mean_constraint, moving_variance_constraint, got momentun",
    ],
    [
      "limits that are none",
      [keras, { renorm_clipping: 3 }],
      TypeError,
      "renorm_clipping must be an object, got 3",
    ],
    ["no configuration", [keras, null], TypeError, "config must be an object, got null"],
    [
      "an unknown option",
      [keras, {}, { training: true }],
      TypeError,
      "options must have keys among fused, got training",
    ],
    [
      "a correction for the start",
      [{ ...keras, biased: [1, 1] }],
      TypeError,
      "weights must have keys among beta, gamma, moving_mean, moving_variance, got biased",
    ],
  ]);
});

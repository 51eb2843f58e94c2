import { describe } from "@std/testing/bdd";
import { batchNormFromTensorFlow, tensor } from "../../mod.ts";
import { contrib, keras, renorm } from "./batch_norm_weights.ts";
import { refuses } from "./refuses.ts";

describe("batchNormFromTensorFlow", () => {
  refuses("convert TensorFlow batch norm", batchNormFromTensorFlow, [
    ["no weights", [null], TypeError, "weights must be an object, got null"],
    ["weights of nothing", [{}], TypeError, "moving_mean must be given, got undefined"],
    [
      "no variance",
      [{ ...contrib, moving_variance: undefined }],
      TypeError,
      "moving_variance must be a tensor of float32 data, got undefined",
    ],
    [
      "a mean in words",
      [{ ...contrib, moving_mean: ["a", "b"] }],
      TypeError,
      "moving_mean must hold numbers, got string",
    ],
    [
      "a mean of nothing",
      [{ ...contrib, moving_mean: [] }],
      TypeError,
      "moving_mean must have one channel or more, got none",
    ],
    [
      "a mean of rank 0",
      [{ ...contrib, moving_mean: tensor(1) }],
      TypeError,
      "moving_mean must have shape (1,), got ()",
    ],
    [
      "a mean of rank 2",
      [{ ...contrib, moving_mean: tensor([[1, 2]]) }],
      TypeError,
      "moving_mean must have shape (1,), got (1, 2)",
    ],
    [
      "a beta of other channels",
      [{ ...contrib, beta: [1] }],
      TypeError,
      "beta must have shape (2,), got (1,)",
    ],
    [
      "a negative variance",
      [{ ...contrib, moving_variance: [1, -1] }],
      RangeError,
      "moving_variance must hold finite numbers >= 0, got -1",
    ],
    [
      "a variance of NaN",
      [{ ...contrib, moving_variance: new Float32Array([NaN, 1]) }],
      RangeError,
      "moving_variance must hold finite numbers >= 0, got NaN",
    ],
    [
      "a variance above float32",
      [{ ...contrib, moving_variance: [1e39, 1] }],
      RangeError,
      "moving_variance must hold finite numbers >= 0, got Infinity",
    ],
    [
      "gamma without scale",
      [keras],
      TypeError,
      "gamma must not be given with scale: false, got an object of class Array",
    ],
    [
      "scale without gamma",
      [contrib, { scale: true }],
      TypeError,
      "gamma must be given with scale: true, got undefined",
    ],
    [
      "no beta",
      [{ ...contrib, beta: undefined }],
      TypeError,
      "beta must be given with center: true, got undefined",
    ],
    [
      "a misspelt variable",
      [{ ...contrib, moving_var: [1] }],
      TypeError,
      "weights must have keys among beta, gamma, moving_mean, moving_variance, got moving_var",
    ],
    [
      "renorm's state without renorm",
      [{ ...contrib, ...renorm }],
      TypeError,
      "weights must have keys among beta, gamma, moving_mean, moving_variance, got moving_stddev",
    ],
    [
      "renorm's state of TensorFlow 1.14",
      [{ ...contrib, ...renorm, renorm_mean_weight: 1 }, { renorm: true }],
      TypeError,
      "weights must have keys among beta, gamma, moving_mean, moving_variance, moving_stddev, renorm_mean, renorm_stddev, got renorm_mean_weight",
    ],
    [
      "a negative deviation",
      [{ ...contrib, ...renorm, renorm_stddev: [-1, 0] }, { renorm: true }],
      RangeError,
      "renorm_stddev must hold finite numbers >= 0, got -1",
    ],
    [
      "no local step",
      [{ ...contrib, biased: [0, 0] }, { zero_debias_moving_mean: true }],
      TypeError,
      "local_step must be a tensor of float32 data, got undefined",
    ],
    [
      "a local step per channel",
      [{ ...contrib, biased: [0, 0], local_step: [1, 1] }, { zero_debias_moving_mean: true }],
      TypeError,
      "local_step must have shape (1,), got (2,)",
    ],
    [
      "a decay above 1",
      [contrib, { decay: 1.1 }],
      RangeError,
      "decay must be from 0 to 1, got 1.1",
    ],
    [
      "an infinite epsilon",
      [contrib, { epsilon: Infinity }],
      RangeError,
      "epsilon must be a finite number >= 0, got Infinity",
    ],
    [
      "an epsilon in words",
      [contrib, { epsilon: "1e-3" }],
      RangeError,
      "epsilon must be a finite number >= 0, got 1e-3",
    ],
    [
      "another data format",
      [contrib, { data_format: "channels_last" }],
      TypeError,
      "data_format must be NHWC or NCHW, got channels_last",
    ],
    ["fused None", [contrib, { fused: null }], TypeError, "fused must be a boolean, got null"],
    [
      "an unknown option",
      [contrib, { momentum: 0.9 }],
      TypeError,
      "options must have keys among decay, epsilon, center, scale, fused, data_format, zero_debias_moving_mean, renorm, renorm_clipping, renorm_decay, got momentum",
    ],
  ]);
});

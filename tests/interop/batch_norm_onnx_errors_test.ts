import { describe } from "@std/testing/bdd";
import { batchNormFromOnnx } from "../../mod.ts";
import { onnx } from "./batch_norm_weights.ts";
import { refuses } from "./refuses.ts";

describe("batchNormFromOnnx", () => {
  refuses("convert ONNX batch norm", batchNormFromOnnx, [
    [
      "statistics per element",
      [onnx, { spatial: 0 }],
      TypeError,
      "spatial must be 1, got 0",
    ],
    [
      "a momentum beyond 1",
      [onnx, { momentum: 1.5 }],
      RangeError,
      "momentum must be from 0 to 1, got 1.5",
    ],
    [
      "a negative epsilon",
      [onnx, { epsilon: -1 }],
      RangeError,
      "epsilon must be a finite number >= 0, got -1",
    ],
    [
      "a mode that is none",
      [onnx, { training_mode: true }],
      TypeError,
      "training_mode must be 0 or 1, got true",
    ],
    [
      "no B",
      [{ ...onnx, B: undefined }],
      TypeError,
      "B must be a tensor of float32 data, got undefined",
    ],
    [
      "names of operator set 9",
      [{ scale: [1], B: [1], mean: [1], var: [1] }],
      TypeError,
      "weights must have keys among B, scale, input_mean, input_var, got mean",
    ],
    [
      "an unknown attribute",
      [onnx, { is_test: 1 }],
      TypeError,
      "attributes must have keys among epsilon, momentum, training_mode, spatial, got is_test",
    ],
  ]);
});

import { describe } from "@std/testing/bdd";
import { batchNormFromPyTorch } from "../../mod.ts";
import { torch } from "./batch_norm_weights.ts";
import { refuses } from "./refuses.ts";

describe("batchNormFromPyTorch", () => {
  refuses("convert PyTorch batch norm", batchNormFromPyTorch, [
    [
      "a cumulative average",
      [torch, { momentum: null }],
      RangeError,
      "momentum must be from 0 to 1, since a cumulative average has no constant decay, got null",
    ],
    [
      "a module without running statistics",
      [{ weight: [1], bias: [0] }],
      TypeError,
      "running_mean must be given, got undefined",
    ],
    [
      "a weight without affine",
      [torch, { affine: false }],
      TypeError,
      "bias must not be given with affine: false, got an object of class Array",
    ],
    [
      "affine without a weight",
      [{ ...torch, weight: undefined }],
      TypeError,
      "weight must be given with affine: true, got undefined",
    ],
    [
      "a name with its prefix",
      [{ "bn1.weight": [1, 1] }],
      TypeError,
      "weights must have keys among bias, weight, running_mean, running_var, num_batches_tracked, got bn1.weight",
    ],
    [
      "a negative eps",
      [torch, { eps: -1 }],
      RangeError,
      "eps must be a finite number >= 0, got -1",
    ],
  ]);
});

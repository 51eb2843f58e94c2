import { describe } from "@std/testing/bdd";
import {
  groupNormFromPyTorch,
  instanceNormFromPyTorch,
  layerNormFromPyTorch,
  tensor,
} from "../../mod.ts";
import { refuses } from "./refuses.ts";

const module = { weight: [1, 1], bias: [0, 0] };

describe("groupNormFromPyTorch", () => {
  refuses("convert PyTorch group norm", groupNormFromPyTorch, [
    ["no options", [module], TypeError, "options must be an object, got undefined"],
    ["no groups", [module, {}], RangeError, "num_groups must be an integer >= 1, got undefined"],
    [
      "-1 groups, which PyTorch does not have",
      [module, { num_groups: -1 }],
      RangeError,
      "num_groups must be an integer >= 1, got -1",
    ],
    [
      "groups that do not divide the channels",
      [module, { num_groups: 3 }],
      RangeError,
      "num_groups must divide the 2 channels, got 3",
    ],
    [
      "groups that do not divide the channels of a module without weights",
      [{}, { num_groups: 3, num_channels: 4, affine: false }],
      RangeError,
      "num_groups must divide the 4 channels, got 3",
    ],
    [
      "other channels than the weight's",
      [module, { num_groups: 1, num_channels: 3 }],
      TypeError,
      "weight must have shape (3,), got (2,)",
    ],
    [
      "no channels",
      [{ weight: [], bias: [] }, { num_groups: 1 }],
      TypeError,
      "weight must hold one number or more, got none",
    ],
    [
      "a weight of rank 2",
      [{ weight: tensor([[1]]), bias: tensor([[1]]) }, { num_groups: 1 }],
      TypeError,
      "weight must have rank 1, got shape (1, 1)",
    ],
    [
      "a bias of other channels",
      [{ ...module, bias: [1] }, { num_groups: 1 }],
      TypeError,
      "bias must have shape (2,), got (1,)",
    ],
    [
      "no weight",
      [{ bias: [1] }, { num_groups: 1 }],
      TypeError,
      "weight must be given with affine: true, got undefined",
    ],
    [
      "a weight without affine",
      [module, { num_groups: 1, affine: false }],
      TypeError,
      "weight must not be given with affine: false, got an object of class Array",
    ],
    [
      "affine in words",
      [module, { num_groups: 1, affine: "yes" }],
      TypeError,
      "affine must be a boolean, got yes",
    ],
    [
      "a negative eps",
      [module, { num_groups: 1, eps: -1 }],
      RangeError,
      "eps must be a finite number >= 0, got -1",
    ],
    [
      "an unknown entry",
      [{ ...module, running_mean: [0] }, { num_groups: 1 }],
      TypeError,
      "weights must have keys among weight, bias, got running_mean",
    ],
    [
      "an unknown option",
      [module, { groups: 1 }],
      TypeError,
      "options must have keys among num_groups, num_channels, eps, affine, got groups",
    ],
  ]);
});

describe("instanceNormFromPyTorch", () => {
  const elsewhere = "which batchNormFromPyTorch converts, to be used with training: false";
  refuses("convert PyTorch instance norm", instanceNormFromPyTorch, [
    [
      "running statistics in eval mode",
      [module, { affine: true, track_running_stats: true }],
      TypeError,
      `track_running_stats must be false, since a module in eval mode then is batch norm, ${elsewhere}, got true`,
    ],
    [
      "running statistics that nobody told of",
      [{ ...module, running_mean: [0, 0], running_var: [1, 1] }, { affine: true }],
      TypeError,
      `weights must have no running_mean, ${elsewhere}, got an object of class Array`,
    ],
    [
      "a weight without affine, which is the default",
      [module],
      TypeError,
      "weight must not be given with affine: false, got an object of class Array",
    ],
    [
      "features that are none",
      [{}, { num_features: 1.5 }],
      RangeError,
      "num_features must be an integer >= 1, got 1.5",
    ],
    [
      "an unknown entry",
      [{ gamma: [1] }],
      TypeError,
      "weights must have keys among weight, bias, got gamma",
    ],
    [
      "an unknown option",
      [{}, { num_groups: 1 }],
      TypeError,
      "options must have keys among num_features, eps, momentum, affine, track_running_stats, got num_groups",
    ],
  ]);
});

describe("layerNormFromPyTorch", () => {
  refuses("convert PyTorch layer norm", layerNormFromPyTorch, [
    [
      "no shape",
      [{}, { elementwise_affine: false }],
      TypeError,
      "normalized_shape must be given where no weight has it, got undefined",
    ],
    [
      "a shape of no axes",
      [{}, { elementwise_affine: false, normalized_shape: [] }],
      TypeError,
      "normalized_shape must be given where no weight has it, got an object of class Array",
    ],
    [
      "an extent of 0",
      [{}, { elementwise_affine: false, normalized_shape: [2, 0] }],
      RangeError,
      "normalized_shape must be an integer >= 1, got 0",
    ],
    [
      "another shape than the weight's",
      [module, { normalized_shape: [1, 2] }],
      TypeError,
      "weight must have shape (1, 2), got (2,)",
    ],
    [
      "a bias against its flag",
      [module, { bias: false }],
      TypeError,
      "bias must not be given with bias: false, got an object of class Array",
    ],
    [
      "no bias",
      [{ weight: [1] }],
      TypeError,
      "bias must be given with bias: true, got undefined",
    ],
    [
      "a bias without a weight",
      [{ bias: [1] }, { elementwise_affine: false, normalized_shape: 1 }],
      TypeError,
      "bias must not be given with elementwise_affine: false, got an object of class Array",
    ],
    [
      "an eps below 0",
      [module, { eps: -1 }],
      RangeError,
      "eps must be a finite number >= 0, got -1",
    ],
    [
      "an unknown option",
      [module, { affine: true }],
      TypeError,
      "options must have keys among normalized_shape, eps, elementwise_affine, bias, got affine",
    ],
  ]);
});

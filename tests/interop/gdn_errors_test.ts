import { describe } from "@std/testing/bdd";
import {
  gdnFromCompressAI,
  gdnFromTensorFlow,
  gdnParamsFromCompressAI,
  tensor,
} from "../../mod.ts";
import { refuses } from "./refuses.ts";

const square = { reparam_beta: [1, 1], reparam_gamma: tensor([[1, 0], [0, 1]]) };
const two = { version: 2 };

describe("gdnFromTensorFlow", () => {
  refuses("convert TensorFlow gdn", gdnFromTensorFlow, [
    ["no version", [square, {}], TypeError, "version must be 1 or 2, got undefined"],
    ["no options", [square], TypeError, "options must be an object, got undefined"],
    ["no weights", [null, two], TypeError, "weights must be an object, got null"],
    ["nothing", [{}, two], TypeError, "gamma must be a tensor of float32 data, got undefined"],
    [
      "a stored beta with an effective gamma",
      [{ reparam_beta: [1], gamma: tensor([[1]]) }, { version: 1 }],
      TypeError,
      "weights must have keys among reparam_beta, reparam_gamma, got gamma",
    ],
    [
      "a gamma that is not square",
      [{ ...square, reparam_gamma: tensor([[1, 2]]) }, two],
      TypeError,
      "reparam_gamma must have shape (1, 1), got (1, 2)",
    ],
    [
      "a trained exponent in version 1",
      [{ ...square, reparam_alpha: 1 }, { version: 1 }],
      TypeError,
      "weights must have keys among reparam_beta, reparam_gamma, got reparam_alpha",
    ],
    [
      "an exponent in version 1",
      [square, { version: 1, alpha_parameter: 1 }],
      TypeError,
      "options must have keys among version, inverse, rectify, data_format, beta_min, reparam_offset, got alpha_parameter",
    ],
    [
      "an exponent that is both trained and fixed",
      [{ ...square, reparam_alpha: 1 }, { ...two, alpha_parameter: 1 }],
      TypeError,
      "alpha_parameter must not be combined with reparam_alpha, got both",
    ],
    [
      "an exponent of 0",
      [square, { ...two, epsilon_parameter: 0 }],
      RangeError,
      "epsilon must be a finite number > 0, got 0",
    ],
    [
      "a trained exponent of NaN",
      [{ ...square, reparam_epsilon: NaN }, two],
      RangeError,
      "epsilon must be a finite number > 0, got NaN",
    ],
    [
      "a negative offset",
      [square, { ...two, reparam_offset: -1 }],
      RangeError,
      "reparam_offset must be a finite number >= 0, got -1",
    ],
    [
      "a negative bound",
      [square, { ...two, beta_min: -1 }],
      RangeError,
      "beta_min must be a finite number >= 0, got -1",
    ],
    [
      "another data format",
      [square, { ...two, data_format: "NHWC" }],
      TypeError,
      "data_format must be channels_last or channels_first, got NHWC",
    ],
  ]);
});

const layer = { beta: [1, 1], gamma: tensor([[1, 0], [0, 1]]) };

describe("gdnFromCompressAI", () => {
  refuses("convert CompressAI weights", gdnFromCompressAI, [
    [
      "the constants of another beta_min",
      [{ ...layer, "beta_reparam.lower_bound.bound": [0.1] }],
      RangeError,
      "beta_reparam.lower_bound.bound must be 0.0010000072759311445, as beta_min has it, got 0.10000000149011612",
    ],
    [
      "a constant that is a little off",
      [{ ...layer, "beta_reparam.lower_bound.bound": Math.fround(0.00101) }],
      RangeError,
      "beta_reparam.lower_bound.bound must be 0.0010000072759311445, as beta_min has it, got 0.0010100000072270632",
    ],
    [
      "a pedestal of NaN",
      [{ ...layer, "gamma_reparam.pedestal": NaN }],
      RangeError,
      "gamma_reparam.pedestal must be 1.4551915228366852e-11, as beta_min has it, got NaN",
    ],
    [
      "no gamma",
      [{ beta: [1] }],
      TypeError,
      "gamma must be a tensor of float32 data, got undefined",
    ],
    [
      "a flat gamma",
      [{ ...layer, gamma: [1, 0, 0, 1] }],
      TypeError,
      "gamma must be a tensor of float32 data, got an array; tensor(data, shape) makes one of it",
    ],
    [
      "no beta",
      [{ gamma: layer.gamma }],
      TypeError,
      "beta must be a tensor of float32 data, got undefined",
    ],
    ["another class", [layer, { layer: "IGDN" }], TypeError, "layer must be GDN or GDN1, got IGDN"],
    [
      "an unknown entry",
      [{ ...layer, bias: [1] }],
      TypeError,
      "weights must have keys among beta, gamma, beta_reparam.pedestal, beta_reparam.lower_bound.bound, gamma_reparam.pedestal, gamma_reparam.lower_bound.bound, got bias",
    ],
  ]);

  refuses("convert CompressAI weights", gdnParamsFromCompressAI, [
    [
      "no effective gamma",
      [{ beta: [1] }],
      TypeError,
      "gamma must be a tensor of float32 data, got undefined",
    ],
  ]);
});

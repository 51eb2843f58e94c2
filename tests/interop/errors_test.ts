import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  fromKeras,
  fromOnnx,
  fromPyTorch,
  fromTensorFlow,
  gdnFromCompressAI,
  gdnFromTensorFlow,
  gdnParamsFromCompressAI,
  tensor,
} from "../../mod.ts";

// deno-lint-ignore no-explicit-any -- stands for what the types would refuse
type Anything = any;

type Wrong = [
  what: string,
  args: Anything[],
  type: typeof TypeError | typeof RangeError,
  text: string,
];

/** One test for each wrong call: it throws with the text. */
function refuses(action: string, convert: (...args: Anything[]) => unknown, wrong: Wrong[]): void {
  for (const [what, args, type, text] of wrong) {
    it(`refuses ${what}`, () => {
      const { message } = assertThrows(() => convert(...args), type);
      assertEquals(message, `Cannot ${action}: ${text}`);
    });
  }
}

const keras = { gamma: [1, 1], beta: [0, 0], moving_mean: [0, 0], moving_variance: [1, 1] };
const { gamma: _, ...contrib } = keras;
const torch = { weight: [1, 1], bias: [0, 0], running_mean: [0, 0], running_var: [1, 1] };
const onnx = { scale: [1, 1], B: [0, 0], input_mean: [0, 0], input_var: [1, 1] };
const renorm = { moving_stddev: [1, 1], renorm_mean: [0, 0], renorm_stddev: [1, 1] };

describe("fromTensorFlow", () => {
  refuses("convert TensorFlow batch norm", fromTensorFlow, [
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
      "decay must be a number from 0 to 1, got 1.1",
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

describe("fromKeras", () => {
  refuses("convert Keras batch norm", fromKeras, [
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
      "a momentum of NaN",
      [keras, { momentum: NaN }],
      RangeError,
      "momentum must be a number from 0 to 1, got NaN",
    ],
    [
      "a misspelt configuration",
      [keras, { beta_initializer: "zeros", momentun: 0.9 }],
      TypeError,
      "config must have keys among axis, momentum, epsilon, center, scale, trainable, renorm, renorm_clipping, renorm_momentum, virtual_batch_size, name, dtype, batch_input_shape, synchronized, beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer, beta_regularizer, gamma_regularizer, moving_mean_regularizer, moving_variance_regularizer, beta_constraint, gamma_constraint, moving_mean_constraint, moving_variance_constraint, got momentun",
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

describe("fromPyTorch", () => {
  refuses("convert PyTorch batch norm", fromPyTorch, [
    [
      "a cumulative average",
      [torch, { momentum: null }],
      RangeError,
      "momentum must be a number from 0 to 1, since a cumulative average has no constant decay, got null",
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

describe("fromOnnx", () => {
  refuses("convert ONNX batch norm", fromOnnx, [
    [
      "statistics per element",
      [onnx, { spatial: 0 }],
      TypeError,
      "spatial must be 1, got 0",
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

/** Every conversion with arguments that it takes. */
const conversions: Record<string, [(...args: Anything[]) => unknown, ...Anything[]]> = {
  fromTensorFlow: [fromTensorFlow, { ...contrib, ...renorm, biased: [0, 0], local_step: 1 }, {
    zero_debias_moving_mean: true,
    renorm: true,
  }],
  fromKeras: [fromKeras, keras, { axis: -1, momentum: 0.9 }, { fused: true }],
  fromPyTorch: [fromPyTorch, torch, { eps: 1e-5, momentum: 0.1, affine: true }],
  fromOnnx: [fromOnnx, onnx, { epsilon: 1e-5, momentum: 0.9, training_mode: 0, spatial: 1 }],
  gdnFromTensorFlow: [gdnFromTensorFlow, { ...square, reparam_alpha: 1 }, { version: 2 }],
  gdnFromCompressAI: [gdnFromCompressAI, layer, { layer: "GDN", inverse: true, beta_min: 1e-6 }],
};

describe("any arguments", () => {
  const value = fc.oneof(
    fc.constantFrom(undefined, null, NaN, -1, 0, 1, 2, "", true, [], [1], [1, 1], [NaN, 1]),
    fc.array(fc.float(), { maxLength: 3 }),
    fc.record({ shape: fc.array(fc.integer({ min: -2, max: 3 })), data: fc.float32Array() }),
    fc.anything({ withBigInt: true, withTypedArray: true }),
  );
  for (const [name, [convert, ...args]] of Object.entries(conversions)) {
    it(`are converted by ${name}, or refused with a clear error`, () => {
      const keys = args.flatMap((arg) => Object.keys(arg));
      const place = fc.tuple(fc.nat(args.length - 1), fc.constantFrom(...keys, "other"), value);
      let refused = 0;
      fc.assert(
        fc.property(fc.array(place, { minLength: 1, maxLength: 2 }), (places) => {
          const changed = args.map((arg) => ({ ...arg }));
          for (const [i, key, value] of places) changed[i][key] = value;
          refused += converts(convert, changed) ? 0 : 1;
        }),
        { numRuns: 1000, seed: 7 },
      );
      fc.assert(fc.property(value, value, (a, b) => void converts(convert, [a, b])), { seed: 7 });
      assert(refused > 0);
    });
  }
});

function converts(convert: (...args: Anything[]) => unknown, args: Anything[]): boolean {
  try {
    const converted = convert(...args);
    return converted !== undefined;
  } catch (error) {
    assert(error instanceof TypeError || error instanceof RangeError, String(error));
    assert(/^Cannot convert .*: .* must .*, got /s.test(error.message), error.stack);
    return false;
  }
}

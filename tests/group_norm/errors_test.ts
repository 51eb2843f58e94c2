import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  groupNorm,
  initGroupNorm,
  initLayerNorm,
  instanceNorm,
  layerNorm,
  tensor,
} from "../../mod.ts";
import { flat, four, refuses, wrongTensors, x } from "../support/refusals.ts";

describe("groupNorm", () => {
  const two = { groups: 2 };
  refuses("apply groupNorm", groupNorm, [
    ...wrongTensors([{}, two]),
    ["rank 1", [flat, {}, two], TypeError, "x must have rank >= 2, got shape (4,)"],
    [
      "groups that do not divide",
      [x, {}, { groups: 3 }],
      RangeError,
      "groups must divide the 4 channels of x, got 3; " +
      "the default is 32 groups, and -1 is one per channel",
    ],
    [
      "more groups than channels",
      [x, {}, {}],
      RangeError,
      "groups must divide the 4 channels of x, got 32; " +
      "the default is 32 groups, and -1 is one per channel",
    ],
    [
      "no groups",
      [x, {}, { groups: 0 }],
      RangeError,
      "groups must be an integer >= 1 or -1, got 0",
    ],
    [
      "groups below -1",
      [x, {}, { groups: -2 }],
      RangeError,
      "groups must be an integer >= 1 or -1, got -2",
    ],
    [
      "half a group",
      [x, {}, { groups: 0.5 }],
      RangeError,
      "groups must be an integer >= 1 or -1, got 0.5",
    ],
    [
      "the batch as channels",
      [x, {}, { groups: 1, channelsAxis: 0 }],
      RangeError,
      "channelsAxis must not be the batch axis, got 0",
    ],
    [
      "the batch as channels from the end",
      [x, {}, { groups: 1, channelsAxis: -3 }],
      RangeError,
      "channelsAxis must not be the batch axis, got -3",
    ],
    [
      "an axis beyond the rank",
      [x, {}, { groups: 1, channelsAxis: 3 }],
      RangeError,
      "channelsAxis must be an integer from -3 to 2, got 3",
    ],
    [
      "two ways to name the channels",
      [x, {}, { groups: 1, channelsAxis: 1, dataFormat: "NCW" }],
      TypeError,
      "channelsAxis must not be given with dataFormat, got 1 and NCW",
    ],
    [
      "a pooled axis beyond the rank",
      [x, {}, { ...two, reductionAxes: [1, 3] }],
      RangeError,
      "reductionAxes must be an integer from -3 to 2, got 3",
    ],
    [
      "the channels as a pooled axis",
      [x, {}, { ...two, reductionAxes: [1, -1] }],
      TypeError,
      "reductionAxes must not hold the channels axis 2, got [1, -1]",
    ],
    [
      "an axis twice",
      [x, {}, { ...two, reductionAxes: [1, -2] }],
      TypeError,
      "reductionAxes must name every axis once, got [1, -2]",
    ],
    [
      "axes that are no list",
      [x, {}, { ...two, reductionAxes: 1 }],
      TypeError,
      "reductionAxes must be an array of axes, got 1",
    ],
    [
      "epsilon below 0",
      [x, {}, { ...two, epsilon: -1e-9 }],
      RangeError,
      "epsilon must be a finite number >= 0, got -1e-9",
    ],
    [
      "epsilon NaN",
      [x, {}, { ...two, epsilon: NaN }],
      RangeError,
      "epsilon must be a finite number >= 0, got NaN",
    ],
    [
      "an unknown activation",
      [x, {}, { ...two, activation: "selu" }],
      TypeError,
      "activation must be one of none, relu, relu6, leakyRelu, elu, sigmoid, tanh, softplus, swish, gelu, got selu",
    ],
    [
      "meanCloseToZero that is no flag",
      [x, {}, { ...two, meanCloseToZero: 1 }],
      TypeError,
      "meanCloseToZero must be a boolean, got 1",
    ],
    [
      "scale without gamma",
      [x, { beta: four }, { ...two, scale: true }],
      TypeError,
      "params.gamma must be given with scale: true, got undefined",
    ],
    [
      "center without beta",
      [x, {}, { ...two, center: true }],
      TypeError,
      "params.beta must be given with center: true, got undefined",
    ],
    [
      "a flag that is none",
      [x, {}, { ...two, center: 0 }],
      TypeError,
      "center must be a boolean, got 0",
    ],
    [
      "a long gamma",
      [x, { gamma: [1, 1, 1, 1, 1] }, two],
      TypeError,
      "gamma must have shape (4,), got (5,)",
    ],
    [
      "a gamma of another rank",
      [x, { gamma: tensor([four]) }, two],
      TypeError,
      "gamma must have shape (4,), got (1, 4)",
    ],
    [
      "a gamma that is a number",
      [x, { gamma: 1 }, two],
      TypeError,
      "gamma must be a tensor of float32 data, got number",
    ],
    [
      "an unknown param",
      [x, { weight: four }, two],
      TypeError,
      "params must have keys among beta, gamma, got weight",
    ],
    ["params that are no object", [x, null, two], TypeError, "params must be an object, got null"],
    ["options that are no object", [x, {}, 2], TypeError, "options must be an object, got 2"],
  ]);
});

describe("instanceNorm", () => {
  refuses("apply instanceNorm", instanceNorm, [
    ...wrongTensors([]),
    [
      "groups",
      [x, {}, { groups: 2 }],
      TypeError,
      "options must have keys among dataFormat, center, scale, epsilon, activation, runtime, got groups",
    ],
    ["rank 1", [flat], TypeError, "x must have rank 2 to 5, got shape (4,)"],
  ]);
});

describe("layerNorm", () => {
  refuses("apply layerNorm", layerNorm, [
    ...wrongTensors([]),
    ["a single number", [tensor(5)], TypeError, "x must have rank >= 1, got shape ()"],
    [
      "axes that are not the last",
      [x, {}, { axes: [1] }],
      TypeError,
      "axes must be the last axes of x, got [1] for shape (2, 3, 4)",
    ],
    [
      "axes with a gap",
      [x, {}, { axes: [0, 2] }],
      TypeError,
      "axes must be the last axes of x, got [0, 2] for shape (2, 3, 4)",
    ],
    [
      "no axes",
      [x, {}, { axes: [] }],
      TypeError,
      "axes must be the last axes of x, got [] for shape (2, 3, 4)",
    ],
    [
      "an axis beyond the rank",
      [x, {}, { axes: [3] }],
      RangeError,
      "axes must be an integer from -3 to 2, got 3",
    ],
    [
      "gamma per channel for two axes",
      [x, { gamma: four }, { axes: [1, 2] }],
      TypeError,
      "gamma must have shape (3, 4), got (4,)",
    ],
    [
      "a data format",
      [x, {}, { dataFormat: "NHWC" }],
      TypeError,
      "options must have keys among axes, center, scale, epsilon, activation, runtime, got dataFormat",
    ],
  ]);

  it("and groupNorm refuse wrong extents in their init functions", () => {
    const texts = [
      assertThrows(() => initGroupNorm(1.5), RangeError).message,
      assertThrows(() => initLayerNorm([2, 0]), RangeError).message,
      assertThrows(() => initGroupNorm(2, { center: 1 as unknown as boolean }), TypeError).message,
      assertThrows(() => initGroupNorm(2, { initializers: { beta: () => tensor([1]) } }), TypeError)
        .message,
      assertThrows(() => initGroupNorm(2, { gain: 1 } as object), TypeError).message,
    ];
    assertEquals(texts, [
      "Cannot initialize groupNorm: channels must be an integer >= 1, got 1.5",
      "Cannot initialize layerNorm: shape must be an integer >= 1, got 0",
      "Cannot initialize groupNorm: center must be a boolean, got 1",
      "Cannot initialize groupNorm: initializers.beta's result must have shape (2,), got (1,)",
      "Cannot initialize groupNorm: options must have keys among center, scale, initializers, got gain",
    ]);
  });
});

import { describe } from "@std/testing/bdd";
import { groupNormFromKeras, layerNormFromKeras } from "../../mod.ts";
import { refuses } from "./refuses.ts";

const layer = { gamma: [1, 1], beta: [0, 0] };
const UNUSED =
  "trainable, name, dtype, batch_input_shape, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint";

describe("groupNormFromKeras", () => {
  refuses("convert Keras group norm", groupNormFromKeras, [
    ["the 32 default groups", [layer], RangeError, "groups must divide the 2 channels, got 32"],
    [
      "0 groups",
      [layer, { groups: 0 }],
      RangeError,
      "groups must be an integer >= 1, got 0",
    ],
    [
      "the axis of the batch",
      [layer, { groups: 1, axis: 0 }],
      TypeError,
      "axis must be an integer other than 0, the batch, got 0",
    ],
    [
      "several axes",
      [layer, { groups: 1, axis: [1, 2] }],
      TypeError,
      "axis must be an integer other than 0, the batch, got an object of class Array",
    ],
    [
      "no beta",
      [{ gamma: [1] }, { groups: 1 }],
      TypeError,
      "beta must be given with center: true, got undefined",
    ],
    [
      "gamma without scale",
      [layer, { groups: 1, scale: false }],
      TypeError,
      "gamma must not be given with scale: false, got an object of class Array",
    ],
    [
      "an unknown field",
      [layer, { groups: 1, momentum: 0.9 }],
      TypeError,
      `config must have keys among groups, axis, epsilon, center, scale, ${UNUSED}, got momentum`,
    ],
  ]);
});

describe("layerNormFromKeras", () => {
  const order = "axis must name the last axes in ascending order";
  refuses("convert Keras layer norm", layerNormFromKeras, [
    [
      "rms_scaling",
      [{ gamma: [1] }, { rms_scaling: true }],
      TypeError,
      "rms_scaling must be false, since layerNorm subtracts the mean, got true",
    ],
    ["axes in another order", [layer, { axis: [-1, -2] }], TypeError, `${order}, got [-1, -2]`],
    ["axes with a gap", [layer, { axis: [1, 3] }], TypeError, `${order}, got [1, 3]`],
    ["axes before the last", [layer, { axis: [-3, -2] }], TypeError, `${order}, got [-3, -2]`],
    ["axes from both ends", [layer, { axis: [-1, 0] }], TypeError, `${order}, got [-1, 0]`],
    ["no axes", [layer, { axis: [] }], TypeError, `${order}, got []`],
    ["half an axis", [layer, { axis: 0.5 }], RangeError, "axis must hold integers, got 0.5"],
    [
      "weights of another rank",
      [layer, { axis: [-2, -1] }],
      TypeError,
      "gamma must have rank 2, got shape (2,)",
    ],
    [
      "a beta of another shape",
      [{ gamma: [1, 1], beta: [1] }],
      TypeError,
      "beta must have shape (2,), got (1,)",
    ],
    [
      "a negative epsilon",
      [layer, { epsilon: -1 }],
      RangeError,
      "epsilon must be a finite number >= 0, got -1",
    ],
    [
      "an unknown field",
      [layer, { axes: [-1] }],
      TypeError,
      `config must have keys among axis, epsilon, center, scale, rms_scaling, ${UNUSED}, got axes`,
    ],
  ]);
});

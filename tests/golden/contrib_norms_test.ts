import { describe } from "@std/testing/bdd";
import { groupNormVjp, instanceNormVjp } from "../../mod.ts";
import { activationOf } from "./activations.ts";
import { itAgrees } from "./agree.ts";
import { casesOf } from "./read.ts";

const CASES = await casesOf("contrib");

describe("group_norm of tf.contrib", () => {
  for (const one of CASES.filter(({ op }) => op === "group_norm")) {
    const { channels_axis = -1, reduction_axes = [-3, -2], ...own } = one.options;
    const { groups = 32, epsilon = 1e-6, center = true, scale = true } = own;
    const options = {
      groups,
      epsilon,
      center,
      scale,
      meanCloseToZero: own.mean_close_to_zero ?? false,
      activation: activationOf(own.activation_fn),
    };
    itAgrees(one, channels_axis, async ({ runtime, x, dy, channelsAxis, axis }) => {
      const reductionAxes = reduction_axes.map(axis);
      const all = { ...options, channelsAxis, reductionAxes, runtime };
      const { y, vjp } = await groupNormVjp(x, one.params, all);
      const { x: dx, params } = await vjp(dy);
      return { y, gradients: { x: dx, ...params } };
    });
  }
});

describe("instance_norm of tf.contrib", () => {
  for (const one of CASES.filter(({ op }) => op === "instance_norm")) {
    const { epsilon = 1e-6, center = true, scale = true, activation_fn } = one.options;
    const options = { epsilon, center, scale, activation: activationOf(activation_fn) };
    const channels = one.options.data_format === "NCHW" ? 1 : -1;
    itAgrees(one, channels, async ({ runtime, x, dy, dataFormat }) => {
      const all = { ...options, dataFormat, runtime };
      const { y, vjp } = await instanceNormVjp(x, one.params, all);
      const { x: dx, params } = await vjp(dy);
      return { y, gradients: { x: dx, ...params } };
    });
  }
});

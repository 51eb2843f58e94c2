import { describe } from "@std/testing/bdd";
import {
  batchNormFromKeras,
  batchNormVjp,
  groupNormFromKeras,
  groupNormVjp,
  layerNormFromKeras,
  layerNormVjp,
  rmsNormVjp,
  type Tensor,
} from "../../mod.ts";
import { activationOf } from "./activations.ts";
import { itAgrees, itAgreesAsItIs } from "./agree.ts";
import { casesOf } from "./read.ts";

const CASES = await casesOf("keras3");
const casesFor = (op: string) => CASES.filter((one) => one.op === op);

describe("BatchNormalization of Keras 3", () => {
  for (const one of casesFor("BatchNormalization")) {
    const { activation: _, training, ...config } = one.options;
    const imported = batchNormFromKeras({ ...one.params, ...one.state }, config);
    itAgrees(one, config.axis ?? -1, async ({ runtime, x, dy, dataFormat }) => {
      const options = { ...imported.options, dataFormat, training, runtime };
      const { y, state, vjp } = await batchNormVjp(x, imported.params, imported.state, options);
      const cotangents = await vjp(dy);
      return {
        y,
        next: {
          moving_mean: state.movingMean as Tensor,
          moving_variance: state.movingVariance as Tensor,
        },
        gradients: { x: cotangents.x, ...cotangents.params },
      };
    });
  }
});

describe("GroupNormalization of Keras 3", () => {
  for (const one of casesFor("GroupNormalization")) {
    const { activation, ...config } = one.options;
    const { params, options } = groupNormFromKeras(one.params, config);
    itAgrees(one, config.axis ?? -1, async ({ runtime, x, dy, channelsAxis }) => {
      const all = { ...options, channelsAxis, activation: activationOf(activation), runtime };
      const { y, vjp } = await groupNormVjp(x, params, all);
      const cotangents = await vjp(dy);
      return { y, gradients: { x: cotangents.x, ...cotangents.params } };
    });
  }
});

describe("LayerNormalization of Keras 3", () => {
  for (const one of casesFor("LayerNormalization")) {
    const { activation: _, ...config } = one.options;
    const { params, options } = layerNormFromKeras(one.params, config);
    itAgreesAsItIs(one, async ({ runtime, x, dy }) => {
      const { y, vjp } = await layerNormVjp(x, params, { ...options, runtime });
      const cotangents = await vjp(dy);
      return { y, gradients: { x: cotangents.x, ...cotangents.params } };
    });
  }
});

describe("RMSNormalization of Keras 3", () => {
  for (const one of casesFor("RMSNormalization")) {
    const { epsilon = 1e-6, axis } = one.options;
    itAgrees(one, axis, async ({ runtime, x, dy, dataFormat }) => {
      const options = { epsilon, dataFormat, runtime };
      const { y, vjp } = await rmsNormVjp(x, { gamma: one.params.scale }, options);
      const cotangents = await vjp(dy);
      return { y, gradients: { x: cotangents.x, scale: cotangents.params.gamma } };
    });
  }
});

import { describe } from "@std/testing/bdd";
import {
  batchNormFromPyTorch,
  batchNormVjp,
  groupNormFromPyTorch,
  groupNormVjp,
  instanceNormFromPyTorch,
  instanceNormVjp,
  layerNormFromPyTorch,
  layerNormVjp,
  type Tensor,
} from "../../mod.ts";
import { activationOf } from "./activations.ts";
import { itAgrees, itAgreesAsItIs } from "./agree.ts";
import { type Case, casesOf } from "./read.ts";

/** The channels are on axis 1. */
const CHANNELS = 1;
const CASES = await casesOf("pytorch");
const casesFor = (op: string) => CASES.filter((one) => one.op === op);

/** The module's arguments, and the rest of what a case says. */
function partsOf({ options: { training, activation, ...own } }: Case) {
  return { own, training: training as boolean, activation: activationOf(activation) };
}

/** Cotangents under PyTorch's names. */
const named = (x: Tensor, { gamma, beta }: { gamma?: Tensor; beta?: Tensor }) => ({
  x,
  weight: gamma,
  bias: beta,
});

describe("PyTorch's GroupNorm", () => {
  for (const one of casesFor("GroupNorm")) {
    const { own, activation } = partsOf(one);
    const { params, options } = groupNormFromPyTorch(one.params, { num_groups: 1, ...own });
    itAgrees(one, CHANNELS, async ({ runtime, x, dy, dataFormat }) => {
      const { groups, epsilon } = options;
      const all = { groups, epsilon, dataFormat, activation, runtime };
      const { y, vjp } = await groupNormVjp(x, params, all);
      const cotangents = await vjp(dy);
      return { y, gradients: named(cotangents.x, cotangents.params) };
    });
  }
});

describe("PyTorch's InstanceNorm", () => {
  for (const one of casesFor("InstanceNorm")) {
    const { params, options } = instanceNormFromPyTorch(one.params, partsOf(one).own);
    itAgrees(one, CHANNELS, async ({ runtime, x, dy, dataFormat }) => {
      const { y, vjp } = await instanceNormVjp(x, params, { ...options, dataFormat, runtime });
      const cotangents = await vjp(dy);
      return { y, gradients: named(cotangents.x, cotangents.params) };
    });
  }
});

describe("PyTorch's LayerNorm", () => {
  for (const one of casesFor("LayerNorm")) {
    const { own, activation } = partsOf(one);
    const { params, options } = layerNormFromPyTorch(one.params, own);
    itAgreesAsItIs(one, async ({ runtime, x, dy }) => {
      const { y, vjp } = await layerNormVjp(x, params, { ...options, activation, runtime });
      const cotangents = await vjp(dy);
      return { y, gradients: named(cotangents.x, cotangents.params) };
    });
  }
});

describe("PyTorch's BatchNorm", () => {
  for (const one of casesFor("BatchNorm")) {
    const { own, training } = partsOf(one);
    const imported = batchNormFromPyTorch({ ...one.params, ...one.state }, own);
    itAgrees(one, CHANNELS, async ({ runtime, x, dy, dataFormat }) => {
      const options = { ...imported.options, dataFormat, training, runtime };
      const { y, state, vjp } = await batchNormVjp(x, imported.params, imported.state, options);
      const cotangents = await vjp(dy);
      return {
        y,
        next: {
          running_mean: state.movingMean as Tensor,
          running_var: state.movingVariance as Tensor,
          num_batches_tracked: one.next.num_batches_tracked, // which has no counterpart
        },
        gradients: named(cotangents.x, cotangents.params),
      };
    });
  }
});

import { describe } from "@std/testing/bdd";
import {
  type BatchNormCotangents,
  batchNormFromTensorFlow,
  type BatchNormState,
  batchNormVjp,
  type Tensor,
} from "../../mod.ts";
import { activationOf } from "./activations.ts";
import { itAgrees } from "./agree.ts";
import { casesOf } from "./read.ts";

const CASES = await casesOf("contrib");

describe("batch_norm of tf.contrib", () => {
  for (const one of CASES) {
    if (one.op !== "batch_norm") continue;
    // When the updates run makes no difference to what they are.
    const { updates_collections: _, is_training = true, activation_fn, ...own } = one.options;
    const imported = batchNormFromTensorFlow({ ...one.params, ...one.state }, own);
    const channels = own.data_format === "NCHW" ? 1 : -1;
    itAgrees(one, channels, async ({ runtime, x, dy, dataFormat, broadcast }) => {
      const { scale, bias, batch_weights: batchWeights } = one.inputs;
      const options = {
        ...imported.options,
        dataFormat,
        training: is_training as boolean,
        activation: activationOf(activation_fn),
        ...(batchWeights && { batchWeights }),
        ...(scale && { adjustment: { scale: broadcast(scale), bias: broadcast(bias) } }),
        runtime,
      };
      const { y, state, vjp } = await batchNormVjp(x, imported.params, imported.state, options);
      const cotangents = await vjp(dy);
      return { y, next: named(state as BatchNormState<Tensor>), gradients: gradients(cotangents) };
    });
  }
});

function named({ movingMean, movingVariance, debias, renorm }: BatchNormState<Tensor>) {
  return {
    moving_mean: movingMean,
    moving_variance: movingVariance,
    biased: debias?.biased,
    local_step: debias?.localStep,
    moving_stddev: renorm?.movingStddev,
    renorm_mean: renorm?.renormMean,
    renorm_stddev: renorm?.renormStddev,
  };
}

function gradients({ x, params, adjustment, batchWeights }: BatchNormCotangents) {
  return {
    x,
    ...params,
    scale: adjustment?.scale,
    bias: adjustment?.bias,
    batch_weights: batchWeights,
  };
}

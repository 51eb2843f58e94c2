import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  batchNormFromKeras,
  batchNormFromOnnx,
  batchNormFromPyTorch,
  batchNormFromTensorFlow,
  batchNormToPyTorch,
  gdnFromCompressAI,
  gdnFromTensorFlow,
  gdnToCompressAI,
  groupNormFromKeras,
  groupNormFromPyTorch,
  instanceNormFromPyTorch,
  layerNormFromKeras,
  layerNormFromPyTorch,
  tensor,
} from "../../mod.ts";
import { contrib, keras, onnx, renorm, torch } from "./batch_norm_weights.ts";
import type { Anything } from "./refuses.ts";

const square = { reparam_beta: [1, 1], reparam_gamma: tensor([[1, 0], [0, 1]]) };
const layer = { beta: [1, 1], gamma: tensor([[1, 0], [0, 1]]) };

const norm = { gamma: [1, 1], beta: [0, 0] };
const module = { weight: [1, 1], bias: [0, 0] };

/** Every conversion with arguments that it takes. */
const conversions: Record<string, [(...args: Anything[]) => unknown, ...Anything[]]> = {
  batchNormFromTensorFlow: [batchNormFromTensorFlow, {
    ...contrib,
    ...renorm,
    biased: [0, 0],
    local_step: 1,
  }, {
    zero_debias_moving_mean: true,
    renorm: true,
  }],
  batchNormFromKeras: [batchNormFromKeras, keras, { axis: -1, momentum: 0.9 }, { fused: true }],
  batchNormFromPyTorch: [batchNormFromPyTorch, torch, { eps: 1e-5, momentum: 0.1, affine: true }],
  batchNormFromOnnx: [batchNormFromOnnx, onnx, {
    epsilon: 1e-5,
    momentum: 0.9,
    training_mode: 0,
    spatial: 1,
  }],
  gdnFromTensorFlow: [gdnFromTensorFlow, { ...square, reparam_alpha: 1 }, { version: 2 }],
  gdnFromCompressAI: [gdnFromCompressAI, layer, { layer: "GDN", inverse: true, beta_min: 1e-6 }],
  batchNormToPyTorch: [
    batchNormToPyTorch,
    { beta: [1, 1], gamma: [1, 1] },
    { movingMean: [0, 0], movingVariance: [1, 1] },
    { decay: 0.9, epsilon: 1e-3, training: true, center: true, scale: true },
  ],
  gdnToCompressAI: [
    gdnToCompressAI,
    { reparamBeta: [1, 1], reparamGamma: square.reparam_gamma },
    {
      alphaParameter: 1,
      epsilonParameter: 1,
      inverse: true,
      betaMin: 1e-6,
      reparamOffset: 2 ** -18,
    },
  ],
  groupNormFromKeras: [groupNormFromKeras, norm, { groups: 1, axis: 1, epsilon: 1e-3 }],
  groupNormFromPyTorch: [groupNormFromPyTorch, module, { num_groups: 1, num_channels: 2, eps: 0 }],
  instanceNormFromPyTorch: [instanceNormFromPyTorch, module, { affine: true, num_features: 2 }],
  layerNormFromKeras: [layerNormFromKeras, norm, { axis: [-1], rms_scaling: false }],
  layerNormFromPyTorch: [layerNormFromPyTorch, module, { normalized_shape: [2], bias: true }],
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

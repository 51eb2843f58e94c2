import { describe } from "@std/testing/bdd";
import { batchNormToPyTorch, gdnToCompressAI, tensor } from "../../mod.ts";
import { refuses } from "./refuses.ts";

const params = { beta: [0, 0], gamma: [1, 1] };
const state = { movingMean: [0, 0], movingVariance: [1, 1] };
const debias = { biased: [0, 0], localStep: tensor(1) };

describe("batchNormToPyTorch", () => {
  refuses("convert batch norm to PyTorch", batchNormToPyTorch, [
    ["no params", [undefined, state], TypeError, "params must be an object, got undefined"],
    ["no state", [params], TypeError, "state must be an object, got undefined"],
    ["an empty state", [params, {}], TypeError, "movingMean must be given, got undefined"],
    [
      "a state with a corrected mean",
      [params, { ...state, debias }],
      TypeError,
      "state must have keys among movingMean, movingVariance, got debias",
    ],
    [
      "a negative variance",
      [params, { ...state, movingVariance: [1, -1] }],
      RangeError,
      "movingVariance must hold finite numbers >= 0, got -1",
    ],
    [
      "a gamma of other channels",
      [{ gamma: [1] }, state],
      TypeError,
      "gamma must have shape (2,), got (1,)",
    ],
    [
      "an unknown parameter",
      [{ weight: [1, 1] }, state],
      TypeError,
      "params must have keys among beta, gamma, got weight",
    ],
    [
      "scale without gamma",
      [{}, state, { scale: true }],
      TypeError,
      "gamma must be given with scale: true, got undefined",
    ],
    [
      "center in words",
      [params, state, { center: "no" }],
      TypeError,
      "center must be a boolean, got no",
    ],
    [
      "an activation",
      [params, state, { activation: "relu" }],
      TypeError,
      "activation must be none, got relu",
    ],
    ["renorm", [params, state, { renorm: true }], TypeError, "renorm must be false, got true"],
    [
      "a correction of the moving mean",
      [params, state, { zeroDebiasMovingMean: true }],
      TypeError,
      "zeroDebiasMovingMean must be false, got true",
    ],
    [
      "a moving variance that stays biased",
      [params, state, { unbiasedMovingVariance: false }],
      TypeError,
      "unbiasedMovingVariance must be true unless training is false, got false",
    ],
    [
      "a decay above 1",
      [params, state, { decay: 1.5 }],
      RangeError,
      "decay must be from 0 to 1, got 1.5",
    ],
    [
      "an infinite epsilon",
      [params, state, { epsilon: Infinity }],
      RangeError,
      "epsilon must be a finite number >= 0, got Infinity",
    ],
    [
      "weights of samples",
      [params, state, { batchWeights: [1] }],
      TypeError,
      "options must have keys among training, decay, center, scale, epsilon, dataFormat, activation, fused, unbiasedMovingVariance, zeroDebiasMovingMean, renorm, runtime, got batchWeights",
    ],
  ]);
});

const stored = { reparamBeta: [1, 1], reparamGamma: tensor([[1, 0], [0, 1]]) };

describe("gdnToCompressAI", () => {
  refuses("convert gdn to CompressAI", gdnToCompressAI, [
    ["no params", [], TypeError, "params must be an object, got undefined"],
    [
      "empty params",
      [{}],
      TypeError,
      "reparamGamma must be a tensor of float32 data, got undefined",
    ],
    [
      "a stored beta with an effective gamma",
      [{ reparamBeta: [1], gamma: tensor([[1]]) }],
      TypeError,
      "params must have keys among beta, gamma, got reparamBeta",
    ],
    [
      "a gamma that is not square",
      [{ ...stored, reparamGamma: tensor([[1, 2]]) }],
      TypeError,
      "reparamGamma must have shape (1, 1), got (1, 2)",
    ],
    [
      "exponents of neither class",
      [stored, { alphaParameter: 1 }],
      RangeError,
      "alphaParameter and epsilonParameter must be 2 and 0.5 (GDN) or 1 and 1 (GDN1), got 1 and 0.5",
    ],
    [
      "an inverse that is no flag",
      [stored, { inverse: 1 }],
      TypeError,
      "inverse must be a boolean, got 1",
    ],
    [
      "rectification",
      [stored, { rectify: true }],
      TypeError,
      "rectify must be false, got true",
    ],
    [
      "stored parameters with another offset",
      [stored, { reparamOffset: 0 }],
      RangeError,
      "reparamOffset must be 2 ** -18, which CompressAI's layers have, got 0",
    ],
    [
      "an offset that is none",
      [{ beta: [1], gamma: tensor([[1]]) }, { reparamOffset: NaN }],
      RangeError,
      "reparamOffset must be a finite number >= 0, got NaN",
    ],
    [
      "a negative bound",
      [stored, { betaMin: -1 }],
      RangeError,
      "betaMin must be a finite number >= 0, got -1",
    ],
    [
      "an unknown option",
      [stored, { beta_min: 1 }],
      TypeError,
      "options must have keys among inverse, dataFormat, alphaParameter, epsilonParameter, rectify, betaMin, reparamOffset, runtime, got beta_min",
    ],
  ]);
});

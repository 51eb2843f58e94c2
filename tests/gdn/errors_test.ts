import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  gdn,
  gdnParams,
  gdnParamsFromCompressAI,
  gdnVariables,
  initGdn,
  tensor,
} from "../../mod.ts";
import { flat, four, refuses, wrongTensors, x } from "../support/refusals.ts";

describe("gdn", () => {
  const params = initGdn(4);
  const gamma = tensor(new Float32Array(16), [4, 4]);
  refuses("apply gdn", gdn, [
    ...wrongTensors([params]),
    ["rank 1", [flat, params], TypeError, "x must have rank 2 to 5, got shape (4,)"],
    [
      "rank 6",
      [tensor(new Float32Array(4), [1, 1, 1, 1, 1, 4]), params],
      TypeError,
      "x must have rank 2 to 5, got shape (1, 1, 1, 1, 1, 4)",
    ],
    [
      "an unknown format",
      [x, params, { dataFormat: "NHCW" }],
      TypeError,
      "dataFormat must be one of NHWC, NCHW, channelsLast, channelsFirst, NWC, NCW, NDHWC, NCDHW, got NHCW",
    ],
    [
      "a format of another rank",
      [x, params, { dataFormat: "NDHWC" }],
      TypeError,
      "x must have rank 5 for dataFormat NDHWC, got shape (2, 3, 4)",
    ],
    [
      "an inverse that is no flag",
      [x, params, { inverse: 1 }],
      TypeError,
      "inverse must be a boolean, got 1",
    ],
    [
      "a rectify that is no flag",
      [x, params, { rectify: "yes" }],
      TypeError,
      "rectify must be a boolean, got yes",
    ],
    [
      "alpha 0",
      [x, params, { alphaParameter: 0 }],
      RangeError,
      "alphaParameter must be a finite number > 0, got 0",
    ],
    [
      "alpha NaN",
      [x, params, { alphaParameter: NaN }],
      RangeError,
      "alphaParameter must be a finite number > 0, got NaN",
    ],
    [
      "a stabiliser",
      [x, params, { epsilon: 1e-6 }],
      TypeError,
      "options must name the exponent epsilonParameter, got epsilon; GDN has no stabiliser but beta",
    ],
    [
      "alpha by its letter",
      [x, params, { alpha: 1 }],
      TypeError,
      "options must name the exponent alphaParameter, got alpha; GDN has no stabiliser but beta",
    ],
    [
      "epsilon -1",
      [x, params, { epsilonParameter: -1 }],
      RangeError,
      "epsilonParameter must be a finite number > 0, got -1",
    ],
    [
      "epsilon in words",
      [x, params, { epsilonParameter: "0.5" }],
      RangeError,
      "epsilonParameter must be a finite number > 0, got 0.5",
    ],
    [
      "a negative betaMin",
      [x, params, { betaMin: -1 }],
      RangeError,
      "betaMin must be a finite number >= 0, got -1",
    ],
    [
      "an infinite reparamOffset",
      [x, params, { reparamOffset: Infinity }],
      RangeError,
      "reparamOffset must be a finite number >= 0, got Infinity",
    ],
    [
      "an unknown option",
      [x, params, { groups: 2 }],
      TypeError,
      "options must have keys among inverse, dataFormat, alphaParameter, epsilonParameter, rectify, betaMin, reparamOffset, runtime, got groups",
    ],
    ["no params", [x, undefined], TypeError, "params must be an object, got undefined"],
    [
      "empty params",
      [x, {}],
      TypeError,
      "params must be beta and gamma or reparamBeta and reparamGamma, got neither",
    ],
    [
      "half of params",
      [x, { beta: four }],
      TypeError,
      "params must be beta and gamma or reparamBeta and reparamGamma, got beta",
    ],
    [
      "both forms",
      [x, { ...params, beta: four }],
      TypeError,
      "params must be beta and gamma or reparamBeta and reparamGamma, got beta, reparamBeta, reparamGamma",
    ],
    [
      "an unknown param",
      [x, { ...params, delta: 1 }],
      TypeError,
      "params must have keys among beta, gamma, reparamBeta, reparamGamma, got delta",
    ],
    ["a short beta", [x, { beta: [1], gamma }], TypeError, "beta must have shape (4,), got (1,)"],
    [
      "a flat gamma",
      [x, { beta: four, gamma: new Float32Array(16) }],
      TypeError,
      "gamma must have shape (4, 4), got (16,)",
    ],
    [
      "a beta of words",
      [x, { beta: ["a", "b", "c", "d"], gamma }],
      TypeError,
      "beta must hold numbers, got string",
    ],
    [
      "a runtime that is none",
      [x, params, { runtime: {} }],
      TypeError,
      "runtime must come from createRuntime, or be a scope of one, got an object of class Object",
    ],
  ]);

  it("refuses wrong channels and bounds in its helpers", () => {
    const texts = [
      assertThrows(() => gdnParams(null as never), TypeError).message,
      assertThrows(() => gdnVariables(null as never), TypeError).message,
      assertThrows(() => initGdn(0), RangeError).message,
      assertThrows(() => initGdn(2, { gammaInit: -1 }), RangeError).message,
      assertThrows(() => initGdn(2, { reparamOffset: NaN }), RangeError).message,
      assertThrows(() => gdnParams({ reparamBeta: [1], reparamGamma: gamma }), TypeError).message,
      assertThrows(() => gdnVariables({ beta: [1, 1, 1, 1], gamma: [1] }), TypeError).message,
      assertThrows(
        () => gdnVariables({ beta: [1, 1], gamma: tensor([[1, 1, 1], [1, 1, 1]]) }),
        TypeError,
      )
        .message,
      assertThrows(() => gdnParamsFromCompressAI({ beta: [1, 1, 1, 1], gamma: flat }), TypeError)
        .message,
    ];
    assertEquals(texts, [
      "Cannot convert gdn variables: variables must be an object, got null",
      "Cannot convert gdn parameters: params must be an object, got null",
      "Cannot initialize gdn: channels must be an integer >= 1, got 0",
      "Cannot initialize gdn: gammaInit must be a finite number >= 0, got -1",
      "Cannot initialize gdn: reparamOffset must be a finite number >= 0, got NaN",
      "Cannot convert gdn variables: reparamBeta must have shape (4,), got (1,)",
      "Cannot convert gdn parameters: gamma must be a tensor of float32 data, got an array; tensor(data, shape) makes one of it",
      "Cannot convert gdn parameters: gamma must have shape (2, 2), got (2, 3)",
      "Cannot convert CompressAI weights: gamma must have shape (4, 4), got (4,)",
    ]);
  });
});

/**
 * GDN, its inverse and its parameters: a row for each function.
 *
 * @module
 */
import { gdn, gdnInverse, gdnParams, gdnVariables, gdnVjp, initGdn } from "../../../mod.ts";
import {
  type Anything,
  conversion,
  type Family,
  ofOne,
  op,
  OPTIONAL,
  type Rows,
  runtime,
} from "./row.ts";
import { inPipeline, OF_OPTIONS, TWO_RECORDS, withoutRuntime } from "./traced.ts";
import { dy, effective, gdnOptions, reparam, stored, vjpOf, x } from "./values.ts";

const gdnCalls = [
  () => [x(), effective(), gdnOptions()],
  () => [x(), stored(), gdnOptions()],
];

const exports: Rows = {
  gdn: op(gdn, gdnCalls),
  gdnInverse: op(gdnInverse, [
    () => [x(), effective(), {
      dataFormat: "NHWC",
      alphaParameter: 1,
      epsilonParameter: 1,
      betaMin: 1e-6,
      reparamOffset: 2 ** -18,
      maxSteps: 2,
      tolerance: 0.1,
      runtime,
    }],
  ]),
  gdnParams: conversion(gdnParams, () => [stored(), reparam()]),
  gdnVariables: conversion(gdnVariables, () => [effective(), reparam()]),
  gdnVjp: op(async (...args: Anything[]) => (await (gdnVjp as Anything)(...args)).y, gdnCalls),
  initGdn: {
    call: initGdn,
    calls: [() => [2, { ...reparam(), gammaInit: 0.1 }]],
    kinds: ["other", "record"],
    takes: [["a number"], OPTIONAL],
  },
};

const returned: Rows = {
  "gdnVjp().vjp": ofOne(await vjpOf(gdnVjp(x(), effective(), { runtime })), dy),
};

const traced: Rows = {
  gdn: inPipeline("gdn", withoutRuntime(gdnCalls), TWO_RECORDS, OF_OPTIONS),
  gdnVjp: inPipeline("gdnVjp", withoutRuntime(gdnCalls), TWO_RECORDS, OF_OPTIONS),
};

/** Their rows. */
export const gdnRows: Family = { exports, returned, traced };

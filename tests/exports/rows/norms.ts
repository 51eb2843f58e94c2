/**
 * Group, instance and layer norm: a row for each function.
 *
 * @module
 */
import {
  groupNorm,
  groupNormVjp,
  initGroupNorm,
  initLayerNorm,
  instanceNorm,
  instanceNormVjp,
  layerNorm,
  layerNormVjp,
} from "../../../mod.ts";
import * as training from "../../../ops/training/mod.ts";
import {
  type Anything,
  type Family,
  NONE,
  ofOne,
  op,
  OPTIONAL,
  type Rows,
  runtime,
} from "./row.ts";
import { inPipeline, OF_BOTH, OF_PARAMS, TWO_RECORDS, withoutRuntime } from "./traced.ts";
import { affine, dy, norm, vjpOf, x } from "./values.ts";

const groupCalls = [
  () => [x(), affine(), {
    ...norm(),
    groups: 1,
    channelsAxis: -1,
    reductionAxes: [],
    meanCloseToZero: false,
  }],
  () => [x(), affine(), { groups: 2, dataFormat: "NHWC", center: true, scale: true }],
];
const instanceCalls = [() => [x(), affine(), { ...norm(), dataFormat: "NHWC" }]];
const layerCalls = [() => [x(), affine(), { ...norm(), axes: [-1] }]];

const exports: Rows = {
  groupNorm: {
    ...op(groupNorm, groupCalls, true),
    // Two channels do not make 32 groups.
    takes: [NONE, OPTIONAL, NONE],
  },
  groupNormVjp: {
    ...op(
      async (...args: Anything[]) => (await (groupNormVjp as Anything)(...args)).y,
      groupCalls,
      true,
    ),
    takes: [NONE, OPTIONAL, NONE],
  },
  initGroupNorm: {
    call: initGroupNorm,
    calls: [() => [2, {
      center: true,
      scale: true,
      initializers: { beta: training.zeros(), gamma: training.ones() },
    }]],
    kinds: ["other", "record"],
    takes: [["a number"], OPTIONAL],
  },
  initLayerNorm: {
    call: initLayerNorm,
    calls: [() => [[2, 3], {
      center: true,
      scale: true,
      initializers: { beta: training.zeros(), gamma: training.ones() },
    }]],
    kinds: ["other", "record"],
    takes: [["a number"], OPTIONAL],
  },
  instanceNorm: op(instanceNorm, instanceCalls, true),
  instanceNormVjp: op(
    async (...args: Anything[]) => (await (instanceNormVjp as Anything)(...args)).y,
    instanceCalls,
    true,
  ),
  layerNorm: op(layerNorm, layerCalls, true),
  layerNormVjp: op(
    async (...args: Anything[]) => (await (layerNormVjp as Anything)(...args)).y,
    layerCalls,
    true,
  ),
};

const returned: Rows = {
  "groupNormVjp().vjp": ofOne(
    await vjpOf(groupNormVjp(x(), affine(), { groups: 1, runtime })),
    dy,
  ),
  "instanceNormVjp().vjp": ofOne(await vjpOf(instanceNormVjp(x(), affine(), { runtime })), dy),
  "layerNormVjp().vjp": ofOne(await vjpOf(layerNormVjp(x(), affine(), { runtime })), dy),
};

const traced: Rows = {
  groupNorm: inPipeline("groupNorm", withoutRuntime(groupCalls), TWO_RECORDS, OF_PARAMS),
  groupNormVjp: inPipeline("groupNormVjp", withoutRuntime(groupCalls), TWO_RECORDS, OF_PARAMS),
  instanceNorm: inPipeline("instanceNorm", withoutRuntime(instanceCalls), TWO_RECORDS, OF_BOTH),
  instanceNormVjp: inPipeline(
    "instanceNormVjp",
    withoutRuntime(instanceCalls),
    TWO_RECORDS,
    OF_BOTH,
  ),
  layerNorm: inPipeline("layerNorm", withoutRuntime(layerCalls), TWO_RECORDS, OF_BOTH),
  layerNormVjp: inPipeline("layerNormVjp", withoutRuntime(layerCalls), TWO_RECORDS, OF_BOTH),
};

/** Their rows. */
export const normRows: Family = { exports, returned, traced };

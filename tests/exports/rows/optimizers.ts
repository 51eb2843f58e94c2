/**
 * Optimizers: a row for each function.
 *
 * @module
 */
import * as training from "../../../ops/training/mod.ts";
import { type Family, NONE, ofOne, OPTIONAL, type Rows, runtime } from "./row.ts";
import { inPipeline, withoutRuntime } from "./traced.ts";
import { variables } from "./values.ts";

const exports: Rows = {
  adam: {
    call: training.adam,
    calls: [() => [variables(), variables(), training.initAdam(variables()), {
      learningRate: 0.1,
      beta1: 0.5,
      beta2: 0.5,
      epsilon: 1e-8,
      runtime,
    }]],
    kinds: ["tree", "tree", "record", "record"],
    takes: [NONE, NONE, NONE, OPTIONAL],
  },
  adamw: {
    call: training.adamw,
    calls: [() => [variables(), variables(), training.initAdam(variables()), {
      learningRate: 0.1,
      beta1: 0.5,
      beta2: 0.5,
      epsilon: 1e-8,
      weightDecay: 0.1,
      runtime,
    }]],
    kinds: ["tree", "tree", "record", "record"],
    takes: [NONE, NONE, NONE, OPTIONAL],
  },
  clipByGlobalNorm: {
    call: training.clipByGlobalNorm,
    calls: [() => [variables(), 1, { runtime }]],
    kinds: ["tree", "other", "record"],
    takes: [["an array"], ["a number", "a huge number"], OPTIONAL],
  },
  initAdam: { ...ofOne(training.initAdam, variables, ["an array"]), kinds: ["tree"] },
  initSgd: { ...ofOne(training.initSgd, variables, ["an array"]), kinds: ["tree"] },
  sgd: {
    call: training.sgd,
    calls: [() => [variables(), variables(), training.initSgd(variables()), {
      learningRate: 0.1,
      momentum: 0.5,
      nesterov: true,
      runtime,
    }], () => [variables(), variables(), training.initSgd(variables()), {
      momentum: 0.5,
      dampening: 0.5,
      weightDecay: 0.1,
      nesterov: false,
      runtime,
    }]],
    kinds: ["tree", "tree", "record", "record"],
    takes: [NONE, NONE, NONE, OPTIONAL],
  },
};

const traced: Rows = {
  clipByGlobalNorm: inPipeline(
    "clipByGlobalNorm",
    [() => [variables(), 1]],
    ["tree", "other"],
    exports.clipByGlobalNorm.takes.slice(0, 2),
  ),
  sgd: inPipeline("sgd", withoutRuntime(exports.sgd.calls), exports.sgd.kinds, exports.sgd.takes),
  adam: inPipeline(
    "adam",
    withoutRuntime(exports.adam.calls),
    exports.adam.kinds,
    exports.adam.takes,
  ),
  adamw: inPipeline(
    "adamw",
    withoutRuntime(exports.adamw.calls),
    exports.adamw.kinds,
    exports.adamw.takes,
  ),
};

/** Their rows. */
export const optimizerRows: Family = { exports, traced };

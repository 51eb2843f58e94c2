/**
 * Initializers, constraints and regularizers: a row for each function.
 *
 * @module
 */
import * as training from "../../../ops/training/mod.ts";
import { type Family, NUMBERS, ofNothing, ofOne, ofOptions, type Rows } from "./row.ts";
import { x } from "./values.ts";

const shapes = () => [2, 2];

const exports: Rows = {
  constant: ofOne(training.constant, () => 1, NUMBERS),
  identity: ofOne(training.identity, () => 2, [
    "undefined",
    "a number",
    "a fraction",
    "a huge number",
  ]),
  l1: ofOne(training.l1, () => 0.5, ["undefined", "a number", "a huge number"]),
  l1l2: ofOptions(training.l1l2, () => ({ l1: 0.5, l2: 0.5 })),
  l2: ofOne(training.l2, () => 0.5, ["undefined", "a number", "a huge number"]),
  maxNorm: ofOptions(training.maxNorm, () => ({ max: 1, axis: 0 }), () => ({ axis: [0, 1] })),
  minMaxNorm: ofOptions(training.minMaxNorm, () => ({ min: 0, max: 1, rate: 1, axis: 0 })),
  nonNeg: ofNothing(training.nonNeg),
  ones: ofNothing(training.ones),
  randomNormal: ofOptions(training.randomNormal, () => ({ mean: 0, stddev: 1, seed: 1 })),
  randomUniform: ofOptions(training.randomUniform, () => ({ min: 0, max: 1, seed: 1 })),
  truncatedNormal: ofOptions(training.truncatedNormal, () => ({ mean: 0, stddev: 1, seed: 1 })),
  unitNorm: ofOptions(training.unitNorm, () => ({ axis: 0 })),
  varianceScaling: ofOptions(
    training.varianceScaling,
    () => ({ scale: 1, mode: "fanIn", distribution: "normal", seed: 1 }),
  ),
  zeros: ofNothing(training.zeros),
};

const returned: Rows = {
  "zeros()": ofOne(training.zeros(), shapes, ["an array"]),
  "ones()": ofOne(training.ones(), shapes, ["an array"]),
  "constant()": ofOne(training.constant(1), shapes, ["an array"]),
  "identity()": ofOne(training.identity(), shapes),
  "randomNormal()": ofOne(training.randomNormal(), shapes, ["an array"]),
  "randomUniform()": ofOne(training.randomUniform(), shapes, ["an array"]),
  "truncatedNormal()": ofOne(training.truncatedNormal(), shapes, ["an array"]),
  "varianceScaling()": ofOne(training.varianceScaling(), shapes, ["an array"]),
  "nonNeg()": ofOne(training.nonNeg(), x),
  "maxNorm()": ofOne(training.maxNorm(), x),
  "unitNorm()": ofOne(training.unitNorm(), x),
  "minMaxNorm()": ofOne(training.minMaxNorm(), x),
  "l1()": ofOne(training.l1(), x),
  "l2()": ofOne(training.l2(), x),
  "l1l2()": ofOne(training.l1l2(), x),
};

/** Their rows. */
export const trainingRows: Family = { exports, returned };

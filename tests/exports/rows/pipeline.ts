/**
 * Pipelines, and what only they have: a row for each function.
 *
 * @module
 */
import {
  eager,
  pipeline,
  type PipelineOps,
  type Tensor,
  tensor,
  valueAndGrad,
} from "../../../mod.ts";
import { type Family, NONE, NUMBERS, OPTIONAL, type Row, type Rows, runtime } from "./row.ts";
import { inPipeline, OF_OPTIONS } from "./traced.ts";
import { x } from "./values.ts";

const through = pipeline((_ops, input: { a: Tensor }) => input, { runtime });
const atOnce = pipeline((_ops, input: { a: Tensor }) => input, { runtime, sync: true });

/** A loss with aux. */
const loss = (ops: PipelineOps, { w }: { w: Tensor }) => ({ value: ops.mean(w), aux: w });

/** What is no tensor, and may be in the input of a pipeline all the same. */
const PLAIN = [
  ...NUMBERS,
  "undefined",
  "null",
  "a boolean",
  "a string",
  "a bigint",
  "an array",
  "a nested array",
  "a sparse array",
  "an unknown key",
  "no prototype",
];

/** What an exponent or a bound takes, and a factor of a penalty. */
const FINITE = NUMBERS.filter((name) => name !== "NaN");
const FACTORS = ["undefined", "a number", "a huge number"];

const exports: Rows = {
  eager: { call: eager, calls: [() => [runtime]], kinds: ["other"], takes: [NONE], maps: true },
  pipeline: {
    call: pipeline,
    calls: [
      () => [(_: unknown, input: unknown) => input, { runtime }],
      () => [(_: unknown, input: unknown) => input, { runtime, sync: true }],
    ],
    kinds: ["other", "record"],
    takes: [["a function"], OPTIONAL],
  },
  valueAndGrad: {
    call: valueAndGrad,
    calls: [() => [loss, { w: x() }, { runtime }]],
    kinds: ["other", "tree", "record"],
    takes: [NONE, NONE, OPTIONAL],
  },
};

const returned: Rows = {
  "pipeline()": {
    call: through,
    calls: [() => [{ a: x() }]],
    kinds: ["other"],
    takes: [PLAIN],
    maps: true,
  },
  "pipeline() with sync": {
    call: atOnce,
    calls: [() => [{ a: x() }]],
    kinds: ["other"],
    takes: [PLAIN],
    maps: true,
  },
};

/** A row of an op that takes a function of parameters. */
function ofGradients(name: string): Row {
  const itself = ({ w }: { w: Tensor }) => w;
  return inPipeline(name, [() => [itself, { w: tensor(1) }]], ["other", "tree"]);
}

const traced: Rows = {
  valueAndGrad: ofGradients("valueAndGrad"),
  grad: ofGradients("grad"),
  stopGradient: inPipeline("stopGradient", [() => [{ w: x() }]], ["tree"], [["an array"]]),
  add: inPipeline("add", [() => [x(), x()]], ["other", "other"]),
  sub: inPipeline("sub", [() => [x(), x()]], ["other", "other"]),
  mul: inPipeline("mul", [() => [x(), x()]], ["other", "other"]),
  div: inPipeline("div", [() => [x(), x()]], ["other", "other"]),
  scale: inPipeline("scale", [() => [x(), 2]], ["other", "other"], [NONE, NUMBERS]),
  pow: inPipeline("pow", [() => [x(), 3]], ["other", "other"], [NONE, FINITE]),
  max: inPipeline("max", [() => [x(), 0.5]], ["other", "other"], [NONE, FINITE]),
  min: inPipeline("min", [() => [x(), 0.5]], ["other", "other"], [NONE, FINITE]),
  neg: inPipeline("neg", [() => [x()]], ["other"]),
  abs: inPipeline("abs", [() => [x()]], ["other"]),
  square: inPipeline("square", [() => [x()]], ["other"]),
  sqrt: inPipeline("sqrt", [() => [x()]], ["other"]),
  exp: inPipeline("exp", [() => [x()]], ["other"]),
  log: inPipeline("log", [() => [x()]], ["other"]),
  round: inPipeline("round", [() => [x()]], ["other"]),
  mean: inPipeline(
    "mean",
    [() => [x(), [0]], () => [x()]],
    ["other", "other"],
    [NONE, ["undefined", "an array"]],
  ),
  sum: inPipeline("sum", [() => [x(), [0]]], ["other", "other"], [NONE, ["undefined", "an array"]]),
  reshape: inPipeline("reshape", [() => [x(), [4]]], ["other", "other"]),
  transpose: inPipeline("transpose", [() => [x()]], ["other"]),
  matmul: inPipeline(
    "matmul",
    [() => [x(), x(), { transposeA: true, transposeB: false }]],
    ["other", "other", "record"],
    OF_OPTIONS,
  ),
  dense: inPipeline(
    "dense",
    [() => [x(), { kernel: x(), bias: [1, 2] }], () => [x(), { kernel: x() }]],
    ["other", "record"],
  ),
  softmaxCrossEntropy: inPipeline(
    "softmaxCrossEntropy",
    [() => [x(), x()]],
    ["other", "other"],
  ),
  l1: inPipeline("l1", [() => [x(), 0.5]], ["other", "other"], [NONE, FACTORS]),
  l2: inPipeline("l2", [() => [x(), 0.5]], ["other", "other"], [NONE, FACTORS]),
  nonNeg: inPipeline("nonNeg", [() => [x()]], ["other"]),
  maxNorm: inPipeline(
    "maxNorm",
    [() => [x(), { max: 2, axis: 0 }], () => [x(), { axis: [0, 1] }]],
    ["other", "record"],
    [NONE, OPTIONAL],
  ),
  unitNorm: inPipeline("unitNorm", [() => [x(), { axis: 0 }]], ["other", "record"], [
    NONE,
    OPTIONAL,
  ]),
  minMaxNorm: inPipeline(
    "minMaxNorm",
    [() => [x(), { min: 1, max: 2, rate: 0.5, axis: 0 }]],
    ["other", "record"],
    [NONE, OPTIONAL],
  ),
  activate: inPipeline("activate", [() => [x(), "relu"]], ["other", "other"]),
  activateVjp: inPipeline("activateVjp", [() => [x(), "relu"]], ["other", "other"]),
};

/** Their rows. */
export const pipelineRows: Family = { exports, returned, traced };

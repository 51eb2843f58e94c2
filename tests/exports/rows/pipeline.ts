/**
 * Pipelines, and what only they have: a row for each function.
 *
 * @module
 */
import { eager, pipeline, type Tensor } from "../../../mod.ts";
import { type Family, NONE, NUMBERS, OPTIONAL, type Rows, runtime } from "./row.ts";
import { inPipeline, OF_OPTIONS } from "./traced.ts";
import { x } from "./values.ts";

const through = pipeline((_ops, input: { a: Tensor }) => input, { runtime });
const atOnce = pipeline((_ops, input: { a: Tensor }) => input, { runtime, sync: true });

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

const traced: Rows = {
  add: inPipeline("add", [() => [x(), x()]], ["other", "other"]),
  sub: inPipeline("sub", [() => [x(), x()]], ["other", "other"]),
  mul: inPipeline("mul", [() => [x(), x()]], ["other", "other"]),
  scale: inPipeline("scale", [() => [x(), 2]], ["other", "other"], [NONE, NUMBERS]),
  mean: inPipeline("mean", [() => [x()]], ["other"]),
  sum: inPipeline("sum", [() => [x(), [0]]], ["other", "other"], [NONE, ["undefined", "an array"]]),
  reshape: inPipeline("reshape", [() => [x(), [4]]], ["other", "other"]),
  matmul: inPipeline(
    "matmul",
    [() => [x(), x(), { transposeA: true, transposeB: false }]],
    ["other", "other", "record"],
    OF_OPTIONS,
  ),
  activate: inPipeline("activate", [() => [x(), "relu"]], ["other", "other"]),
  activateVjp: inPipeline("activateVjp", [() => [x(), "relu"]], ["other", "other"]),
};

/** Their rows. */
export const pipelineRows: Family = { exports, returned, traced };

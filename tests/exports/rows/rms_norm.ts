/**
 * RMS norm: a row for each function.
 *
 * @module
 */
import { initRmsNorm, rmsNorm, rmsNormVjp } from "../../../mod.ts";
import * as training from "../../../ops/training/mod.ts";
import { type Anything, type Family, ofOne, op, OPTIONAL, type Rows, runtime } from "./row.ts";
import { inPipeline, OF_BOTH, TWO_RECORDS, withoutRuntime } from "./traced.ts";
import { dy, vjpOf, x } from "./values.ts";

const gamma = () => ({ gamma: [1, 2] });
const calls = [() => [x(), gamma(), { dataFormat: "NHWC", epsilon: 1e-3, runtime }]];

const exports: Rows = {
  initRmsNorm: {
    call: initRmsNorm,
    calls: [() => [2, { initializers: { gamma: training.ones() } }]],
    kinds: ["other", "record"],
    takes: [["a number"], OPTIONAL],
  },
  rmsNorm: op(rmsNorm, calls, true),
  rmsNormVjp: op(
    async (...args: Anything[]) => (await (rmsNormVjp as Anything)(...args)).y,
    calls,
    true,
  ),
};

const returned: Rows = {
  "rmsNormVjp().vjp": ofOne(await vjpOf(rmsNormVjp(x(), gamma(), { runtime })), dy),
};

const traced: Rows = {
  rmsNorm: inPipeline("rmsNorm", withoutRuntime(calls), TWO_RECORDS, OF_BOTH),
  rmsNormVjp: inPipeline("rmsNormVjp", withoutRuntime(calls), TWO_RECORDS, OF_BOTH),
};

/** Their rows. */
export const rmsNormRows: Family = { exports, returned, traced };

/**
 * Moments: a row for each function.
 *
 * @module
 */
import { mergeMoments, moments, tensor } from "../../../mod.ts";
import { type Family, NONE, OPTIONAL, type Rows, runtime } from "./row.ts";
import { inPipeline, withoutRuntime } from "./traced.ts";
import { summary, x } from "./values.ts";

const momentsCalls = [
  () => [x(), { dataFormat: "NHWC", batchWeights: [1, 2], runtime }],
  () => [x(), { axes: [0] }],
  () => [x(), { groups: 1, channelsAxis: -1, reductionAxes: [] }],
];

const exports: Rows = {
  mergeMoments: {
    call: mergeMoments,
    calls: [
      () => [summary(), summary()],
      () => [{ ...summary(), count: tensor([2, 2]) }, { ...summary(), count: tensor([2, 2]) }],
    ],
    kinds: ["record", "record"],
    takes: [NONE, NONE],
  },
  moments: {
    call: moments,
    calls: momentsCalls,
    kinds: ["other", "record"],
    takes: [NONE, OPTIONAL],
  },
};

const traced: Rows = {
  moments: inPipeline(
    "moments",
    withoutRuntime(momentsCalls),
    ["other", "record"],
    exports.moments.takes,
  ),
};

/** Their rows. */
export const momentsRows: Family = { exports, traced };

/**
 * Moments: a row for each function.
 *
 * @module
 */
import { mergeMoments, moments, momentsVjp, tensor } from "../../../mod.ts";
import { type Anything, type Family, NONE, OPTIONAL, type Rows, runtime } from "./row.ts";
import { inPipeline, withoutRuntime } from "./traced.ts";
import { summary, vjpOf, x } from "./values.ts";

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
  momentsVjp: {
    call: async (...args: Anything[]) => (await (momentsVjp as Anything)(...args)).moments,
    calls: momentsCalls,
    kinds: ["other", "record"],
    takes: [NONE, OPTIONAL],
  },
};

const digits = () => ({ low: tensor([0, 0]), countLow: tensor(0), m2Low: tensor([0, 0]) });

const returned: Rows = {
  "momentsVjp().vjp": {
    call: await vjpOf(momentsVjp(x(), { runtime })),
    calls: [
      () => [{ count: tensor(1), mean: [1, 2], m2: tensor([3, 4]) }, { ...summary(), ...digits() }],
    ],
    kinds: ["record", "record"],
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
  momentsVjp: inPipeline(
    "momentsVjp",
    withoutRuntime(momentsCalls),
    ["other", "record"],
    exports.moments.takes,
  ),
};

/** Their rows. */
export const momentsRows: Family = { exports, returned, traced };

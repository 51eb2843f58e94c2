/**
 * Batch norm: a row for each function.
 *
 * @module
 */
import { batchNorm, batchNormVjp, initBatchNorm, tensor } from "../../../mod.ts";
import * as training from "../../../ops/training/mod.ts";
import { type Anything, type Family, NONE, ofOne, OPTIONAL, type Rows, runtime } from "./row.ts";
import { inPipeline, THREE_RECORDS, withoutRuntime } from "./traced.ts";
import { affine, alone, dy, moving, norm, summary, vjpOf, x } from "./values.ts";

const batch = () => ({
  ...norm(),
  training: true,
  decay: 0.5,
  dataFormat: "NHWC",
  fused: true,
  unbiasedMovingVariance: false,
  zeroDebiasMovingMean: false,
  renorm: false,
  renormClipping: { rmin: 0.5, rmax: 2, dmax: 1 },
  renormDecay: 0.9,
});
const batchCalls = [
  () => [x(), affine(), moving(), batch()],
  () => [x(), {}, moving(), {
    batchWeights: [1, 2],
    adjustment: { scale: tensor([[1, 1]]), bias: tensor([[0, 0]]) },
  }],
  () => [x(), {}, moving(), { moments: summary() }],
  () => [
    x(),
    {},
    { ...moving(), debias: { biased: [0, 0], localStep: tensor([0], []) } },
    { zeroDebiasMovingMean: true },
  ],
  () => [
    x(),
    {},
    {
      ...moving(),
      renorm: { movingStddev: [1, 1], renormMean: [0, 0], renormStddev: [1, 1] },
    },
    { renorm: true },
  ],
];

/** Replicas are met outside of a pipeline only. */
const replicated = [...batchCalls, () => [x(), {}, moving(), { replicas: alone() }]];

const exports: Rows = {
  batchNorm: {
    call: batchNorm,
    calls: replicated,
    kinds: ["other", "record", "record", "record"],
    takes: [NONE, NONE, NONE, OPTIONAL],
  },
  batchNormVjp: {
    call: async (...args: Anything[]) => (await (batchNormVjp as Anything)(...args)).y,
    calls: replicated,
    kinds: ["other", "record", "record", "record"],
    takes: [NONE, NONE, NONE, OPTIONAL],
  },
  initBatchNorm: {
    call: initBatchNorm,
    calls: [() => [2, {
      center: true,
      scale: true,
      zeroDebiasMovingMean: true,
      renorm: true,
      initializers: {
        beta: training.zeros(),
        gamma: training.ones(),
        movingMean: training.zeros(),
        movingVariance: training.ones(),
      },
    }]],
    kinds: ["other", "record"],
    takes: [["a number"], OPTIONAL],
  },
};

const returned: Rows = {
  "batchNormVjp().vjp": ofOne(
    await vjpOf(batchNormVjp(x(), affine(), initBatchNorm(2).state, { runtime })),
    dy,
  ),
};

const traced: Rows = {
  batchNorm: inPipeline(
    "batchNorm",
    withoutRuntime(batchCalls),
    THREE_RECORDS,
    exports.batchNorm.takes,
  ),
  batchNormVjp: inPipeline(
    "batchNormVjp",
    withoutRuntime(batchCalls),
    THREE_RECORDS,
    exports.batchNorm.takes,
  ),
};

/** Their rows. */
export const batchNormRows: Family = { exports, returned, traced };

/**
 * The norms under off-centre data, for the tests and for the table of docs/accuracy.md.
 *
 * @module
 */
import {
  batchNorm,
  groupNorm,
  initBatchNorm,
  instanceNorm,
  layerNorm,
  type Runtime,
  type Tensor,
} from "../../mod.ts";
import { batchNorm as batchOracle } from "../oracle/batch_norm.ts";
import { groupNorm as groupOracle, layerNorm as layerOracle } from "../oracle/group_norm.ts";

/** So small that it does not hide an error of the variance of data with deviation 0.01. */
const EPSILON = 1e-12;

type Op = (x: Tensor, runtime: Runtime) => Promise<Tensor>;

/** Each norm that the accuracy of off-centre data is stated for, and its oracle. */
export const normCases: Readonly<
  Record<string, { run: Op; oracle: (x: Tensor) => Float64Array }>
> = {
  "groupNorm NHWC": {
    run: (x, runtime) => groupNorm(x, {}, { groups: 4, epsilon: EPSILON, runtime }),
    oracle: (x) => groupOracle(x, { groups: 4, reductionAxes: [1, 2], epsilon: EPSILON }).data,
  },
  "groupNorm NCHW": {
    run: (x, runtime) =>
      groupNorm(x, {}, { groups: 4, epsilon: EPSILON, dataFormat: "NCHW", runtime }),
    oracle: (x) =>
      groupOracle(x, { groups: 4, channelsAxis: 1, reductionAxes: [2, 3], epsilon: EPSILON }).data,
  },
  "instanceNorm NHWC": {
    run: (x, runtime) => instanceNorm(x, {}, { epsilon: EPSILON, runtime }),
    oracle: (x) =>
      groupOracle(x, { groups: x.shape[3], reductionAxes: [1, 2], epsilon: EPSILON }).data,
  },
  "layerNorm": {
    run: (x, runtime) => layerNorm(x, {}, { epsilon: EPSILON, runtime }),
    oracle: (x) => layerOracle(x, { axes: [-1], epsilon: EPSILON }).data,
  },
  "batchNorm NHWC": {
    run: async (x, runtime) =>
      (await batchNorm(x, {}, initBatchNorm(x.shape[3]).state, { epsilon: EPSILON, runtime })).y,
    oracle: (x) => batch(x, -1),
  },
  "batchNorm NCHW": {
    run: async (x, runtime) => {
      const { state } = initBatchNorm(x.shape[1]);
      const options = { epsilon: EPSILON, dataFormat: "NCHW", runtime } as const;
      return (await batchNorm(x, {}, state, options)).y;
    },
    oracle: (x) => batch(x, 1),
  },
  "batchNorm NHWC, weighted": {
    run: async (x, runtime) => {
      const options = { epsilon: EPSILON, batchWeights: weightsOf(x), runtime };
      return (await batchNorm(x, {}, initBatchNorm(x.shape[3]).state, options)).y;
    },
    oracle: (x) => batch(x, -1, weightsOf(x)),
  },
};

function batch(x: Tensor, channelsAxis: number, weights?: number[]): Float64Array {
  const channels = x.shape.at(channelsAxis)!;
  const state = {
    movingMean: new Array(channels).fill(0),
    movingVariance: new Array(channels).fill(1),
  };
  return batchOracle(x, state, { channelsAxis, epsilon: EPSILON, weights }).y.data;
}

function weightsOf(x: Tensor): number[] {
  return Array.from({ length: x.shape[0] }, (_, i) => i / 2);
}

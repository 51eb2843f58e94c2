import { describe } from "@std/testing/bdd";
import {
  batchNorm,
  groupNorm,
  initBatchNorm,
  instanceNorm,
  layerNorm,
  type Runtime,
  type Tensor,
  tensor,
} from "../mod.ts";
import { itOnEachBackend } from "./backends.ts";
import { batchNorm as batchOracle } from "./oracle/batch_norm.ts";
import { groupNorm as groupOracle, layerNorm as layerOracle } from "./oracle/group_norm.ts";
import { randomTensor } from "./random.ts";

/**
 * |error of y| <= 1e-5 max(1, |x-hat|): what the rounding of delta, of the variance and of the last
 * three operations leaves, for any distance of the data from zero.
 */
const BUDGET = 1e-5;

/** So small that it does not hide an error of the variance of data with deviation 0.01. */
const EPSILON = 1e-12;

type Op = (x: Tensor, runtime: Runtime) => Promise<Tensor>;

const ops: Record<string, { run: Op; oracle: (x: Tensor) => Float64Array }> = {
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

describe("off-centre data", () => {
  for (const [name, { run, oracle }] of Object.entries(ops)) {
    for (const mean of [0, 10, 100, 1000, 10000]) {
      itOnEachBackend(
        `of mean ${mean} and deviation 0.01 cost ${name} nothing`,
        async (runtime) => {
          const x = randomTensor([4, 12, 13, 16], { seed: 171, mean, stddev: 0.01 });
          assertBudget(await run(x, runtime), oracle(x));
        },
      );
    }
    itOnEachBackend(`that begin with an outlier cost ${name} nothing`, async (runtime) => {
      const x = randomTensor([4, 12, 13, 16], { seed: 172, mean: 1000, stddev: 0.01 });
      x.data[0] += 0.3;
      assertBudget(await run(x, runtime), oracle(x));
    });
  }

  itOnEachBackend("a million deviations away are still normalised", async (runtime) => {
    // float32 keeps sixteen steps to a deviation here: exact inputs of the oracle all the same.
    const data = Float32Array.from({ length: 4096 }, (_, i) => 2 ** 20 + ((i * 37) % 64) / 16);
    const x = tensor(data, [4, 1024]);
    assertBudget(await layerNorm(x, {}, { runtime }), layerOracle(x, { axes: [-1] }).data);
  });
});

describe("channels far apart", () => {
  itOnEachBackend("share a group without losing it", async (runtime) => {
    const x = randomTensor([2, 300, 8], { seed: 173 });
    for (let i = 0; i < x.data.length; i++) x.data[i] += 1000 * (i % 8);
    const y = await groupNorm(x, {}, { groups: 2, runtime });
    assertBudget(y, groupOracle(x, { groups: 2, reductionAxes: [1] }).data);
  });
});

function assertBudget(y: Tensor, expected: Float64Array): void {
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(y.data[i] - expected[i]);
    if (!(error <= BUDGET * Math.max(1, Math.abs(expected[i])))) {
      throw new Error(`y[${i}] must be ${expected[i]} within 1e-5, got ${y.data[i]}`);
    }
  }
}

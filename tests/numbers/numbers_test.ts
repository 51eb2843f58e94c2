import { describe } from "@std/testing/bdd";
import { groupNorm, layerNorm, type Tensor, tensor } from "../../mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { normCases } from "./norm_cases.ts";
import { groupNorm as groupOracle, layerNorm as layerOracle } from "../oracle/group_norm.ts";
import { randomTensor } from "../support/random.ts";

/**
 * |error of y| <= 1e-5 max(1, |x-hat|): what the rounding of delta, of the variance and of the last
 * three operations leaves, for any distance of the data from zero.
 */
const BUDGET = 1e-5;

describe("off-centre data", () => {
  for (const [name, { run, oracle }] of Object.entries(normCases)) {
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

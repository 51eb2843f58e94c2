import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { initRmsNorm, rmsNorm, type Tensor, tensor } from "../../mod.ts";
import { ones } from "../../ops/training/mod.ts";
import { rmsNorm as oracle } from "../oracle/rms_norm.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { pipeline } from "../support/eagerly.ts";
import { channelsFirstOrder, randomTensor, transposed } from "../support/random.ts";

/** Of the largest number: a sum of n squares in nested loops, a root, two products. */
const BUDGET = 1e-6;

const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));

describe("rmsNorm", () => {
  itOnEachBackend("gives the golden values", async (runtime) => {
    const y = await rmsNorm(tensor([[3, 4], [0, -2]]), {}, { epsilon: 0, runtime });
    assertClose(y.data, [0.84852814, 1.13137085, 0, -1.41421356], 2e-7);
  });

  const shapes = [[4, 6], [3, 5, 7], [2, 4, 5, 6], [2, 3, 2, 4, 6], [2, 3, 300], [5, 1024], [3, 1]];
  for (const shape of shapes) {
    for (const mean of [0, 1000]) {
      itOnEachBackend(`matches the oracle on (${shape}) about ${mean}`, async (runtime) => {
        const rank = shape.length;
        const x = randomTensor(shape, { seed: 31, mean });
        // Far outliers are among the squares as well.
        x.data[1] = 1e6;
        const gamma = randomTensor([shape[rank - 1]], { seed: 32, mean: 1, stddev: 0.2 });
        const order = channelsFirstOrder(rank);
        const back = [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
        for (const params of [{}, { gamma }]) {
          const expected = oracle(x, { gamma: params.gamma?.data });
          const budget = BUDGET * Math.max(1, largest(expected.data));
          const y = await rmsNorm(x, params, { runtime });
          assertClose(y.data, expected.data, budget, "channels last");
          const z = await rmsNorm(transposed(x, order), params, { dataFormat: "NCHW", runtime });
          assertClose(transposed(z, back).data, expected.data, budget, "channels first");
        }
      });
    }
  }

  itOnEachBackend("keeps each element's digits, not only the largest's", async (runtime) => {
    const x = randomTensor([64, 96], { seed: 33, mean: 5 });
    const y = await rmsNorm(x, {}, { runtime });
    const expected = oracle(x).data;
    const worst = largest(Array.from(y.data, (value, i) => value / expected[i] - 1));
    assert(worst < 5e-7, `${worst}`);
  });

  itOnEachBackend("does not depend on the size of x without epsilon", async (runtime) => {
    const x = randomTensor([8, 40], { seed: 34 });
    const scaled = tensor(x.data.map((value) => value * 2 ** 30), x.shape);
    const options = { epsilon: 0, runtime };
    assertEquals(await rmsNorm(scaled, {}, options), await rmsNorm(x, {}, options));
  });

  itOnEachBackend("gives zeros for zeros, and nothing for nothing", async (runtime) => {
    const zeros = tensor(new Float32Array(6), [2, 3]);
    assertEquals(await rmsNorm(zeros, {}, { epsilon: 0, runtime }), zeros);
    for (const shape of [[0, 3], [2, 0, 3], [2, 3, 0]]) {
      const empty = tensor(new Float32Array(0), shape);
      assertEquals(await rmsNorm(empty, {}, { runtime }), empty);
    }
  });

  itOnEachBackend("is the same in a pipeline", async (runtime) => {
    const x = randomTensor([2, 5, 7], { seed: 35 });
    const gamma = randomTensor([7], { seed: 36, mean: 1 });
    const run = pipeline((ops, x: Tensor) => ops.rmsNorm(x, { gamma }, { epsilon: 1e-3 }), {
      runtime,
    });
    assertEquals(await run(x), await rmsNorm(x, { gamma }, { epsilon: 1e-3, runtime }));
  });
});

describe("initRmsNorm", () => {
  it("makes ones, or what an initializer makes", () => {
    assertEquals(initRmsNorm(3), { gamma: tensor([1, 1, 1]) });
    const gamma = (shape: readonly number[]) => tensor(ones()(shape).data.map((v) => v / 2), shape);
    assertEquals(initRmsNorm(2, { initializers: { gamma } }), { gamma: tensor([0.5, 0.5]) });
  });
});

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  activations,
  groupNorm,
  initGroupNorm,
  initLayerNorm,
  instanceNorm,
  layerNorm,
  tensor,
} from "../../mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { groupNorm as oracle, layerNorm as layerOracle } from "../oracle/group_norm.ts";
import { channelsFirstOrder, randomTensor, transposed } from "../support/random.ts";

/** The library promises 1e-5 |gamma| |x-hat|; these reach 4 and 1.5 here. */
const BUDGET = 6e-5;

const allBut = (rank: number, ...kept: number[]) =>
  Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !kept.includes(axis));

describe("groupNorm", () => {
  itOnEachBackend("leaves an x without channels as it is", async (runtime) => {
    const x = tensor(new Float32Array(0), [2, 3, 0]);
    for (const groups of [1, 2, -1]) {
      assertEquals(await groupNorm(x, {}, { groups, runtime }), x);
    }
  });

  itOnEachBackend("gives the golden values", async (runtime) => {
    const x = tensor(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]), [1, 1, 2, 4]);
    const y = await groupNorm(x, {}, { groups: 2, runtime });
    const a = 1.21267798;
    const b = 0.72760679;
    assertClose(y.data, [-a, -b, -a, -b, b, a, b, a], 3e-7);
  });

  const shapes = [[4, 6], [3, 5, 6], [2, 4, 5, 6], [2, 3, 2, 4, 6], [2, 33, 17, 6]];
  for (const shape of shapes) {
    for (const groups of [1, 2, 3, 6, -1]) {
      itOnEachBackend(`matches the oracle on (${shape}) with ${groups} groups`, async (runtime) => {
        const x = randomTensor(shape, { seed: 21, mean: 3 });
        const gamma = randomTensor([6], { seed: 22, mean: 1, stddev: 0.2 });
        const beta = randomTensor([6], { seed: 23 });
        const rank = shape.length;
        const expected = oracle(x, {
          groups: groups === -1 ? 6 : groups,
          reductionAxes: allBut(rank, 0, rank - 1),
          channelsAxis: -1,
          gamma: gamma.data,
          beta: beta.data,
          epsilon: 1e-6,
        });
        // On rank 2 sets of one or two elements scale tiny differences up: epsilon is 1e-6.
        const y = await groupNorm(x, { gamma, beta }, { groups, runtime });
        assertClose(y.data, expected.data, BUDGET, "channels last");
        const order = channelsFirstOrder(rank);
        const z = await groupNorm(transposed(x, order), { gamma, beta }, {
          groups,
          dataFormat: "NCHW",
          runtime,
        });
        const back = [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
        assertClose(transposed(z, back).data, expected.data, BUDGET, "channels first");
      });
    }
  }

  const literal: [number[], number, number[]][] = [
    [[2, 3, 4, 6], -1, [1]],
    [[2, 3, 4, 6], -1, [0, 2]],
    [[2, 3, 4, 6], -1, []],
    [[2, 6, 3, 4], 1, []],
    [[2, 6, 3, 4], 1, [3]],
    [[2, 6, 3, 4], 1, [0, 2]],
    [[2, 3, 6, 4], 2, [0, 3]],
    [[2, 3, 6, 4, 2], -3, [1, 4]],
    [[4, 5, 6], -1, [-3, -2]],
  ];
  for (const [shape, channelsAxis, reductionAxes] of literal) {
    const what = `(${shape}), channels axis ${channelsAxis}, literal axes [${reductionAxes}]`;
    itOnEachBackend(`matches the oracle on ${what}`, async (runtime) => {
      const x = randomTensor(shape, { seed: 31, mean: -2 });
      const gamma = randomTensor([6], { seed: 32, mean: 1, stddev: 0.2 });
      const beta = randomTensor([6], { seed: 33 });
      const options = { groups: 2, channelsAxis, reductionAxes, epsilon: 1e-3 };
      const expected = oracle(x, { ...options, gamma: gamma.data, beta: beta.data });
      const y = await groupNorm(x, { gamma, beta }, { ...options, runtime });
      assertClose(y.data, expected.data, BUDGET);
    });
  }

  for (const activation of activations) {
    itOnEachBackend(`applies the activation ${activation}`, async (runtime) => {
      const x = randomTensor([2, 40, 4], { seed: 41 });
      const gamma = new Float32Array([1, -3, 8, 0.5]);
      const y = await groupNorm(x, { gamma }, { groups: 2, activation, runtime });
      const expected = oracle(x, {
        groups: 2,
        reductionAxes: [1],
        gamma,
        epsilon: 1e-6,
        ...(activation !== "none" && { activation }),
      });
      // |gamma| 8 times |x-hat| 4 times 1e-5.
      assertClose(y.data, expected.data, 3.2e-4);
    });
  }

  itOnEachBackend("takes the one-pass variance when asked", async (runtime) => {
    const x = randomTensor([1, 64], { seed: 51, mean: 100, stddev: 0.1 });
    const options = { groups: 1, epsilon: 1e-6, runtime };
    const { data: expected } = oracle(x, { groups: 1, reductionAxes: [], epsilon: 1e-6 });
    const two = await groupNorm(x, {}, options);
    assertClose(two.data, expected, BUDGET);
    const one = await groupNorm(x, {}, { ...options, meanCloseToZero: true });
    // The mean of squares near 10^4 and the square of the mean are rounded to 2^-10 each, the variance
    // is 10^-2: it keeps a digit or two, which y shows all over.
    const variance = expected.reduce((sum, y, i) => sum + (y / one.data[i]) ** 2 / 64, 0);
    assert(Math.abs(variance - 1) < 0.5, `a variance of ${variance} in one pass`);
    assert(Math.abs(variance - 1) > 1e-4, `a variance of ${variance}, as in two passes`);
  });

  itOnEachBackend("keeps NaN and Infinity inside their own set", async (runtime) => {
    const x = randomTensor([3, 5, 4], { seed: 61 });
    const clean = await groupNorm(x, {}, { groups: 2, runtime });
    x.data[0] = NaN; // sample 0, group 0
    x.data[5 * 4 + 3] = Infinity; // sample 1, group 1
    const y = await groupNorm(x, {}, { groups: 2, runtime });
    for (let i = 0; i < y.data.length; i++) {
      const sample = Math.floor(i / 20);
      const group = Math.floor((i % 4) / 2);
      const poisoned = (sample === 0 && group === 0) || (sample === 1 && group === 1);
      if (!poisoned) assertEquals(y.data[i], clean.data[i]);
    }
  });

  itOnEachBackend("gives beta for sets of one element, nothing for nothing", async (runtime) => {
    const y = await groupNorm(tensor([[5, 1e30]]), { beta: [1, 2] }, { groups: -1, runtime });
    assertEquals([...y.data], [1, 2]);
    const none = await groupNorm(tensor(new Float32Array(0), [0, 3, 32]), {}, { runtime });
    assertEquals(none, { shape: [0, 3, 32], data: new Float32Array(0) });
  });

  itOnEachBackend("gives beta for constant data even with epsilon 0", async (runtime) => {
    const x = tensor(new Float32Array(12).fill(7), [1, 3, 4]);
    const params = { beta: [1, 2, 3, 4], gamma: [5, 6, 7, 8] };
    const y = await groupNorm(x, params, { groups: 2, epsilon: 0, runtime });
    assertEquals([...y.data], [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]);
  });

  itOnEachBackend("ignores what its flags switch off", async (runtime) => {
    const x = randomTensor([2, 5, 4], { seed: 71 });
    const params = { gamma: [9, 9, 9, 9], beta: [9, 9, 9, 9] };
    const plain = await groupNorm(x, {}, { groups: 2, runtime });
    const off = { groups: 2, center: false, scale: false, runtime };
    assertEquals(await groupNorm(x, params, off), plain);
  });
});

describe("instanceNorm", () => {
  itOnEachBackend("is groupNorm with one group per channel", async (runtime) => {
    const x = randomTensor([2, 4, 5, 3], { seed: 81, mean: 10 });
    const params = { gamma: [1, 2, 3], beta: [0, 1, 2] };
    const a = await instanceNorm(x, params, { runtime });
    const b = await groupNorm(x, params, { groups: -1, runtime });
    assertEquals(a, b);
  });
});

describe("layerNorm", () => {
  const cases: [number[], number[]][] = [
    [[7], [-1]],
    [[5, 7], [-1]],
    [[2, 3, 8], [1, 2]],
    [[2, 3, 4, 5], [-2, -1]],
    [[2, 3, 4, 5], [0, 1, 2, 3]],
    [[3, 1000], [-1]],
    [[4, 1], [-1]],
  ];
  for (const [shape, axes] of cases) {
    itOnEachBackend(`matches the oracle on (${shape}) over [${axes}]`, async (runtime) => {
      const x = randomTensor(shape, { seed: 91, mean: -5 });
      const inner = shape.slice(shape.length - axes.length);
      const gamma = randomTensor(inner, { seed: 92, mean: 1, stddev: 0.2 });
      const beta = randomTensor(inner, { seed: 93 });
      const expected = layerOracle(x, {
        axes,
        gamma: gamma.data,
        beta: beta.data,
        epsilon: 1e-5,
      });
      assertClose(
        (await layerNorm(x, { gamma, beta }, { axes, runtime })).data,
        expected.data,
        BUDGET,
      );
      const plain = layerOracle(x, { axes, epsilon: 1e-5 });
      assertClose((await layerNorm(x, {}, { axes, runtime })).data, plain.data, BUDGET);
    });
  }

  itOnEachBackend("over all but the batch is groupNorm with one group", async (runtime) => {
    const x = randomTensor([3, 4, 5, 6], { seed: 95, mean: 2 });
    const a = await layerNorm(x, {}, { axes: [1, 2, 3], epsilon: 1e-6, runtime });
    const b = await groupNorm(x, {}, { groups: 1, runtime });
    assertClose(a.data, b.data, 1e-6);
  });
});

describe("initial parameters of group and layer norm", () => {
  it("are zeros and ones", () => {
    assertEquals(initGroupNorm(2), { beta: tensor([0, 0]), gamma: tensor([1, 1]) });
    assertEquals(initLayerNorm(2, { center: false }), { gamma: tensor([1, 1]) });
  });

  it("come from initializers", () => {
    const initializers = { gamma: () => tensor([3, 4]) };
    assertEquals(initGroupNorm(2, { initializers, center: false }), { gamma: tensor([3, 4]) });
  });
});

import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  batchNorm,
  initBatchNorm,
  mergeMoments,
  type Moments,
  moments,
  type MomentsOptions,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose, largest } from "../support/close.ts";
import { moments as oracle } from "../oracle/moments.ts";
import { randomTensor } from "../support/random.ts";

describe("moments", () => {
  const shape = [4, 3, 5, 6];
  const cases: [string, MomentsOptions, number[], { groups?: number; channelsAxis?: number }][] = [
    ["per channel, last", {}, [0, 1, 2], {}],
    ["per channel, first", { dataFormat: "NCHW" }, [0, 2, 3], {}],
    ["over an axis", { axes: [1] }, [1], {}],
    ["over two axes apart", { axes: [-1, 1] }, [1, 3], {}],
    ["over everything", { axes: [0, 1, 2, 3] }, [0, 1, 2, 3], {}],
    ["over nothing", { axes: [] }, [], {}],
    ["per group", { groups: 3 }, [1, 2], { groups: 3, channelsAxis: -1 }],
    ["per group, first", { groups: 3, channelsAxis: 1 }, [2, 3], { groups: 3, channelsAxis: 1 }],
    ["per group, batch too", { groups: 2, reductionAxes: [0, 1] }, [0, 1], {
      groups: 2,
      channelsAxis: -1,
    }],
  ];
  for (const [what, options, axes, split] of cases) {
    for (const weights of [undefined, [0.5, 0, 2, 1]]) {
      const how = weights === undefined ? "" : ", weighted";
      itOnEachBackend(`matches the oracle ${what}${how}`, async (runtime) => {
        const x = randomTensor(shape, { seed: 151, mean: 7 });
        const expected = oracle(x, axes, { ...split, weights });
        const actual = await moments(x, {
          ...options,
          ...(weights && { batchWeights: weights }),
          runtime,
        });
        const counts = actual.count.data;
        const perSet = expected.count.length / counts.length;
        for (let i = 0; i < expected.count.length; i++) {
          assertClose([counts[Math.floor(i / perSet)]], [expected.count[i]], 1e-5, "count");
        }
        // A weight of 0 leaves a set whose mean says nothing.
        const means = expected.mean.map((m, i) =>
          expected.count[i] === 0 ? actual.mean.data[i] : m
        );
        assertClose(actual.mean.data, means, 1e-6, "mean");
        assertClose(actual.m2.data, expected.m2, 2e-6 * largest(expected.m2), "m2");
      });
    }
  }

  itOnEachBackend(
    "has means right to one unit in the last place, or 1e-7 of the spread",
    async (runtime) => {
      for (const mean of [0, 1, 100, 1e4, 1e6]) {
        const x = randomTensor([3, 700, 4], { seed: 161, mean, stddev: 0.01 });
        const expected = oracle(x, [0, 1], {}).mean;
        const actual = await moments(x, { runtime });
        // Nearer to zero than the data spread, the mean is a difference of numbers of that spread.
        const ulp = mean === 0 ? 0 : 2 ** (Math.floor(Math.log2(mean)) - 23);
        assertClose(actual.mean.data, expected, Math.max(ulp, 1e-7 * 0.01), `mean at ${mean}`);
        const both = Array.from(actual.mean.data, (high, i) => high + actual.low!.data[i]);
        assertClose(both, expected, 1e-7 * 0.01, `mean and low at ${mean}`);
      }
    },
  );

  itOnEachBackend("of nothing counts nothing", async (runtime) => {
    const none = await moments(tensor(new Float32Array(0), [0, 2]), { runtime });
    const zeros = tensor([0, 0]);
    assertEquals(none, { count: tensor(0), mean: zeros, low: zeros, m2: zeros });
  });

  itOnEachBackend("of weighted items without elements count each item", async (runtime) => {
    const options = { axes: [1], batchWeights: [1, 2, 0], runtime };
    const none = await moments(tensor(new Float32Array(0), [3, 0]), options);
    assertEquals(none.count, tensor([0, 0, 0]));
    const some = await moments(tensor([[1, 3], [2, 5], [4, 4]]), options);
    for (const { count, mean, m2 } of [mergeMoments(none, some), mergeMoments(some, none)]) {
      assertEquals([count, m2], [some.count, some.m2]);
      assertEquals([...mean.data.subarray(0, 2)], [2, 3.5]);
    }
  });
});

describe("mergeMoments", () => {
  const summary = (count: number, mean: number[], m2: number[]) => ({
    count: tensor(count),
    mean: tensor(mean),
    m2: tensor(m2),
  });

  it("gives the golden values", () => {
    const { count, mean, m2 } = mergeMoments(summary(3, [2], [2]), summary(2, [11], [2]));
    assertEquals(count, tensor(5));
    assertClose(mean.data, [5.6], 3e-7);
    assertClose([m2.data[0] / 5, m2.data[0] / 4], [20.24, 25.3], 2e-6);
  });

  /** A summary with the fields that merging adds, if it has them not yet. */
  const full = (some: Moments): Moments => {
    const low = tensor(new Float32Array(some.mean.data.length), some.mean.shape);
    const countLow = tensor(new Float32Array(some.count.data.length), some.count.shape);
    return { low, countLow, m2Low: low, ...some };
  };

  it("has the empty summary as its exact identity", () => {
    const some = full(summary(3, [2.1, 1e30], [0.3, 7]));
    const fine = { ...some, low: tensor([2 ** -30, 0]), m2Low: tensor([-(2 ** -31), 0]) };
    const none = summary(0, [0, 0], [0, 0]);
    for (const one of [some, fine]) {
      assertEquals(mergeMoments(one, none), one);
      assertEquals(mergeMoments(none, one), one);
    }
    assertEquals(mergeMoments(none, none), full(none));
  });

  it("takes nothing of what an empty part says", () => {
    const some = full(summary(3, [2.1, -7], [0.3, 7]));
    const none = summary(0, [NaN, Infinity], [NaN, -1]);
    assertEquals(mergeMoments(some, none), some);
    assertEquals(mergeMoments(none, some), some);
    assertEquals(mergeMoments(none, none), full(summary(0, [0, 0], [0, 0])));
    const items = (count: number[], mean: number[], m2: number[]) => ({
      count: tensor(count),
      mean: tensor(mean),
      m2: tensor(m2),
    });
    const merged = mergeMoments(items([0, 2], [NaN, 4], [NaN, 1]), items([3, 0], [8, 9], [5, NaN]));
    assertEquals(merged, full(items([3, 2], [8, 4], [5, 1])));
  });

  it("merges weight sums, and counts per item", () => {
    const items = (count: number[], mean: number[]) => ({
      count: tensor(count),
      mean: tensor([mean, mean]) as Tensor,
      m2: tensor([[0, 0], [0, 0]]) as Tensor,
    });
    const { count, mean, m2 } = mergeMoments(items([1, 0], [0, 4]), items([3, 2], [8, 8]));
    assertEquals(count, tensor([4, 2]));
    assertEquals(mean, tensor([[6, 7], [8, 8]]));
    assertEquals(m2, tensor([[48, 12], [0, 0]]));
  });

  it("stays right to 1e-12 beyond what float32 counts", () => {
    // 1200 parts of 2^23 + 1 elements each: 10^10, far from zero, and each mean another one.
    const parts = Array.from({ length: 1200 }, (_, i) => {
      const mean = 1000 + 0.001 * (i % 7);
      const high = Math.fround(mean);
      return {
        ...summary(2 ** 23, [high], [2 ** 23 * 0.25]),
        low: tensor([mean - high]),
        countLow: tensor(1),
      };
    });
    const merged = parts.reduce<Moments>(mergeMoments, summary(0, [0], [0]));
    // In exact integers: thousandths for the means.
    const each = 2 ** 23 + 1;
    const steps = parts.map((_, i) => i % 7);
    const sum = steps.reduce((a, b) => a + b);
    const squares = steps.reduce((a, b) => a + b * b, 0);
    const mean = 1000 + sum / 1200 / 1000;
    const between = each * (squares - sum * sum / 1200) / 1e6;
    const wide = (high: Tensor, low: Tensor | undefined) => high.data[0] + low!.data[0];
    const found = [
      wide(merged.count, merged.countLow),
      wide(merged.mean, merged.low),
      wide(merged.m2, merged.m2Low),
    ];
    const exact = [1200 * each, mean, 1200 * 2 ** 23 * 0.25 + between];
    for (const [i, value] of exact.entries()) assertClose([found[i]], [value], 1e-12 * value);
    assertEquals(found[0], 10066330800);
  });

  itOnEachBackend("keeps the digits of data of 1e3 +- 1e-2", async (runtime) => {
    const parts = [3, 40, 0, 21].map((rows, seed) =>
      randomTensor([rows, 2], { seed, mean: 1000, stddev: 0.01 })
    );
    const each = await Promise.all(parts.map((part) => moments(part, { runtime })));
    const merged = each.reduce(mergeMoments);
    const data = parts.flatMap(({ data }) => [...data]);
    const expected = oracle({ shape: [64, 2], data }, [0]);
    const variances = Array.from(expected.m2, (m2) => m2 / 64);
    // Deviations are right to about 1e-7 of the spread, and what they are squared to to twice that.
    assertClose(
      Array.from(merged.m2.data, (m2) => m2 / 64),
      variances,
      1e-6 * largest(variances),
      "variance",
    );
    const { params, state } = initBatchNorm(2);
    const { y } = await batchNorm(parts[1], params, state, {
      moments: merged,
      epsilon: 0,
      runtime,
    });
    const expectedY = Array.from(
      parts[1].data,
      (v, i) => (v - expected.mean[i % 2]) / Math.sqrt(variances[i % 2]),
    );
    assertClose(y.data, expectedY, 5e-6, "y");
  });

  it("refuses summaries of different shapes", () => {
    assertThrows(
      () => mergeMoments(summary(1, [1], [0]), summary(1, [1, 2], [0, 0])),
      TypeError,
      "Cannot merge moments: a and b must have one shape, got (1,) and (2,)",
    );
  });
});

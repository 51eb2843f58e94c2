import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  batchNorm,
  gdn,
  groupNorm,
  initBatchNorm,
  instanceNorm,
  layerNorm,
  moments,
  type Runtime,
  type Tensor,
  tensor,
} from "../mod.ts";
import { backends, runtimeOf } from "./backends.ts";
import { assertClose, largest } from "./close.ts";
import { batchNorm as batchOracle } from "./oracle/batch_norm.ts";
import { gdn as gdnOracle } from "./oracle/gdn.ts";
import { groupNorm as groupOracle } from "./oracle/group_norm.ts";
import { channelsFirstOrder, randomTensor, transposed } from "./random.ts";

/** |x-hat| stays below 5 and |gamma| below 2 here: DESIGN's 1e-5 times these. */
const BUDGET = 1e-4;

/** Shapes of every rank: extents 1, odd ones, and around gpu.js' tiles of 4 and 8 cells. */
const shapes = fc.tuple(
  fc.array(fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9), { minLength: 1, maxLength: 4 }),
  fc.constantFrom(1, 2, 3, 4, 5, 6, 8, 12),
).map(([outer, channels]) => [...outer, channels]);

const data = fc.record({
  shape: shapes,
  seed: fc.integer({ min: 1, max: 1e6 }),
  mean: fc.constantFrom(0, -3, 100, 1e4),
});

/** How many random cases a property has on each backend; shaders are compiled for longer. */
const RUNS = { cpu: 40, wasm: 40, webgl2: 12, webgpu: 12 };

/** One seeded property on every backend. */
function property<T>(
  what: string,
  arbitrary: fc.Arbitrary<T>,
  holds: (value: T, runtime: Runtime) => Promise<void>,
): void {
  for (const { name, skip } of backends) {
    const test = skip === undefined ? it : it.skip;
    test(`${what} on ${name}${skip === undefined ? "" : `: ${skip}`}`, async () => {
      const runtime = await runtimeOf(name);
      const check = fc.asyncProperty(arbitrary, (value) => holds(value, runtime));
      await fc.assert(check, { numRuns: RUNS[name], seed: 7 });
    });
  }
}

function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
}

describe("any shape", () => {
  property("matches groupNorm's oracle", data, async ({ shape, seed, mean }, runtime) => {
    const x = randomTensor(shape, { seed, mean });
    const rank = shape.length;
    const groups = divisors(shape[rank - 1])[seed % divisors(shape[rank - 1]).length];
    const reductionAxes = Array.from({ length: rank - 2 }, (_, i) => i + 1);
    const expected = groupOracle(x, { groups, reductionAxes, epsilon: 1e-2 }).data;
    const y = await groupNorm(x, {}, { groups, epsilon: 1e-2, runtime });
    assertClose(y.data, expected, BUDGET);
    const z = await groupNorm(transposed(x, channelsFirstOrder(rank)), {}, {
      groups,
      epsilon: 1e-2,
      dataFormat: "channelsFirst",
      runtime,
    });
    assertClose(back(z).data, y.data, BUDGET, "NCHW");
  });

  property("matches batchNorm's oracle", data, async ({ shape, seed, mean }, runtime) => {
    const x = randomTensor(shape, { seed, mean });
    const channels = shape.at(-1)!;
    const state = {
      movingMean: new Array(channels).fill(0),
      movingVariance: new Array(channels).fill(1),
    };
    // With decay 0 the new state is the batch's moments, none of them hidden by the old ones.
    const options = { epsilon: 1e-2, decay: 0 };
    const { y, state: next } = await batchNorm(x, {}, initBatchNorm(channels).state, {
      ...options,
      unbiasedMovingVariance: true,
      runtime,
    });
    const expected = batchOracle(x, state, { ...options, besselCorrected: true });
    assertClose(y.data, expected.y.data, BUDGET);
    for (const name of ["movingMean", "movingVariance"] as const) {
      const moments = expected.state[name];
      assertClose(next[name].data, moments, 2e-6 * Math.max(1, largest(moments)), name);
    }
  });

  property("matches GDN's oracle", data, async ({ shape, seed }, runtime) => {
    const x = randomTensor(shape, { seed, stddev: 3 });
    const channels = shape.at(-1)!;
    const gamma = randomTensor([channels, channels], { seed: seed + 1, stddev: 0.1 });
    gamma.data.forEach((g, i) => gamma.data[i] = Math.abs(g));
    const beta = new Float32Array(channels).fill(0.5);
    const inverse = seed % 2 === 0;
    const expected = gdnOracle(x, beta, gamma.data, { inverse }).data;
    const y = await gdn(x, { beta, gamma }, { inverse, runtime });
    assertClose(y.data, expected, 2e-6 * largest(expected));
  });
});

function back(x: Tensor): Tensor {
  const rank = x.shape.length;
  return transposed(x, [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1]);
}

describe("norms", () => {
  const images = fc.record({
    shape: fc.tuple(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 2, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom(2, 4, 6),
    ),
    seed: fc.integer({ min: 1, max: 1e6 }),
  });

  property("do not see a shift and a scale", images, async ({ shape, seed }, runtime) => {
    const x = randomTensor(shape, { seed });
    const moved = tensor(x.data.map((v) => 8 * v + 64), shape);
    const options = { groups: 2, epsilon: 0, runtime };
    const [a, b] = [await groupNorm(x, {}, options), await groupNorm(moved, {}, options)];
    // 8 v + 64 rounds to the same grid as v only within 2^-17 of a deviation.
    assertClose(a.data, b.data, 1e-4);
  });

  property("of samples do not see their order", images, async ({ shape, seed }, runtime) => {
    const x = randomTensor(shape, { seed });
    const size = x.data.length / shape[0];
    const reversed = tensor(
      x.data.map((_, i) => x.data[(shape[0] - 1 - Math.floor(i / size)) * size + i % size]),
      shape,
    );
    const [a, b] = [
      await groupNorm(x, {}, { groups: 2, runtime }),
      await groupNorm(reversed, {}, { groups: 2, runtime }),
    ];
    const again = b.data.map((_, i) =>
      b.data[(shape[0] - 1 - Math.floor(i / size)) * size + i % size]
    );
    assertClose(again, a.data, 0);
    const { state } = initBatchNorm(shape[3]);
    const options = { decay: 0, runtime };
    const [c, d] = [
      await batchNorm(x, {}, state, options),
      await batchNorm(reversed, {}, state, options),
    ];
    const variance = d.state.movingVariance.data;
    assertClose(c.state.movingVariance.data, variance, 1e-6 * Math.max(1, largest(variance)));
  });

  property("are cases of each other", images, async ({ shape, seed }, runtime) => {
    const x = randomTensor(shape, { seed, mean: 5 });
    const groups = (count: number) => groupNorm(x, {}, { groups: count, epsilon: 1e-3, runtime });
    const layer = await layerNorm(x, {}, { axes: [1, 2, 3], epsilon: 1e-3, runtime });
    assertClose((await groups(1)).data, layer.data, 1e-5);
    const instance = await instanceNorm(x, {}, { epsilon: 1e-3, runtime });
    assertClose((await groups(shape[3])).data, instance.data, 1e-5);
  });

  property("normalise: mean 0 and variance 1", images, async ({ shape, seed }, runtime) => {
    const x = randomTensor(shape, { seed, mean: 1000 });
    const y = await groupNorm(x, {}, { groups: 2, epsilon: 0, runtime });
    const { count, mean, m2 } = await moments(y, { groups: 2, runtime });
    assertClose(mean.data, mean.data.map(() => 0), 1e-5);
    assertClose(m2.data.map((m) => m / (count as number)), m2.data.map(() => 1), 1e-5);
  });

  property(
    "by IGDN undo GDN where the pool is constant",
    images,
    async ({ shape, seed }, runtime) => {
      const x = randomTensor(shape, { seed });
      const gamma = tensor(new Float32Array(shape[3] ** 2), [shape[3], shape[3]]);
      const beta = new Float32Array(shape[3]).fill(3);
      const y = await gdn(x, { beta, gamma }, { runtime });
      const z = await gdn(y, { beta, gamma }, { inverse: true, runtime });
      assertClose(z.data, x.data, 1e-6 * largest(x.data));
    },
  );
});

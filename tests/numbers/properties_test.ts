import { describe } from "@std/testing/bdd";
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
} from "../../mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose, assertCloseEach, largest } from "../support/close.ts";
import { batchNorm as batchOracle } from "../oracle/batch_norm.ts";
import { gdn as gdnOracle } from "../oracle/gdn.ts";
import { groupNorm as groupOracle } from "../oracle/group_norm.ts";
import { channelsFirstOrder, randomTensor, transposed } from "../support/random.ts";

/** |error of y| <= 1e-5 max(1, |x-hat|), as in numbers_test: there is no gamma here. */
const BUDGET = 1e-5;

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
const RUNS = { cpu: 40, wasm: 40, webgl2: 6, webgpu: 12 };

/** One seeded property on every backend, which must have run it itself. */
function property<T>(
  what: string,
  arbitrary: fc.Arbitrary<T>,
  holds: (value: T, runtime: Runtime) => Promise<void>,
): void {
  itOnEachBackend(what, async (runtime, backend) => {
    const check = fc.asyncProperty(arbitrary, (value) => holds(value, runtime));
    await fc.assert(check, { numRuns: RUNS[backend], seed: 7 });
  });
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
    const options = { groups, epsilon: 1e-2, runtime };
    for (const dataFormat of FORMATS) {
      const y = await groupNorm(laid(x, dataFormat), {}, { ...options, dataFormat });
      assertCloseEach(back(y, dataFormat).data, expected, BUDGET, dataFormat);
    }
  });

  property("matches batchNorm's oracle", data, async ({ shape, seed, mean }, runtime) => {
    const x = randomTensor(shape, { seed, mean });
    const dataFormat = FORMATS[seed % 2];
    const channels = shape.at(-1)!;
    const zero = new Array(channels).fill(0);
    const start = { movingMean: zero, movingVariance: zero.map(() => 1) };
    // With decay 0 the new state is the batch's moments, none of them hidden by the old ones.
    const options = { epsilon: 1e-2, decay: 0 };
    const expected = batchOracle(x, start, { ...options, besselCorrected: true });
    const { state } = initBatchNorm(channels);
    const result = await batchNorm(laid(x, dataFormat), {}, state, {
      ...options,
      unbiasedMovingVariance: true,
      dataFormat,
      runtime,
    });
    assertCloseEach(back(result.y, dataFormat).data, expected.y.data, BUDGET, dataFormat);
    const { movingMean, movingVariance } = result.state;
    // Of max(|mean|, deviation): the rounding of the mean itself and of its distance from the shift.
    assertCloseEach(movingMean.data, expected.state.movingMean, 3e-7, "mean");
    assertCloseEach(movingVariance.data, expected.state.movingVariance, 2e-6, "variance");
  });

  property("matches GDN's oracle", data, async ({ shape, seed }, runtime) => {
    const x = randomTensor(shape, { seed, stddev: 3 });
    const dataFormat = FORMATS[seed % 2];
    const channels = shape.at(-1)!;
    const gamma = randomTensor([channels, channels], { seed: seed + 1, stddev: 0.1 });
    gamma.data.forEach((g, i) => gamma.data[i] = Math.abs(g));
    const beta = new Float32Array(channels).fill(0.5);
    const inverse = seed % 3 === 0;
    const expected = gdnOracle(x, beta, gamma.data, { inverse }).data;
    const y = await gdn(laid(x, dataFormat), { beta, gamma }, { inverse, dataFormat, runtime });
    assertClose(back(y, dataFormat).data, expected, 2e-6 * largest(expected), dataFormat);
  });
});

const FORMATS = ["channelsLast", "channelsFirst"] as const;

/** A tensor with its channels last, in a format. */
function laid(x: Tensor, format: typeof FORMATS[number]): Tensor {
  return format === "channelsLast" ? x : transposed(x, channelsFirstOrder(x.shape.length));
}

/** A tensor in a format, with its channels last. */
function back(x: Tensor, format: typeof FORMATS[number]): Tensor {
  const rank = x.shape.length;
  const order = [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
  return format === "channelsLast" ? x : transposed(x, order);
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
    const a = await groupNorm(x, {}, options);
    const b = await groupNorm(moved, {}, options);
    // 8 v + 64 rounds to the same grid as v only within 2^-17 of a deviation.
    assertClose(a.data, b.data, 5e-5);
  });

  property("of samples do not see their order", images, async ({ shape, seed }, runtime) => {
    const x = randomTensor(shape, { seed });
    const size = x.data.length / shape[0];
    const reversed = tensor(
      x.data.map((_, i) => x.data[(shape[0] - 1 - Math.floor(i / size)) * size + i % size]),
      shape,
    );
    const a = await groupNorm(x, {}, { groups: 2, runtime });
    const b = await groupNorm(reversed, {}, { groups: 2, runtime });
    const again = b.data.map((_, i) =>
      b.data[(shape[0] - 1 - Math.floor(i / size)) * size + i % size]
    );
    assertClose(again, a.data, 0);
    const { state } = initBatchNorm(shape[3]);
    const options = { decay: 0, runtime };
    const c = await batchNorm(x, {}, state, options);
    const d = await batchNorm(reversed, {}, state, options);
    assertCloseEach(c.state.movingVariance.data, d.state.movingVariance.data, 1e-6);
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
    assertClose(m2.data.map((m) => m / count.data[0]), m2.data.map(() => 1), 1e-5);
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

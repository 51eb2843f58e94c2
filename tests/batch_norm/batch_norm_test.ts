import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  batchNorm,
  type BatchNormOptions,
  type BatchNormState,
  initBatchNorm,
  mergeMoments,
  moments,
  type Runtime,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { batchNorm as oracle, type BatchNormState64 } from "../oracle/batch_norm.ts";
import { channelsFirstOrder, randomTensor, transposed } from "../support/random.ts";

/** The library promises 1e-5 |gamma| |x-hat|; these reach 4.5 and 1.5 here. */
const BUDGET = 7e-5;

/** Golden values are given to nine digits; float32 holds seven. */
const GOLDEN = 5e-7;

const column = (...values: number[]) => tensor(new Float32Array(values), [values.length, 1]);

/** Compares every field of a state with the oracle's, relative to its size. */
function assertState(actual: BatchNormState<Tensor>, expected: BatchNormState64): void {
  const compare = (name: string, vector: Tensor, reference: ArrayLike<number>) => {
    const scale = Math.max(1, ...Array.from(reference, Math.abs));
    assertClose(vector.data, reference, 2e-6 * scale, name);
  };
  compare("movingMean", actual.movingMean, expected.movingMean);
  compare("movingVariance", actual.movingVariance, expected.movingVariance);
  if (expected.debias !== undefined) {
    compare("biased", actual.debias!.biased, expected.debias.biased);
    assertEquals(actual.debias!.localStep.data[0], expected.debias.localStep);
  }
  if (expected.renorm !== undefined) {
    for (const name of ["movingStddev", "renormMean", "renormStddev"] as const) {
      compare(name, actual.renorm![name], expected.renorm[name]);
    }
  }
}

/** A state as the oracle takes it. */
function state64({ movingMean, movingVariance, debias, renorm }: BatchNormState<Tensor>) {
  return {
    movingMean: movingMean.data,
    movingVariance: movingVariance.data,
    ...(debias && { debias: { biased: debias.biased.data, localStep: debias.localStep.data[0] } }),
    ...(renorm && {
      renorm: {
        movingStddev: renorm.movingStddev.data,
        renormMean: renorm.renormMean.data,
        renormStddev: renorm.renormStddev.data,
      },
    }),
  };
}

/** A state that differs from channel to channel. */
function someState(channels: number): BatchNormState<Tensor> {
  const positive = (seed: number) => {
    const { shape, data } = randomTensor([channels], { seed, mean: 2, stddev: 0.3 });
    return { shape, data: data.map(Math.abs) };
  };
  return {
    movingMean: randomTensor([channels], { seed: 101 }),
    movingVariance: positive(102),
    debias: { biased: randomTensor([channels], { seed: 103 }), localStep: tensor(7) },
    renorm: {
      movingStddev: positive(104),
      renormMean: randomTensor([channels], { seed: 105 }),
      renormStddev: positive(106),
    },
  };
}

describe("batchNorm", () => {
  itOnEachBackend("gives the golden values of a training step", async (runtime) => {
    const x = column(1, 2, 3, 4);
    const { params, state } = initBatchNorm(1);
    const fused = await batchNorm(x, params, state, { decay: 0.9, runtime });
    const y = [-1.34110445, -0.44703482, 0.44703482, 1.34110445];
    assertClose(fused.y.data, y, GOLDEN);
    assertClose(fused.state.movingMean.data, [0.25], GOLDEN);
    assertClose(fused.state.movingVariance.data, [1.0666666667], GOLDEN);
    const biased = await batchNorm(x, params, state, { decay: 0.9, fused: false, runtime });
    assertClose(biased.state.movingVariance.data, [1.025], GOLDEN);
  });

  itOnEachBackend("gives the golden values of zeroDebiasMovingMean", async (runtime) => {
    let { state } = initBatchNorm(1, { zeroDebiasMovingMean: true });
    const options = { decay: 0.9, zeroDebiasMovingMean: true, runtime };
    const golden = [[1, 0.1, 1], [3, 0.39, 2.0526315789], [-2, 0.151, 0.5571955720]];
    for (const [value, biased, mean] of golden) {
      ({ state } = await batchNorm(column(value), {}, state, options));
      assertClose(state.debias!.biased.data, [biased], GOLDEN);
      assertClose(state.movingMean.data, [mean], GOLDEN);
    }
    assertEquals(state.debias!.localStep, tensor(3));
  });

  itOnEachBackend(
    "weighs the batch with 0.001, and with 0.01 for renorm, by default",
    async (runtime) => {
      const x = column(4000, 4000);
      const { state } = initBatchNorm(1);
      const plain = await batchNorm(x, {}, state, { runtime });
      assertClose(plain.state.movingMean.data, [4], 4 * GOLDEN);
      assertClose(plain.state.movingVariance.data, [0.999], GOLDEN);
      const renorm = initBatchNorm(1, { renorm: true });
      const { state: next } = await batchNorm(x, {}, renorm.state, { renorm: true, runtime });
      assertClose(next.movingMean.data, [4], 4 * GOLDEN);
      assertClose(next.renorm!.renormMean.data, [40], 40 * GOLDEN);
    },
  );

  for (const [decay, movingMean, expected] of [[0, 1e8, 1], [1, 1, 1]]) {
    itOnEachBackend(
      `keeps no digit of what a decay of ${decay} does not count`,
      async (runtime) => {
        // With the difference on the wrong side 1e8 would take every digit of 1 along.
        const state = { movingMean: [movingMean], movingVariance: [movingMean] };
        const x = decay === 0 ? column(0, 2) : column(1e8, 1e8);
        const result = await batchNorm(x, {}, state, { decay, fused: false, runtime });
        assertEquals([...result.state.movingMean.data], [expected]);
        assertEquals([...result.state.movingVariance.data], [expected]);
      },
    );
  }

  itOnEachBackend("debiases exactly however slow the decay", async (runtime) => {
    const { state } = initBatchNorm(1, { zeroDebiasMovingMean: true });
    const options = { decay: 0.999999, zeroDebiasMovingMean: true, runtime };
    const first = await batchNorm(column(5), {}, state, options);
    assertClose(first.state.movingMean.data, [5], 2e-6);
  });

  itOnEachBackend("gives the golden values of batchWeights", async (runtime) => {
    const { params, state } = initBatchNorm(1);
    const options = { batchWeights: [1, 2, 1], decay: 0, runtime };
    const { y, state: next } = await batchNorm(column(1, 2, 4), params, state, options);
    assertClose(y.data, [-1.14659599, -0.2293192, 1.60523439], GOLDEN);
    assertClose(next.movingMean.data, [2.25], GOLDEN);
    assertClose(next.movingVariance.data, [1.1875], GOLDEN);
  });

  itOnEachBackend("gives the golden values of renorm", async (runtime) => {
    const options = {
      renorm: true,
      decay: 0.99,
      renormDecay: 0.8,
      renormClipping: { rmax: 1.1, rmin: 0.9, dmax: 0.1 },
      runtime,
    };
    const { state } = initBatchNorm(1, { renorm: true });
    const one = await batchNorm(column(1, 2, 3, 4), {}, state, options);
    assertClose(one.y.data, [-1.3752149, -0.3917383, 0.5917383, 1.5752149], GOLDEN);
    assertState(one.state, {
      movingMean: [0.025],
      movingVariance: [1.0013710260361812],
      renorm: {
        renormMean: [0.5],
        renormStddev: [1.0236962225876869],
        movingStddev: [1.0011848111293844],
      },
    });
    const two = await batchNorm(column(0, 1, 0, 5), {}, one.state, options);
    assertClose(two.y.data, [-0.70027342, -0.16675781, -0.70027342, 1.96730464], GOLDEN);
    assertState(two.state, {
      movingMean: [0.03975],
      movingVariance: [1.0227208584281595],
      renorm: {
        renormMean: [0.7],
        renormStddev: [1.2313160449038982],
        movingStddev: [1.011790916359778],
      },
    });
  });

  const weights = [0.5, 0, 2, 1.5];
  const adjustments = {
    channels: { scale: tensor([1, 2, 0.5]), bias: tensor([0, 1, -1]) },
    samples: {
      scale: randomTensor([4, 1, 1, 1], { seed: 1, mean: 1, stddev: 0.1 }),
      bias: randomTensor([4, 1, 1, 3], { seed: 2 }),
    },
    places: {
      scale: randomTensor([2, 5, 1], { seed: 3, mean: 1, stddev: 0.1 }),
      bias: tensor([[[1]]]),
    },
  };
  const cases: Record<string, BatchNormOptions> = {
    "plain": {},
    "inference": { training: false, activation: "relu" },
    "biased": { fused: false },
    "unbiased, activation": { unbiasedMovingVariance: true, activation: "swish", decay: 0 },
    "weights": { batchWeights: weights },
    "weights, zero debias, activation": {
      batchWeights: weights,
      zeroDebiasMovingMean: true,
      activation: "tanh",
    },
    "zero debias": { zeroDebiasMovingMean: true },
    "renorm": { renorm: true },
    "renorm clipped": { renorm: true, renormClipping: { rmin: 0.9, rmax: 1.1, dmax: 0.2 } },
    "adjusted per channel": { adjustment: adjustments.channels },
    "adjusted per sample, weights": { adjustment: adjustments.samples, batchWeights: weights },
    "adjusted per place, activation": { adjustment: adjustments.places, activation: "elu" },
    "adjusted, renorm": { adjustment: adjustments.samples, renorm: true, activation: "relu6" },
  };
  for (const [what, options] of Object.entries(cases)) {
    itOnEachBackend(`matches the oracle in NHWC: ${what}`, async (runtime) => {
      const x = randomTensor([4, 2, 5, 3], { seed: 111, mean: 3 });
      await compare(x, options, runtime);
    });
  }

  /**
   * Compares a call with and without gamma and beta with the oracle. Unless a case says otherwise half
   * of a new state is the batch's: with the default decay a wrong batch would show as a thousandth.
   */
  async function compare(x: Tensor, given: BatchNormOptions, runtime: Runtime): Promise<void> {
    const options = { decay: 0.5, renormDecay: 0.5, ...given };
    if (options.training !== false && options.decay > 0.5) throw new Error("state would be hidden");
    const channelsAxis = options.dataFormat === "NCHW" ? 1 : x.shape.length - 1;
    const channels = x.shape[channelsAxis];
    const state = someState(channels);
    const gamma = randomTensor([channels], { seed: 112, mean: 1, stddev: 0.2 });
    const beta = randomTensor([channels], { seed: 113 });
    const { batchWeights, zeroDebiasMovingMean, adjustment, activation, training } = options;
    const fused = options.fused !== false && [2, 4].includes(x.shape.length) && !options.renorm &&
      batchWeights === undefined && adjustment === undefined;
    for (const params of [{}, { gamma, beta }]) {
      const expected = oracle(x, state64(state), {
        training,
        decay: options.decay,
        channelsAxis,
        renorm: options.renorm,
        renormClipping: options.renormClipping,
        renormDecay: options.renormDecay,
        weights: batchWeights as number[] | undefined,
        zeroDebias: zeroDebiasMovingMean,
        besselCorrected: options.unbiasedMovingVariance ?? fused,
        adjustment: adjustment as { scale: Tensor; bias: Tensor } | undefined,
        ...("gamma" in params && { gamma: gamma.data, beta: beta.data }),
        ...(activation !== undefined && activation !== "none" && { activation }),
      });
      const { y, state: next } = await batchNorm(x, params, state, { ...options, runtime });
      assertClose(y.data, expected.y.data, BUDGET);
      assertState(next, expected.state);
    }
  }

  const shapes = [[6, 4], [1, 4], [5, 7, 4], [4, 3, 5, 4], [2, 3, 2, 5, 4], [3, 40, 11, 4], [1, 1]];
  for (const shape of shapes) {
    itOnEachBackend(`matches the oracle on (${shape}) in both formats`, async (runtime) => {
      const x = randomTensor(shape, { seed: 121, mean: -4 });
      const batchWeights = Array.from({ length: shape[0] }, (_, i) => i + 0.5);
      const first = transposed(x, channelsFirstOrder(shape.length));
      await compare(x, {}, runtime);
      await compare(x, { batchWeights }, runtime);
      await compare(first, { dataFormat: "NCHW" }, runtime);
      await compare(first, { dataFormat: "NCHW", batchWeights }, runtime);
      await compare(first, { dataFormat: "NCHW", training: false }, runtime);
      await compare(first, { dataFormat: "NCHW", renorm: true }, runtime);
    });
  }

  for (const sizes of [[3, 5], [1, 4, 3, 0], [0, 1, 2, 1, 1, 1, 1, 1]]) {
    itOnEachBackend(
      `of ${sizes.length} parts with merged moments is that of the whole`,
      async (runtime) => {
        const whole = randomTensor([8, 6, 3], { seed: 131, mean: 2 });
        const state = someState(3);
        const options = { decay: 0, unbiasedMovingVariance: true, runtime };
        let start = 0;
        const parts = sizes.map((size) => {
          const data = whole.data.slice(start * 18, (start + size) * 18);
          start += size;
          return tensor(data, [size, 6, 3]);
        });
        const summaries = await Promise.all(parts.map((part) => moments(part, { runtime })));
        const merged = summaries.reduce(mergeMoments);
        const expected = await batchNorm(whole, { gamma: [1, 2, 3] }, state, options);
        const y: number[] = [];
        for (const part of parts) {
          const given = { ...options, moments: merged };
          const result = await batchNorm(part, { gamma: [1, 2, 3] }, state, given);
          y.push(...result.y.data);
          assertState(result.state, state64(expected.state));
        }
        assertClose(y, expected.y.data, 2e-5);
      },
    );
  }

  itOnEachBackend("gives beta for one value, and nothing for an empty batch", async (runtime) => {
    const { state } = initBatchNorm(1);
    const one = await batchNorm(column(1e30), { beta: [3] }, state, { runtime });
    assertEquals([...one.y.data], [3]);
    const none = await batchNorm(tensor(new Float32Array(0), [0, 1]), {}, state, { runtime });
    assertEquals(none, { y: { shape: [0, 1], data: new Float32Array(0) }, state });
  });

  itOnEachBackend("keeps NaN inside its channel", async (runtime) => {
    const x = randomTensor([8, 3], { seed: 141 });
    const state = initBatchNorm(3).state;
    const clean = await batchNorm(x, {}, state, { runtime });
    x.data[4] = NaN; // channel 1
    const poisoned = await batchNorm(x, {}, state, { runtime });
    for (let i = 0; i < x.data.length; i++) {
      if (i % 3 !== 1) assertEquals(poisoned.y.data[i], clean.y.data[i]);
    }
    assertEquals(poisoned.state.movingMean.data[0], clean.state.movingMean.data[0]);
    assertEquals(poisoned.state.movingVariance.data[2], clean.state.movingVariance.data[2]);
  });

  itOnEachBackend("does not see what a weight of 0 hides", async (runtime) => {
    const { state } = initBatchNorm(1);
    const options = { batchWeights: [0, 1, 1], decay: 0, runtime };
    const hidden = await batchNorm(column(1e30, 1, 3), {}, state, options);
    assertClose(hidden.state.movingMean.data, [2], 0);
    assertClose(hidden.state.movingVariance.data, [1], 0);
  });

  itOnEachBackend("calls an adjustment function once per call, with the shape", async (runtime) => {
    const shapes: (readonly number[])[] = [];
    const adjustment = (shape: readonly number[]) => {
      shapes.push(shape);
      return { scale: tensor([2]), bias: tensor([1]) };
    };
    const { state } = initBatchNorm(1);
    const { y } = await batchNorm(column(1, 3), {}, state, { adjustment, epsilon: 0, runtime });
    assertEquals([...y.data], [-1, 3]);
    assertEquals(shapes, [[2, 1]]);
  });
});

describe("initBatchNorm", () => {
  it("gives the references' defaults", () => {
    const zeros = tensor([0, 0]);
    const ones = tensor([1, 1]);
    assertEquals(initBatchNorm(2), {
      params: { beta: zeros },
      state: { movingMean: zeros, movingVariance: ones },
    });
    assertEquals(
      initBatchNorm(2, { scale: true, center: false, renorm: true, zeroDebiasMovingMean: true }),
      {
        params: { gamma: ones },
        state: {
          movingMean: zeros,
          movingVariance: ones,
          debias: { biased: zeros, localStep: tensor(0) },
          renorm: { movingStddev: ones, renormMean: zeros, renormStddev: ones },
        },
      },
    );
  });

  it("derives renorm's state from the initializers", () => {
    const initializers = { movingMean: () => tensor([3]), movingVariance: () => tensor([4]) };
    const { state } = initBatchNorm(1, { renorm: true, initializers });
    assertEquals(state.renorm, {
      movingStddev: tensor([2]),
      renormMean: tensor([3]),
      renormStddev: tensor([2]),
    });
  });
});

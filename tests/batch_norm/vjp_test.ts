import {
  activations,
  type AdjustmentTensors,
  batchNorm,
  type BatchNormCotangents,
  type BatchNormOptions,
  type BatchNormState,
  batchNormVjp,
  initBatchNorm,
  moments,
  pipeline,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose, largest } from "../support/close.ts";
import {
  batchNorm as oracle,
  type BatchNormOptions as OracleOptions,
} from "../oracle/batch_norm.ts";
import { broadcastIndex, coordinatesOf } from "../oracle/array.ts";
import { moments as oracleMoments } from "../oracle/moments.ts";
import { randomTensor } from "../support/random.ts";
import { assertRejected } from "../support/reject.ts";
import { dot, gradientOf, slopeAlong } from "../support/slope.ts";

/** Of the largest cotangent: sums over the batch round some dozens of times. */
const TOLERANCE = 2e-5;

interface Case {
  readonly shape: readonly number[];
  readonly options: BatchNormOptions;
  readonly params?: readonly ("beta" | "gamma")[];
}

/** NHWC in tests is [3, 2, 3, 4], NCHW [3, 4, 2, 3]. */
const adjustment = (
  scale: readonly number[],
  bias: readonly number[],
): AdjustmentTensors => ({
  scale: randomTensor(scale, { seed: 11, mean: 1, stddev: 0.3 }),
  bias: randomTensor(bias, { seed: 12, stddev: 0.3 }),
});
const given = (channels: number) => ({
  count: tensor(20),
  mean: randomTensor([channels], { seed: 13, mean: 0.5, stddev: 0.2 }),
  m2: tensor(Float32Array.from({ length: channels }, (_, c) => 15 + 3 * c)),
});
const NHWC = [3, 2, 3, 4];
const NCHW = [3, 4, 2, 3];
const weights = [0.5, 0, 2];

const CASES: Readonly<Record<string, Case>> = {
  "NHWC": { shape: NHWC, options: {} },
  "NCHW": { shape: NCHW, options: { dataFormat: "NCHW" } },
  "(samples, channels)": { shape: [6, 4], options: {} },
  "NCW": { shape: [3, 4, 5], options: { dataFormat: "NCW" } },
  "NDHWC": { shape: [2, 2, 3, 2, 4], options: {} },
  "beta alone": { shape: NHWC, options: {}, params: ["beta"] },
  "gamma alone": { shape: NHWC, options: {}, params: ["gamma"] },
  "no parameters": { shape: NHWC, options: {}, params: [] },
  ...Object.fromEntries(
    activations.filter((name) => name !== "none").map((activation) => [
      activation,
      { shape: NHWC, options: { activation } },
    ]),
  ),
  "inference": { shape: NHWC, options: { training: false } },
  "inference NCHW with tanh": {
    shape: NCHW,
    options: { training: false, dataFormat: "NCHW", activation: "tanh" },
  },
  "weights": { shape: NHWC, options: { batchWeights: weights } },
  "weights NCHW": { shape: NCHW, options: { batchWeights: weights, dataFormat: "NCHW" } },
  "weights (samples, channels)": { shape: [3, 4], options: { batchWeights: [1, 0.25, 3] } },
  "weights with swish": { shape: NHWC, options: { batchWeights: weights, activation: "swish" } },
  "given moments": { shape: NHWC, options: { moments: given(4) } },
  "given moments NCHW": {
    shape: NCHW,
    options: {
      moments: given(4),
      dataFormat: "NCHW",
    },
  },
  "renorm": { shape: NHWC, options: { renorm: true } },
  "renorm, clipped": {
    shape: NHWC,
    options: { renorm: true, renormClipping: { rmin: 0.8, rmax: 1.2, dmax: 0.3 } },
  },
  "renorm NCHW with elu": {
    shape: NCHW,
    options: { renorm: true, dataFormat: "NCHW", activation: "elu" },
  },
  "renorm without parameters": { shape: NHWC, options: { renorm: true }, params: [] },
  "adjustment of samples": {
    shape: NHWC,
    options: { adjustment: adjustment([3, 1, 1, 1], [3, 1, 1, 1]) },
  },
  "adjustment of samples and channels": {
    shape: NHWC,
    options: { adjustment: adjustment([3, 1, 1, 4], [4]) },
  },
  "adjustment of places": {
    shape: NHWC,
    options: { adjustment: adjustment([2, 3, 1], [3, 2, 3, 4]) },
  },
  "adjustment of everything": { shape: NHWC, options: { adjustment: adjustment([], [1]) } },
  "adjustment NCHW": {
    shape: NCHW,
    options: { adjustment: adjustment([3, 4, 1, 1], [4, 1, 1]), dataFormat: "NCHW" },
  },
  "adjustment (samples, channels)": {
    shape: [6, 4],
    options: { adjustment: adjustment([6, 1], [6, 4]) },
  },
  "adjustment without gamma, with weights": {
    shape: NHWC,
    options: { adjustment: adjustment([3, 1, 1, 1], [3, 1, 1, 1]), batchWeights: weights },
    params: ["beta"],
  },
  "adjustment with renorm and softplus": {
    shape: NHWC,
    options: {
      adjustment: adjustment([3, 1, 1, 1], [3, 1, 1, 4]),
      renorm: true,
      activation: "softplus",
    },
  },
  "adjustment with given moments": {
    shape: NHWC,
    options: { adjustment: adjustment([3, 1, 1, 1], [2, 3, 4]), moments: given(4) },
  },
};

/** The arguments of a case; some of its numbers moved. */
interface Arguments {
  readonly x: ArrayLike<number>;
  readonly beta?: ArrayLike<number>;
  readonly gamma?: ArrayLike<number>;
  readonly weights?: ArrayLike<number>;
  readonly scale?: ArrayLike<number>;
  readonly bias?: ArrayLike<number>;
  readonly mean?: ArrayLike<number>;
  readonly m2?: ArrayLike<number>;
  readonly count?: ArrayLike<number>;
}

const vector = (seed: number, mean: number) =>
  Array.from(randomTensor([4], { seed, mean, stddev: 0.5 }).data);

function stateOf(): BatchNormState<Tensor> {
  const { state } = initBatchNorm(4, { renorm: true });
  const positive = (seed: number) => tensor(vector(seed, 0).map((value) => 1 + value ** 2));
  return {
    movingMean: tensor(vector(21, 0.5)),
    movingVariance: positive(22),
    renorm: { ...state.renorm!, renormMean: tensor(vector(23, 0.4)), renormStddev: positive(24) },
  };
}

/** The loss of a case in float64. Renorm's r and d are those of the unmoved x. */
function lossOf({ shape, options }: Case, unmoved: Tensor, dy: Tensor): (at: Arguments) => number {
  const { movingMean, movingVariance, renorm } = stateOf();
  const state = { movingMean: movingMean.data, movingVariance: movingVariance.data };
  const isLast = !["NCHW", "NCW"].includes(options.dataFormat ?? "NHWC");
  const channelsAxis = isLast ? shape.length - 1 : 1;
  const { epsilon = 1e-3 } = options;
  const others = shape.map((_, axis) => axis).filter((axis) => axis !== channelsAxis);
  const channelShape = shape.map((extent, axis) => axis === channelsAxis ? extent : 1);
  let [r, d] = [new Array(4).fill(1), new Array(4).fill(0)];
  if (options.renorm) {
    const { count, mean, m2 } = oracleMoments(unmoved, others);
    const { rmin = 0, rmax = Infinity, dmax = Infinity } = options.renormClipping ?? {};
    const { renormMean, renormStddev } = renorm!;
    const clip = (value: number, least: number, most: number) =>
      Math.min(Math.max(value, least), most);
    r = r.map((_, c) =>
      clip(Math.sqrt(m2[c] / count[c] + epsilon) / renormStddev.data[c], rmin, rmax)
    );
    d = d.map((_, c) => clip((mean[c] - renormMean.data[c]) / renormStddev.data[c], -dmax, dmax));
  }
  const pair = options.adjustment as AdjustmentTensors | undefined;
  return (at) => {
    const common: OracleOptions = {
      channelsAxis,
      epsilon,
      beta: at.beta,
      gamma: at.gamma,
      activation: options.activation === "none" ? undefined : options.activation,
      training: options.training,
      weights: at.weights,
      moments: at.mean && {
        count: new Array(4).fill(at.count![0]),
        mean: at.mean,
        m2: at.m2!,
      },
    };
    // (x-hat r + d) a + b, over all of x.
    const full = (data: ArrayLike<number>, own: readonly number[]) =>
      Array.from(at.x, (_, i) => data[broadcastIndex(coordinatesOf(i, shape), own)]);
    const a = full(at.scale ?? [1], pair?.scale.shape ?? []);
    const b = full(at.bias ?? [0], pair?.bias.shape ?? []);
    const [fullR, fullD] = [full(r, channelShape), full(d, channelShape)];
    const { y } = oracle({ data: at.x, shape }, state, {
      ...common,
      adjustment: {
        scale: { data: a.map((value, i) => value * fullR[i]), shape },
        bias: { data: b.map((value, i) => value + a[i] * fullD[i]), shape },
      },
    });
    return dot(y.data, dy.data);
  };
}

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assertClose(actual, expected, TOLERANCE * Math.max(1, largest(expected)), what);
}

describe("batchNormVjp", () => {
  for (const [name, test] of Object.entries(CASES)) {
    // Moments that are given, or moving, are about zero.
    const centred = test.options.moments !== undefined || test.options.training === false ||
      test.options.renorm;
    for (const mean of centred ? [0.5] : [0.5, 1000]) {
      itOnEachBackend(`is the slope of ${name} about ${mean}`, async (runtime) => {
        const x = randomTensor(test.shape, { seed: 1, mean });
        const dy = randomTensor(test.shape, { seed: 2, mean: 0.3 });
        const both = { beta: vector(3, 0.1), gamma: vector(4, 1) };
        const params = Object.fromEntries(
          (test.params ?? ["beta", "gamma"]).map((name) => [name, both[name]]),
        );
        const options = { ...test.options, runtime };
        const { y, state, vjp } = await batchNormVjp(x, params, stateOf(), options);
        assertEquals({ y, state }, await batchNorm(x, params, stateOf(), options));
        const cotangents = await vjp(dy);
        const { batchWeights, adjustment, moments } = test.options;
        const pair = adjustment as AdjustmentTensors | undefined;
        const at: Arguments = {
          x: x.data,
          ...params,
          ...(batchWeights && { weights: batchWeights as number[] }),
          ...(pair && { scale: pair.scale.data, bias: pair.bias.data }),
          ...(moments && {
            mean: (moments.mean as Tensor).data,
            m2: (moments.m2 as Tensor).data,
            count: moments.count.data,
          }),
        };
        const loss = lossOf(test, x, dy);
        const found: Record<keyof Arguments, Tensor | undefined> = {
          x: cotangents.x,
          beta: cotangents.params.beta,
          gamma: cotangents.params.gamma,
          weights: cotangents.batchWeights,
          scale: cotangents.adjustment?.scale,
          bias: cotangents.adjustment?.bias,
          mean: cotangents.moments?.mean,
          m2: cotangents.moments?.m2,
          count: cotangents.moments?.count,
        };
        for (const [name, tensor] of Object.entries(found) as [keyof Arguments, Tensor][]) {
          assertEquals(tensor !== undefined, at[name] !== undefined, name);
          if (tensor === undefined) continue;
          const slopes = gradientOf((moved) => loss({ ...at, [name]: moved }), at[name]!);
          close(tensor.data, slopes, name);
        }
        assertEquals(cotangents.x.shape, [...test.shape]);
        if (pair) {
          assertEquals(cotangents.adjustment!.scale.shape, [...pair.scale.shape]);
          assertEquals(cotangents.adjustment!.bias.shape, [...pair.bias.shape]);
        }
      });
    }
  }

  for (const dataFormat of ["NHWC", "NCHW"] as const) {
    const shape = dataFormat === "NHWC" ? [4, 33, 32, 4] : [4, 4, 33, 32];
    itOnEachBackend(
      `is the slope of a large batch along a direction, ${dataFormat}`,
      async (runtime) => {
        const [x, dy] = [
          randomTensor(shape, { seed: 1, mean: 7 }),
          randomTensor(shape, { seed: 2 }),
        ];
        const params = { beta: vector(3, 0.1), gamma: vector(4, 1) };
        const { vjp } = await batchNormVjp(x, params, stateOf(), { dataFormat, runtime });
        const way = randomTensor(shape, { seed: 5 });
        const loss = lossOf({ shape, options: { dataFormat } }, x, dy);
        const slope = slopeAlong((moved) => loss({ ...params, x: moved }), x.data, way.data);
        const along = dot((await vjp(dy)).x.data, way.data);
        assertClose([along], [slope], TOLERANCE * Math.sqrt(x.data.length), "x");
      },
    );
  }

  itOnEachBackend("has no part along 1 and x-hat in any channel", async (runtime) => {
    for (const mean of [0, 1000]) {
      const shape = [6, 5, 5, 3];
      const [x, dy] = [randomTensor(shape, { mean }), randomTensor(shape, { seed: 2, mean: 1 })];
      const { state } = initBatchNorm(3);
      const { y, vjp } = await batchNormVjp(x, {}, state, { epsilon: 1e-12, runtime });
      const { data } = (await vjp(dy)).x;
      const [ones, along, sizes] = [0, 1, 2].map(() => new Float64Array(3));
      data.forEach((value, i) => {
        ones[i % 3] += value;
        along[i % 3] += value * y.data[i];
        sizes[i % 3] += Math.abs(value);
      });
      for (let c = 0; c < 3; c++) {
        assertClose([ones[c], along[c]], [0, 0], 1e-6 * sizes[c], `channel ${c} about ${mean}`);
      }
    }
  });

  itOnEachBackend("goes through moments of several batches in a pipeline", async (runtime) => {
    // What a replica does: moments of all, cotangents of its own part.
    const [x, dy] = [randomTensor([6, 4], { mean: 3 }), randomTensor([6, 4], { seed: 2 })];
    const { state } = initBatchNorm(4);
    const step = pipeline((ops, { x, dy }: { x: Tensor; dy: Tensor }) => {
      const { count, mean, m2 } = ops.moments(x);
      const { y, vjp } = ops.batchNormVjp(x, {}, state, { moments: { count, mean, m2 } });
      const back = vjp(dy);
      // d mean = dx / n, d m2 = 2 (x - mean) dx.
      const through = ops.add(
        ops.scale(back.moments!.mean, 1 / 6),
        ops.scale(ops.mul(ops.sub(x, mean), back.moments!.m2), 2),
      );
      return { y, x: ops.add(back.x, through) };
    }, { runtime });
    const both = await step({ x, dy });
    const { y, vjp } = await batchNormVjp(x, {}, state, { runtime });
    close(both.y.data, y.data, "y");
    close(both.x.data, (await vjp(dy)).x.data, "x");
  });

  itOnEachBackend("calls an adjustment once for both ways", async (runtime) => {
    const x = randomTensor([3, 4], { seed: 1 });
    const dy = randomTensor([3, 4], { seed: 2 });
    let calls = 0;
    const options = {
      adjustment: ([samples]: readonly number[]): AdjustmentTensors => {
        calls++;
        return adjustment([samples, 1], [samples, 1]);
      },
      runtime,
    };
    const { state } = initBatchNorm(4);
    const { y, vjp } = await batchNormVjp(x, {}, state, options);
    const back = await vjp(dy);
    assertEquals(calls, 1);
    const fixed = { runtime, adjustment: adjustment([3, 1], [3, 1]) };
    const other = await batchNormVjp(x, {}, state, fixed);
    assertEquals([y, back], [other.y, await other.vjp(dy)]);
    const step = pipeline(
      (ops, { x, dy }: { x: Tensor; dy: Tensor }) =>
        ops.batchNormVjp(x, {}, state, { adjustment: options.adjustment }).vjp(dy),
      { runtime },
    );
    calls = 0;
    for (let i = 0; i < 3; i++) assertEquals(await step({ x, dy }), back);
    assertEquals(calls, 3);
  });

  itOnEachBackend("gives what inference does not look at no cotangent", async (runtime) => {
    const x = randomTensor([3, 4], { seed: 1 });
    const boom = () => {
      throw new Error("called");
    };
    const options = { training: false, batchWeights: [1, 2, 3], adjustment: boom, runtime };
    const { vjp } = await batchNormVjp(x, {}, initBatchNorm(4).state, options);
    assertEquals(Object.keys(await vjp(x)), ["x", "params"]);
  });

  it("refuses adjustments that are none, as batchNorm does", async () => {
    const x = randomTensor([3, 4], { seed: 1 });
    const { state } = initBatchNorm(4);
    const options = { adjustment: () => undefined as unknown as AdjustmentTensors };
    const message = "Cannot apply batchNorm: adjustment must be an object, got undefined";
    await assertRejected(() => batchNorm(x, {}, state, options), TypeError, message);
    await assertRejected(() => batchNormVjp(x, {}, state, options), TypeError, message);
  });

  itOnEachBackend("gives zeros for an empty batch", async (runtime) => {
    const empty = tensor(new Float32Array(0), [0, 2, 4]);
    const { params, state } = initBatchNorm(4, { scale: true });
    const { y, vjp, ...rest } = await batchNormVjp(empty, params, state, { runtime });
    const nothing = tensor([0, 0, 0, 0]);
    assertEquals([y, rest.state], [empty, state]);
    const expected: BatchNormCotangents = { x: empty, params: { beta: nothing, gamma: nothing } };
    assertEquals(await vjp(empty), expected);
  });

  itOnEachBackend("keeps its own copies", async (runtime) => {
    const [x, dy] = [randomTensor([3, 4], { seed: 1 }), randomTensor([3, 4], { seed: 2 })];
    const weights = Float32Array.of(1, 2, 3);
    const { state } = initBatchNorm(4);
    const { vjp } = await batchNormVjp(x, {}, state, { batchWeights: weights, runtime });
    const first = await vjp(dy);
    x.data.fill(NaN);
    weights.fill(NaN);
    assertEquals(await vjp(dy), first);
  });

  it("refuses what batchNorm refuses, and a cotangent of another shape", async () => {
    const { state } = initBatchNorm(2);
    const x = tensor([[1, 2], [3, 4]]);
    await assertRejected(
      () => batchNormVjp(x, {}, state, { decay: 2 }),
      RangeError,
      "Cannot apply batchNorm: decay must be from 0 to 1, got 2",
    );
    const { vjp } = await batchNormVjp(x, {}, state);
    await assertRejected(
      () => vjp(tensor([[1, 2]])),
      TypeError,
      "Cannot pull back batchNorm: dy must have shape (2, 2), got (1, 2)",
    );
    const { count } = await moments(x);
    assertEquals(count, tensor(2));
  });
});

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  allMergeMoments,
  allReduceTree,
  batchNorm,
  type BatchNormOptions,
  type BatchNormState,
  batchNormVjp,
  initBatchNorm,
  type Moments,
  type ReplicaGroup,
  runReplicas,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { activate } from "../oracle/activations.ts";
import { batchNorm as oracle, type BatchNormState64 } from "../oracle/batch_norm.ts";
import { batchNormVjp as oracleVjp } from "../oracle/batch_norm_vjp.ts";
import { moments as oracleMoments } from "../oracle/moments.ts";
import { joined, split, SPLITS, summed } from "../replicas/parts.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose, largest } from "../support/close.ts";
import { pipeline } from "../support/eagerly.ts";
import { randomTensor } from "../support/random.ts";

/** Of the largest: deviations are right to 1e-7 of the spread, and rounded some times more. */
const TOLERANCE = 5e-6;
/** Of the largest cotangent: sums over the batch round some dozens of times. */
const BACK = 2e-5;

const EPSILON = 1e-3;
const WEIGHTS = [0.5, 0, 2, 1, 0, 3, 0.25];

interface Case {
  readonly shape: readonly number[];
  readonly channelsAxis: number;
  readonly options?: BatchNormOptions;
  readonly weights?: readonly number[];
  readonly adjustment?: readonly [readonly number[], readonly number[]];
  readonly bare?: boolean;
}

const CASES: Record<string, Case> = {
  "NHWC": { shape: [7, 2, 3, 4], channelsAxis: 3 },
  "NCHW": { shape: [7, 4, 2, 3], channelsAxis: 1, options: { dataFormat: "NCHW" } },
  "(samples, channels)": { shape: [7, 4], channelsAxis: 1 },
  "NCDHW": { shape: [7, 4, 2, 1, 3], channelsAxis: 1, options: { dataFormat: "NCDHW" } },
  "NDHWC": { shape: [7, 2, 1, 3, 4], channelsAxis: 4, options: { dataFormat: "NDHWC" } },
  "NCW": { shape: [7, 4, 5], channelsAxis: 1, options: { dataFormat: "NCW" } },
  "NWC without parameters": { shape: [7, 5, 4], channelsAxis: 2, bare: true },
  "weights": { shape: [7, 2, 3, 4], channelsAxis: 3, weights: WEIGHTS },
  "weights NCHW": {
    shape: [7, 4, 2, 3],
    channelsAxis: 1,
    weights: WEIGHTS,
    options: { dataFormat: "NCHW" },
  },
  "renorm": { shape: [7, 2, 3, 4], channelsAxis: 3, options: { renorm: true } },
  "renorm, clipped": {
    shape: [7, 2, 3, 4],
    channelsAxis: 3,
    options: { renorm: true, renormClipping: { rmin: 0.8, rmax: 1.2, dmax: 0.3 } },
  },
  "zero debias": { shape: [7, 2, 3, 4], channelsAxis: 3, options: { zeroDebiasMovingMean: true } },
  "adjustment": {
    shape: [7, 2, 3, 4],
    channelsAxis: 3,
    adjustment: [[7, 1, 1, 4], [2, 3, 1]],
  },
  "swish": { shape: [7, 2, 3, 4], channelsAxis: 3, options: { activation: "swish" } },
};

/** What is fed into every replica of a case. */
function inputsOf({ shape, weights, adjustment, options, bare }: Case, mean: number) {
  const vector = (seed: number, mean: number) => randomTensor([4], { seed, mean, stddev: 0.3 });
  const { state } = initBatchNorm(4, {
    renorm: options?.renorm ?? false,
    zeroDebiasMovingMean: options?.zeroDebiasMovingMean ?? false,
  });
  return {
    x: randomTensor(shape, { seed: 1, mean }),
    dy: randomTensor(shape, { seed: 2, mean: 0.3 }),
    params: bare ? {} : { beta: vector(3, 0.1), gamma: vector(4, 1) },
    state: { ...state, movingMean: vector(5, mean) } as BatchNormState<Tensor>,
    weights: weights && tensor(weights),
    scale: adjustment && randomTensor(adjustment[0], { seed: 6, mean: 1, stddev: 0.3 }),
    bias: adjustment && randomTensor(adjustment[1], { seed: 7, stddev: 0.3 }),
  };
}

type Inputs = ReturnType<typeof inputsOf>;

/** The state of a test as the oracle takes it. */
function stateOf({ movingMean, movingVariance, debias, renorm }: BatchNormState<Tensor>) {
  return {
    movingMean: movingMean.data,
    movingVariance: movingVariance.data,
    ...(debias && {
      debias: { biased: debias.biased.data, localStep: debias.localStep.data[0] },
    }),
    ...(renorm && {
      renorm: {
        movingStddev: renorm.movingStddev.data,
        renormMean: renorm.renormMean.data,
        renormStddev: renorm.renormStddev.data,
      },
    }),
  } satisfies BatchNormState64;
}

/** What the whole batch gives in float64. */
function expectedOf({ channelsAxis, options = {}, shape }: Case, inputs: Inputs) {
  const { x, dy, params: { beta, gamma }, scale, bias, weights } = inputs;
  const state = stateOf(inputs.state);
  const pair = scale && bias && { scale, bias };
  const common = {
    channelsAxis,
    epsilon: EPSILON,
    beta: beta?.data,
    gamma: gamma?.data,
    weights: weights?.data,
    adjustment: pair,
    renorm: options.renorm,
    renormClipping: options.renormClipping,
    zeroDebias: options.zeroDebiasMovingMean,
    decay: 0.9,
    // The defaults of TensorFlow 1.15: only its fused kernel, for ranks 2 and 4.
    besselCorrected: (shape.length === 2 || shape.length === 4) && !options.renorm && !weights &&
      !pair,
  };
  const activation = options.activation === "swish" ? "swish" as const : undefined;
  const { y, state: next } = oracle(x, state, { ...common, activation });
  const others = shape.map((_, axis) => axis).filter((axis) => axis !== channelsAxis);
  const { count, mean, m2 } = oracleMoments(x, others, { weights: weights?.data });
  const variance = m2.map((sum, c) => sum / count[c]);
  // r and d come out of a step that normalises the mean and the mean plus one deviation.
  const correction = options.renorm ? correctionOf(mean, variance, state, options) : undefined;
  const z = oracle(x, state, common).y.data;
  const h = 1e-5;
  const slope = (v: number) =>
    (activate(v + h, activation) - activate(v - h, activation)) / (2 * h);
  const g = Array.from(z, (value, i) => dy.data[i] * (activation === undefined ? 1 : slope(value)));
  const back = oracleVjp(x, g, {
    mean,
    variance,
    epsilon: EPSILON,
    channelsAxis,
    gamma: gamma?.data,
    own: true,
    weights: weights?.data,
    correction,
    adjustment: pair,
  });
  return { y: y.data, state: next, back };
}

function correctionOf(
  mean: Float64Array,
  variance: Float64Array,
  state: BatchNormState64,
  { renormClipping: { rmin = 0, rmax = Infinity, dmax = Infinity } = {} }: BatchNormOptions,
) {
  const { renormMean, renormStddev } = state.renorm!;
  const clip = (value: number, least: number, most: number) =>
    Math.min(Math.max(value, least), most);
  const floor = (c: number) => Math.max(renormStddev[c], Math.sqrt(EPSILON));
  return {
    r: variance.map((v, c) => clip(Math.sqrt(v + EPSILON) / floor(c), rmin, rmax)),
    d: mean.map((m, c) => clip((m - renormMean[c]) / floor(c), -dmax, dmax)),
  };
}

describe("batchNorm over replicas", () => {
  for (const [name, test] of Object.entries(CASES)) {
    itOnEachBackend(`is that of the whole batch: ${name}`, async (runtime) => {
      // A software driver compiles each plan for a second: one mean and one split will do there.
      const slow = runtime.backend === "webgpu";
      for (const mean of slow ? [1e3] : [0, 1e3, -4e4]) {
        const inputs = inputsOf(test, mean);
        const expected = expectedOf(test, inputs);
        for (const sizes of slow ? SPLITS.slice(1, 2) : SPLITS) {
          const part = (x: Tensor | undefined) => x && split(x, sizes);
          const xs = part(inputs.x)!;
          const dys = part(inputs.dy)!;
          const weights = part(inputs.weights);
          const scales = part(inputs.scale);
          const biases = part(inputs.bias);
          const found = await runReplicas(sizes.length, async (group) => {
            const { rank } = group;
            const options = {
              ...test.options,
              decay: 0.9,
              ...(weights && { batchWeights: weights[rank] }),
              ...(scales && { adjustment: { scale: scales[rank], bias: biases![rank] } }),
              replicas: group,
              runtime,
            };
            const { params, state } = inputs;
            const { y, state: next, vjp } = await batchNormVjp(xs[rank], params, state, options);
            assertEquals({ y, state: next }, await batchNorm(xs[rank], params, state, options));
            return { y, state: next, back: await vjp(dys[rank]) };
          });
          const what = `of ${sizes} at ${mean}`;
          const of = (pick: (one: typeof found[number]) => Tensor | undefined) =>
            found.map((one) => pick(one)!);
          const close = (
            actual: ArrayLike<number>,
            wanted: ArrayLike<number>,
            tolerance: number,
            label: string,
          ) => assertClose(actual, wanted, tolerance * Math.max(1, largest(wanted)), label);
          close(joined(of(({ y }) => y)), expected.y, TOLERANCE, `y ${what}`);
          for (const { state } of found) assertEquals(state, found[0].state, `state ${what}`);
          assertStates(found[0].state, expected.state, what);
          const { back } = expected;
          close(joined(of(({ back }) => back.x)), back.dx, BACK, `dx ${what}`);
          if (!test.bare) {
            close(summed(of(({ back }) => back.params.beta)), back.dBeta, BACK, `beta ${what}`);
            close(summed(of(({ back }) => back.params.gamma)), back.dGamma, BACK, `gamma ${what}`);
          }
          if (weights) {
            const all = joined(of(({ back }) => back.batchWeights));
            close(all, back.dWeights, BACK, `weights ${what}`);
          }
          if (scales) {
            close(
              joined(of(({ back }) => back.adjustment?.scale)),
              back.dScale,
              BACK,
              `scale ${what}`,
            );
            close(
              summed(of(({ back }) => back.adjustment?.bias)),
              back.dBias,
              BACK,
              `bias ${what}`,
            );
          }
        }
      }
    });
  }

  itOnEachBackend("in a group of one is batchNorm, bit for bit", async (runtime) => {
    const cases = Object.values(CASES);
    for (const test of runtime.backend === "webgpu" ? cases.slice(0, 1) : cases) {
      const { x, dy, params, state, weights, scale, bias } = inputsOf(test, 1e3);
      const options = {
        ...test.options,
        ...(weights && { batchWeights: weights }),
        ...(scale && { adjustment: { scale, bias: bias! } }),
        runtime,
      };
      const alone = await batchNormVjp(x, params, state, options);
      const [found] = await runReplicas(1, async (replicas) => {
        const all = { ...options, replicas };
        const { y, state: next, vjp } = await batchNormVjp(x, params, state, all);
        assertEquals(await batchNorm(x, params, state, all), { y, state: next });
        return { y, state: next, back: await vjp(dy) };
      });
      assertEquals(found.y, alone.y);
      assertEquals(found.state, alone.state);
      assertEquals(found.back, await alone.vjp(dy));
    }
  });

  itOnEachBackend("can be cut by hand out of a pipeline", async (runtime) => {
    const { x, dy, params, state } = inputsOf(CASES["NHWC"], 1e3);
    const sizes = SPLITS[0];
    const xs = split(x, sizes);
    const dys = split(dy, sizes);
    interface Part {
      readonly x: Tensor;
      readonly dy: Tensor;
      readonly moments: Moments;
    }
    const before = pipeline((ops, x: Tensor) => ops.moments(x), { runtime });
    const middle = pipeline((ops, { x, dy, moments }: Part) => {
      const { y, state: next, vjp } = ops.batchNormVjp(x, params, state, { moments });
      return { y, state: next, back: vjp(dy) };
    }, { runtime });
    const after = pipeline((ops, { x, dx, totals, moments }: {
      readonly x: Tensor;
      readonly dx: Tensor;
      readonly totals: { readonly mean: Tensor; readonly m2: Tensor };
      readonly moments: Moments;
    }) => ops.add(dx, ops.momentsVjp(x).vjp(totals, moments).x), { runtime });
    await runReplicas(sizes.length, async (group) => {
      const part = { x: xs[group.rank], dy: dys[group.rank] };
      const moments = await allMergeMoments(group, await before(part.x));
      const { y, state: next, back } = await middle({ ...part, moments });
      const { mean, m2 } = await allReduceTree(group, back.moments!);
      const dx = await after({ x: part.x, dx: back.x, totals: { mean, m2 }, moments });
      const whole = await batchNormVjp(part.x, params, state, { replicas: group, runtime });
      assertEquals({ y, state: next }, { y: whole.y, state: whole.state });
      const expected = (await whole.vjp(part.dy)).x.data;
      assertClose(dx.data, expected, BACK * largest(expected), "dx");
    });
  });

  itOnEachBackend("leaves nothing in a scope but its results", async (runtime) => {
    const { params, state } = initBatchNorm(4096);
    using scope = runtime.scope();
    const x = [1, 2].map((seed) => scope.put(randomTensor([2, 4096], { seed })));
    let afterThree = 0;
    for (let call = 0; call < 20; call++) {
      await runReplicas(2, async (replicas) => {
        const own = x[replicas.rank];
        const found = await batchNormVjp(own, params, state, { replicas, runtime: scope });
        const back = await found.vjp(own);
        const { movingMean, movingVariance } = found.state;
        for (const one of [found.y, movingMean, movingVariance, back.x, back.params.beta]) {
          one[Symbol.dispose]();
        }
      });
      if (call === 2) afterThree = runtime.stats().bytesHeld;
    }
    assertEquals(runtime.stats().bytesHeld, afterThree);
  });

  it("takes more channels than a call takes arguments", async () => {
    const channels = 200_000;
    const { params, state } = initBatchNorm(channels);
    const rows = [1, 3].map((value) =>
      tensor(new Float32Array(channels).fill(value), [1, channels])
    );
    await runReplicas(2, async (replicas) => {
      const x = rows[replicas.rank];
      const options = { replicas, decay: 0 };
      const { state: next, vjp } = await batchNormVjp(x, params, state, options);
      assertEquals(next.movingMean.data[channels - 1], 2);
      assertEquals((await vjp(x)).x.data.length, channels);
    });
  });

  it("does nothing where all parts are empty", async () => {
    const { params, state } = initBatchNorm(2);
    const none = tensor(new Float32Array(0), [0, 2]);
    await runReplicas(3, async (replicas) => {
      const found = await batchNormVjp(none, params, state, { replicas });
      assertEquals(found.y, none);
      assertEquals(found.state, (await batchNorm(none, params, state)).state);
      assertEquals((await found.vjp(none)).x, none);
    });
  });

  it("meets nobody in inference", async () => {
    const { params, state } = initBatchNorm(2);
    const x = tensor([[1, 2], [3, 4]]);
    const options = { training: false } as const;
    await runReplicas(2, async (replicas) => {
      if (replicas.rank === 0) return;
      const found = await batchNorm(x, params, state, { ...options, replicas });
      assertEquals(found, await batchNorm(x, params, state, options));
    });
  });

  it("takes calls that are made together in the order in which they were made", async () => {
    const { params, state } = initBatchNorm(1);
    await runReplicas(2, async (replicas) => {
      // The first call of replica 0 is the longer one, and so is the second of replica 1.
      const rows = replicas.rank === 0 ? [4000, 1] : [1, 4000];
      const both = await Promise.all(
        rows.map((count, i) =>
          batchNorm(tensor(new Float32Array(count).fill(i + 1), [count, 1]), params, state, {
            replicas,
            decay: 0,
          })
        ),
      );
      assertEquals(both.map(({ state }) => state.movingMean.data[0]), [1, 2]);
    });
  });
});

/** States with as many numbers, each right to the tolerance. */
function assertStates(
  { movingMean, movingVariance, renorm, debias }: BatchNormState<Tensor>,
  expected: BatchNormState64,
  what: string,
): void {
  const close = (actual: Tensor, wanted: ArrayLike<number>, name: string) =>
    assertClose(actual.data, wanted, TOLERANCE * Math.max(1, largest(wanted)), `${name} ${what}`);
  close(movingMean, expected.movingMean, "movingMean");
  close(movingVariance, expected.movingVariance, "movingVariance");
  assertEquals(renorm !== undefined, expected.renorm !== undefined);
  if (renorm !== undefined) {
    close(renorm.renormMean, expected.renorm!.renormMean, "renormMean");
    close(renorm.renormStddev, expected.renorm!.renormStddev, "renormStddev");
    close(renorm.movingStddev, expected.renorm!.movingStddev, "movingStddev");
  }
  assertEquals(debias !== undefined, expected.debias !== undefined);
  if (debias !== undefined) {
    close(debias.biased, expected.debias!.biased, "biased");
    assertEquals(debias.localStep.data[0], expected.debias!.localStep);
  }
}

describe("replicas that do not fit", () => {
  const { params, state } = initBatchNorm(2);
  const x = tensor([[1, 2], [3, 5]]);

  /** What each of three replicas says, of which replica 1 does something else. */
  async function saidOf(run: (group: ReplicaGroup) => Promise<unknown>): Promise<string[]> {
    const said: string[] = [];
    await runReplicas(3, async (group) => {
      said[group.rank] = await run(group).then(() => "nothing", (error) => error.message);
    });
    return said;
  }

  it("are all refused for options that differ, by their names", async () => {
    const said = await saidOf((replicas) =>
      batchNorm(x, params, state, { replicas, decay: replicas.rank === 1 ? 0.5 : 0.9 })
    );
    const text = "Cannot apply batchNorm: all replicas must make the same call, got decay 0.9 on " +
      "replica 0 and decay 0.5 on replica 1";
    assertEquals(said, [text, text, text]);
  });

  it("are all refused for other channels", async () => {
    const three = initBatchNorm(3);
    const said = await saidOf((replicas) =>
      replicas.rank === 1
        ? batchNorm(tensor([[1, 2, 3]]), three.params, three.state, { replicas })
        : batchNorm(x, params, state, { replicas })
    );
    const text =
      "Cannot apply batchNorm: all replicas must make the same call, got channels 2 on " +
      "replica 0 and channels 3 on replica 1";
    assertEquals(said, [text, text, text]);
  });

  it("are all refused where the arguments of one are wrong", async () => {
    const own = "Cannot apply batchNorm: decay must be from 0 to 1, got 2";
    const said = await saidOf((replicas) =>
      batchNorm(x, params, state, { replicas, decay: replicas.rank === 1 ? 2 : 0.9 })
    );
    const others =
      `Cannot apply batchNorm: every replica must come through, got on replica 1: ${own}`;
    assertEquals(said, [others, own, others]);
  });

  it("are all refused where a cotangent is wrong", async () => {
    const own = "Cannot pull back batchNorm: dy must have shape (2, 2), got (2,)";
    const said = await saidOf(async (replicas) => {
      const { vjp } = await batchNormVjp(x, params, state, { replicas });
      await vjp(replicas.rank === 1 ? tensor([1, 2]) : x);
    });
    const others =
      `Cannot pull back batchNorm: every replica must come through, got on replica 1: ${own}`;
    assertEquals(said, [others, own, others]);
  });

  it("are all refused where one has an argument too many on the way back", async () => {
    const own = "Cannot pull back batchNorm: arguments must be at most 1, got 2";
    const said = await saidOf(async (replicas) => {
      const { vjp } = await batchNormVjp(x, params, state, { replicas });
      await (vjp as (...args: unknown[]) => Promise<unknown>)(
        x,
        ...(replicas.rank === 1 ? [1] : []),
      );
    });
    assertEquals(said[1], own);
    assertEquals(said[0].endsWith(own), true);
    assertEquals(said[0], said[2]);
  });

  it("are all refused where only one has an adjustment, or weights", async () => {
    const adjustment = { scale: x, bias: x };
    const options: [string, BatchNormOptions][] = [
      ["adjustment", { adjustment }],
      ["batchWeights", { batchWeights: [1, 2], unbiasedMovingVariance: false }],
    ];
    for (const [name, more] of options) {
      const plain = { unbiasedMovingVariance: false };
      const said = await saidOf((replicas) =>
        batchNorm(x, params, state, { ...plain, ...(replicas.rank === 1 && more), replicas })
      );
      const text = "Cannot apply batchNorm: all replicas must make the same call, got " +
        `${name} false on replica 0 and ${name} true on replica 1`;
      assertEquals(said, [text, text, text]);
    }
  });

  it("are all refused where an adjustment does not fit, before any has a result", async () => {
    const scale = tensor([1, 1, 1]);
    const said = await saidOf((replicas) =>
      batchNorm(x, params, state, {
        replicas,
        adjustment: replicas.rank === 1 ? { scale, bias: scale } : { scale: x, bias: x },
      })
    );
    const own = "Cannot apply batchNorm: adjustment.scale must broadcast to shape (2, 2), got (3,)";
    assertEquals(said[1], own);
    assertEquals(said[0], said[2]);
    assertEquals(said[0].endsWith(own), true);
  });

  it("are refused together for weights without a sum", async () => {
    const said = await saidOf((replicas) =>
      batchNorm(x, params, state, { replicas, batchWeights: [0, 0] })
    );
    const text =
      "Cannot apply batchNorm: batchWeights must have a sum > 0 over all replicas, got 0";
    assertEquals(said, [text, text, text]);
  });

  it("are all rejected where one throws", async () => {
    const said: string[] = [];
    const all = runReplicas(3, async (replicas) => {
      if (replicas.rank === 1) throw new Error("out of samples");
      await batchNorm(x, params, state, { replicas }).catch((error) => {
        said.push(error.message);
        throw error;
      });
    });
    const text = await all.then(() => "nothing", (error) => error.message);
    assertEquals(text, "out of samples");
    const ended = "Cannot meet the other replicas: all must come to each call, got replica 1 ended";
    assertEquals(said, [ended, ended]);
  });

  it("are refused for what is no group, or with moments", async () => {
    const refused = async (options: object) =>
      await batchNorm(x, params, state, options).then(() => "nothing", (error) => error.message);
    assertEquals(
      await refused({ replicas: 3 }),
      "Cannot apply batchNorm: replicas must be a group { rank, size, allGather, allReduce } with a " +
        "rank from 0 to below size, got 3",
    );
    const moments = { count: tensor(1), mean: tensor([1, 2]), m2: tensor([1, 2]) };
    await runReplicas(1, async (replicas) => {
      assertEquals(
        await refused({ replicas, moments }),
        "Cannot apply batchNorm: moments must not be combined with replicas, got both",
      );
    });
  });

  it("are refused inside a pipeline, with the way around", async () => {
    await runReplicas(2, async (replicas) => {
      const step = pipeline((ops, x: Tensor) => ops.batchNorm(x, params, state, { replicas }).y);
      const text = await step(x).then(() => "nothing", (error) => error.message);
      assertEquals(
        text,
        "Cannot trace a pipeline: replicas must not be given inside of one, which runs in one go, got a " +
          "group; end one pipeline with ops.moments(x), merge these by allMergeMoments(group, moments), " +
          "and begin the next with ops.batchNorm(x, params, state, { moments })",
      );
    });
  });
});

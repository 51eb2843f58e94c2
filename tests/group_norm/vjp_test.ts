import {
  activations,
  groupNorm,
  type GroupNormOptions,
  groupNormVjp,
  instanceNorm,
  instanceNormVjp,
  layerNorm,
  layerNormVjp,
  type NormParams,
  type NormVjp,
  type Runtime,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose, largest } from "../support/close.ts";
import { groupNorm as groupOracle, layerNorm as layerOracle } from "../oracle/group_norm.ts";
import { pipeline } from "../support/eagerly.ts";
import { randomTensor } from "../support/random.ts";
import { assertRejected } from "../support/reject.ts";
import { dot, gradientOf, slopeAlong } from "../support/slope.ts";

/** Of the largest cotangent: sums over sets, and again over channels, round some dozens of times. */
const TOLERANCE = 2e-5;

interface Case {
  readonly shape: readonly number[];
  /** How many numbers beta and gamma have; 0 for a norm without them. */
  readonly params: number;
  readonly op: (x: Tensor, params: NormParams, runtime: Runtime) => Promise<Tensor>;
  readonly vjp: (x: Tensor, params: NormParams, runtime: Runtime) => Promise<NormVjp>;
  readonly oracle: (
    x: { data: ArrayLike<number>; shape: readonly number[] },
    params: { beta?: ArrayLike<number>; gamma?: ArrayLike<number> },
  ) => { data: Float64Array };
}

function grouped(
  shape: readonly number[],
  options: GroupNormOptions & { readonly groups: number },
  params = shape.at(options.channelsAxis ?? (options.dataFormat === "NCHW" ? 1 : -1))!,
): Case {
  const { groups, epsilon, meanCloseToZero } = options;
  const activation = options.activation === "none" ? undefined : options.activation;
  const sets = { groups, epsilon, meanCloseToZero, activation };
  const channelsAxis = options.channelsAxis ?? (options.dataFormat === "NCHW" ? 1 : -1);
  const channels = channelsAxis < 0 ? shape.length + channelsAxis : channelsAxis;
  const reductionAxes = options.reductionAxes ??
    shape.map((_, axis) => axis).filter((axis) => axis !== 0 && axis !== channels);
  return {
    shape,
    params,
    op: (x, params, runtime) => groupNorm(x, params, { ...options, runtime }),
    vjp: (x, params, runtime) => groupNormVjp(x, params, { ...options, runtime }),
    oracle: (x, params) => groupOracle(x, { ...sets, channelsAxis, reductionAxes, ...params }),
  };
}

function instances(shape: readonly number[], dataFormat: "NHWC" | "NCHW"): Case {
  const channelsAxis = dataFormat === "NHWC" ? shape.length - 1 : 1;
  const groups = shape[channelsAxis];
  return {
    ...grouped(shape, { groups, dataFormat }),
    op: (x, params, runtime) => instanceNorm(x, params, { dataFormat, runtime }),
    vjp: (x, params, runtime) => instanceNormVjp(x, params, { dataFormat, runtime }),
  };
}

function layers(shape: readonly number[], axes: readonly number[], params?: number): Case {
  const inner = axes.map((axis) => shape.at(axis)!);
  const options = { axes, epsilon: 1e-4 };
  const shaped = ({ beta, gamma }: NormParams) => ({
    ...(beta && { beta: tensor(Float32Array.from(beta as number[]), inner) }),
    ...(gamma && { gamma: tensor(Float32Array.from(gamma as number[]), inner) }),
  });
  return {
    shape,
    params: params ?? inner.reduce((n, extent) => n * extent, 1),
    op: (x, params, runtime) => layerNorm(x, shaped(params), { ...options, runtime }),
    vjp: (x, params, runtime) => layerNormVjp(x, shaped(params), { ...options, runtime }),
    oracle: (x, params) => layerOracle(x, { ...options, ...params }),
  };
}

const CASES: Readonly<Record<string, Case>> = {
  "groupNorm NHWC": grouped([2, 3, 2, 6], { groups: 3 }),
  "groupNorm NCHW": grouped([2, 6, 3, 2], { groups: 2, dataFormat: "NCHW" }),
  "groupNorm NWC": grouped([2, 5, 4], { groups: 2 }),
  "groupNorm NCDHW": grouped([2, 4, 2, 3, 2], { groups: 2, channelsAxis: 1 }),
  "groupNorm (samples, channels)": grouped([3, 12], { groups: 4 }),
  "groupNorm of two groups of whole lanes": grouped([3, 64], { groups: 2 }),
  "groupNorm of one group": grouped([3, 2, 8], { groups: 1 }),
  "groupNorm over the batch as well": grouped([3, 4, 4], { groups: 2, reductionAxes: [0, 1] }),
  "groupNorm over one of two axes": grouped([2, 3, 4, 4], { groups: 2, reductionAxes: [2] }),
  "groupNorm with channels between": grouped([2, 3, 4, 5], {
    groups: 2,
    channelsAxis: 2,
    reductionAxes: [3],
  }),
  "groupNorm near zero": grouped([2, 3, 2, 4], { groups: 2, meanCloseToZero: true }),
  "groupNorm without parameters": grouped([2, 3, 2, 4], { groups: 2 }, 0),
  ...Object.fromEntries(
    activations.filter((name) => name !== "none").map((activation) => [
      `groupNorm with ${activation}`,
      grouped([2, 3, 2, 4], { groups: 2, activation }),
    ]),
  ),
  "instanceNorm NHWC": instances([2, 3, 3, 3], "NHWC"),
  "instanceNorm NCHW": instances([2, 3, 3, 3], "NCHW"),
  "layerNorm": layers([4, 7], [-1]),
  "layerNorm over 32": layers([3, 32], [-1]),
  "layerNorm over two axes": layers([2, 3, 4, 5], [-2, -1]),
  "layerNorm of everything": layers([3, 4], [0, 1]),
  "layerNorm without parameters": layers([4, 7], [-1], 0),
};

function argumentsOf({ shape, params }: Case, mean: number) {
  const vector = (seed: number, mean: number) =>
    Array.from(randomTensor([params], { seed, mean, stddev: 0.5 }).data);
  return {
    x: randomTensor(shape, { seed: 1, mean }),
    dy: randomTensor(shape, { seed: 2, mean: 0.3 }),
    params: params === 0 ? {} : { beta: vector(3, 0.1), gamma: vector(4, 1) },
  };
}

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assertClose(actual, expected, TOLERANCE * Math.max(1, largest(expected)), what);
}

describe("groupNormVjp, instanceNormVjp and layerNormVjp", () => {
  for (const [name, test] of Object.entries(CASES)) {
    // The one-pass variance is for data near zero.
    for (const mean of name.includes("near zero") ? [0] : [0.5, 1000]) {
      itOnEachBackend(`are the slopes of ${name} about ${mean}`, async (runtime) => {
        const { x, dy, params } = argumentsOf(test, mean);
        const { beta, gamma } = params;
        const { y, vjp } = await test.vjp(x, params, runtime);
        assertEquals(y, await test.op(x, params, runtime));
        const cotangents = await vjp(dy);
        const loss = (data: ArrayLike<number>, given: typeof params) =>
          dot(test.oracle({ data, shape: test.shape }, given).data, dy.data);
        close(cotangents.x.data, gradientOf((moved) => loss(moved, params), x.data), "x");
        assertEquals(cotangents.x.shape, [...test.shape]);
        if (beta === undefined || gamma === undefined) {
          assertEquals(cotangents.params, {});
          return;
        }
        const slopes = {
          beta: gradientOf((moved) => loss(x.data, { beta: moved, gamma }), beta),
          gamma: gradientOf((moved) => loss(x.data, { beta, gamma: moved }), gamma),
        };
        close(cotangents.params.beta!.data, slopes.beta, "beta");
        close(cotangents.params.gamma!.data, slopes.gamma, "gamma");
      });
    }
  }

  for (
    const [name, test] of Object.entries({
      // Several chunks, and lanes that are pooled in the end.
      "NHWC": grouped([2, 40, 31, 8], { groups: 4 }),
      "NCHW": grouped([2, 8, 40, 32], { groups: 4, dataFormat: "NCHW" }),
      "layerNorm": layers([700, 48], [-1]),
    })
  ) {
    itOnEachBackend(`are the slopes of large sets along a direction, ${name}`, async (runtime) => {
      const { x, dy, params } = argumentsOf(test, 3);
      const cotangents = await (await test.vjp(x, params, runtime)).vjp(dy);
      const way = randomTensor(test.shape, { seed: 5 });
      const slope = slopeAlong(
        (data) => dot(test.oracle({ data, shape: test.shape }, params).data, dy.data),
        x.data,
        way.data,
      );
      const scale = Math.sqrt(x.data.length);
      assertClose([dot(cotangents.x.data, way.data)], [slope], TOLERANCE * scale, "x");
      const { gamma } = cotangents.params;
      const ahead = randomTensor([test.params], { seed: 6 });
      const slopeOfGamma = slopeAlong(
        (moved) => dot(test.oracle(x, { ...params, gamma: moved }).data, dy.data),
        params.gamma!,
        ahead.data,
      );
      assertClose([dot(gamma!.data, ahead.data)], [slopeOfGamma], TOLERANCE * scale, "gamma");
    });
  }

  itOnEachBackend("have no part along 1 and x-hat in any set", async (runtime) => {
    for (const mean of [0, 1000]) {
      const x = randomTensor([2, 6, 5, 8], { seed: 1, mean });
      const dy = randomTensor(x.shape, { seed: 2, mean: 1 });
      const gamma = randomTensor([8], { seed: 3, mean: 1 });
      const options = { groups: 2, epsilon: 1e-12, runtime } as const;
      const { vjp } = await groupNormVjp(x, { gamma }, options);
      const normal = await groupNorm(x, {}, options);
      const { data } = (await vjp(dy)).x;
      const [ones, along, size] = [0, 1, 2].map(() => new Float64Array(4));
      data.forEach((value, i) => {
        const set = 2 * Math.floor(i / 240) + Math.floor((i % 8) / 4);
        ones[set] += value;
        along[set] += value * normal.data[i];
        size[set] += Math.abs(value);
      });
      for (const [set, sum] of size.entries()) {
        assertClose([ones[set], along[set]], [0, 0], 1e-6 * sum, `set ${set} about ${mean}`);
      }
    }
  });

  itOnEachBackend("give x nothing where a set has one element or no deviation", async (runtime) => {
    const x = tensor([[3, 3, 7, 7]]);
    const dy = tensor([[1, -2, 3, 4]]);
    const plain = await groupNormVjp(x, {}, { groups: 4, runtime });
    assertEquals((await plain.vjp(dy)).x.data, new Float32Array(4));
    const flat = await groupNormVjp(x, {}, { groups: 2, epsilon: 0, runtime });
    assertEquals((await flat.vjp(dy)).x.data, new Float32Array(4));
  });

  itOnEachBackend(
    "are one plan in a pipeline, which shares the moments",
    async (runtime, backend) => {
      const test = CASES["groupNorm NHWC"];
      const { x, dy, params } = argumentsOf(test, 2);
      const step = pipeline((ops, { x, dy }: { x: Tensor; dy: Tensor }) => {
        const norm = ops.groupNormVjp(x, params, { groups: 3 });
        const layer = ops.layerNormVjp(norm.y);
        const instance = ops.instanceNormVjp(layer.y);
        return {
          y: instance.y,
          back: norm.vjp(layer.vjp(instance.vjp(dy).x).x),
        };
      }, { runtime });
      const before = runtime.stats();
      const { y, back } = await step({ x, dy });
      assertEquals(runtime.stats().runs[backend], before.runs[backend] + 1);
      const norm = await test.vjp(x, params, runtime);
      const layer = await layerNormVjp(norm.y, {}, { runtime });
      const instance = await instanceNormVjp(layer.y, {}, { runtime });
      const expected = await norm.vjp((await layer.vjp((await instance.vjp(dy)).x)).x);
      close(y.data, instance.y.data, "y");
      close(back.x.data, expected.x.data, "x");
      close(back.params.gamma!.data, expected.params.gamma!.data, "gamma");
    },
  );

  itOnEachBackend("overflow only where the result does", async (runtime) => {
    // With deviations of 1e-17 the square of their inverse is beyond float32.
    const [x, dy] = [1e-17, 1].map((size) =>
      tensor(Float32Array.from({ length: 5000 }, (_, i) => size * Math.SQRT2 * Math.sin(i)), [
        1,
        5000,
        1,
      ])
    );
    const { vjp } = await instanceNormVjp(x, {}, { epsilon: 0, runtime });
    const { data } = (await vjp(dy)).x;
    // dy is x-hat, all of which the deviation takes back but for rounding.
    assertClose(data, new Float32Array(5000), 1e-6 * 1e17);
  });

  itOnEachBackend("bring nothing back to a set without deviation", async (runtime) => {
    const x = tensor([[0.1, 0.1, 0.1], [1, 2, 4]]);
    const { vjp } = await layerNormVjp(x, {}, { epsilon: 0, runtime });
    const { x: dx } = await vjp(tensor([[1, -2, 5], [1, -2, 5]]));
    assertEquals([...dx.data.subarray(0, 3)], [0, 0, 0]);
    assert(dx.data[3] !== 0);
  });

  it("refuse parameters in an object of a class", async () => {
    class Params {
      gamma = tensor([1, 1, 1]);
    }
    await assertRejected(
      () => layerNormVjp(tensor([[1, 2, 4]]), new Params()),
      TypeError,
      `Cannot apply layerNorm: params must be a plain object, got an object of class ${Params.name}`,
    );
  });

  itOnEachBackend("keep their own copies", async (runtime) => {
    const { x, dy } = argumentsOf(CASES["groupNorm NHWC"], 2);
    const gamma = Float32Array.of(1, 2, 3, 4, 5, 6);
    const { vjp } = await groupNormVjp(x, { gamma }, { groups: 3, runtime });
    const first = await vjp(dy);
    x.data.fill(NaN);
    gamma.fill(NaN);
    assertEquals(await vjp(dy), first);
  });

  itOnEachBackend("give zeros for an empty batch", async (runtime) => {
    const empty = tensor(new Float32Array(0), [0, 2, 4]);
    const { y, vjp } = await groupNormVjp(empty, { gamma: [1, 1, 1, 1] }, { groups: 2, runtime });
    assertEquals([y, await vjp(empty)], [empty, {
      x: empty,
      params: { gamma: tensor([0, 0, 0, 0]) },
    }]);
  });

  it("give parameters that are switched off no cotangent", async () => {
    const { x, dy, params } = argumentsOf(CASES["groupNorm NHWC"], 2);
    const { vjp } = await groupNormVjp(x, params, { groups: 3, scale: false });
    assertEquals(Object.keys((await vjp(dy)).params), ["beta"]);
  });

  it("refuse what the norms refuse, and a cotangent of another shape", async () => {
    const x = tensor([[1, 2, 3, 4]]);
    await assertRejected(
      () => groupNormVjp(x, {}, { groups: 3 }),
      RangeError,
      "Cannot apply groupNorm: groups must divide the 4 channels of x, got 3; " +
        "the default is 32 groups, and -1 is one per channel",
    );
    const { vjp } = await layerNormVjp(x);
    await assertRejected(
      () => vjp(tensor([1, 2, 3, 4])),
      TypeError,
      "Cannot pull back layerNorm: dy must have shape (1, 4), got (4,)",
    );
    await assertRejected(
      async () => await (await instanceNormVjp(x)).vjp({} as Tensor),
      TypeError,
      "Cannot pull back instanceNorm: dy must be a tensor of float32 data, got an object of class Object",
    );
  });
});

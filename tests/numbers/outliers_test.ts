import { assert } from "@std/assert";
import { describe } from "@std/testing/bdd";
import {
  batchNorm,
  type BatchNormOptions,
  groupNorm,
  initBatchNorm,
  instanceNorm,
  layerNorm,
  moments,
  type Runtime,
  type Tensor,
} from "../../mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { random } from "../support/random.ts";

/** Ordinary elements: the rounding of delta, of the variance and of the last operations. */
const BUDGET = 1e-5;
/**
 * Units in the last place of a y that is far out, for all and for most of them. x - mean, the scale and
 * y round once each, the variance about four times with half the effect. WebGL's quotients and roots
 * may be off by 2.5 units. Compilers of WebGPU's shaders simplify what finds the rounding of a sum: the
 * squares of ordinary elements are then rounded off beside a far one, up to 2^-20 of them all.
 */
const UNITS = {
  cpu: { all: 3, most: 2, between: 0.02 },
  wasm: { all: 3, most: 2, between: 0.02 },
  webgl2: { all: 4, most: 2, between: 0.1 },
  webgpu: { all: 10, most: 4, between: 0.1 },
};
/** Parts of max(|mean|, deviation): the rounding of the mean itself is 6e-8 of it. */
const MEAN = 3e-7;

/** So small that it does not matter. */
const EPSILON = 1e-12;

interface Norm {
  readonly shape: readonly number[];
  /** How many sets there are, and which one an element is of. */
  readonly sets: number;
  readonly setOf: (index: number) => number;
  readonly weightOf?: (index: number) => number;
  readonly run: (x: Tensor, runtime: Runtime) => Promise<{ y: Tensor; mean: Tensor }>;
}

function rows(count: number, length: number): Norm {
  return {
    shape: [count, length],
    sets: count,
    setOf: (i) => Math.floor(i / length),
    run: async (x, runtime) => ({
      y: await layerNorm(x, {}, { epsilon: EPSILON, runtime }),
      mean: (await moments(x, { axes: [-1], runtime })).mean,
    }),
  };
}

type ImageFormat = "NHWC" | "NCHW";

/** Sample and channel of an element of a batch of images. */
function placeOf(shape: readonly number[], dataFormat: ImageFormat) {
  const [, a, b, c] = shape;
  return (i: number) => ({
    n: Math.floor(i / (a * b * c)),
    c: dataFormat === "NHWC" ? i % c : Math.floor(i / (b * c)) % a,
  });
}

function images(shape: readonly number[], dataFormat: ImageFormat, groups: number): Norm {
  const channelsAxis = dataFormat === "NHWC" ? 3 : 1;
  const members = shape[channelsAxis] / groups;
  const place = placeOf(shape, dataFormat);
  return {
    shape,
    sets: shape[0] * groups,
    setOf: (i) => place(i).n * groups + Math.floor(place(i).c / members),
    run: async (x, runtime) => ({
      y: members === 1
        ? await instanceNorm(x, {}, { dataFormat, epsilon: EPSILON, runtime })
        : await groupNorm(x, {}, { groups, dataFormat, epsilon: EPSILON, runtime }),
      mean: (await moments(x, { groups, channelsAxis, runtime })).mean,
    }),
  };
}

function batch(
  shape: readonly number[],
  dataFormat: ImageFormat,
  options: BatchNormOptions = {},
): Norm {
  const weights = options.batchWeights as readonly number[] | undefined;
  const channels = shape[dataFormat === "NHWC" ? shape.length - 1 : 1];
  const inner = shape.slice(1).reduce((size, extent) => size * extent, 1);
  const place = shape.length === 4
    ? placeOf(shape, dataFormat)
    : (i: number) => ({ n: Math.floor(i / inner), c: i % channels });
  return {
    shape,
    sets: channels,
    setOf: (i) => place(i).c,
    ...(weights && { weightOf: (i: number) => weights[Math.floor(i / inner)] }),
    run: async (x, runtime) => {
      const { state } = initBatchNorm(channels, { renorm: options.renorm ?? false });
      const all = { dataFormat, epsilon: EPSILON, decay: 0, runtime, ...options };
      const { y, state: { movingMean } } = await batchNorm(x, {}, state, all);
      return { y, mean: movingMean };
    },
  };
}

const unclipped = { renorm: true, renormClipping: { rmin: 1, rmax: 1, dmax: 0 } };
const weights = Array.from({ length: 300 }, (_, i) => i % 3 / 2);

const norms: Readonly<Record<string, Norm>> = {
  "layerNorm of 3": rows(40, 3),
  "layerNorm of 8": rows(40, 8),
  "layerNorm of 20": rows(40, 20),
  "layerNorm of 48": rows(24, 48),
  "layerNorm of 1000": rows(16, 1000),
  "layerNorm of 16384": rows(8, 16384),
  "layerNorm of 2^20": rows(1, 2 ** 20),
  "groupNorm NHWC": images([2, 64, 64, 8], "NHWC", 2),
  "groupNorm NCHW": images([2, 8, 64, 64], "NCHW", 2),
  "groupNorm of small images NHWC": images([4, 3, 3, 12], "NHWC", 3),
  "groupNorm of small images NCHW": images([4, 12, 3, 3], "NCHW", 3),
  "instanceNorm NHWC": images([8, 7, 9, 6], "NHWC", 6),
  "instanceNorm NCHW": images([8, 6, 7, 9], "NCHW", 6),
  "batchNorm NHWC": batch([4, 64, 64, 6], "NHWC"),
  "batchNorm NCHW": batch([4, 6, 64, 64], "NCHW"),
  "batchNorm of 16384 rows": batch([16384, 5], "NHWC"),
  "batchNorm, weighted": batch([4, 64, 64, 6], "NHWC", { batchWeights: [1, 0, 0.5, 2] }),
  "batchNorm of rows, weighted": batch([300, 6], "NHWC", { batchWeights: weights }),
  "batchNorm with renorm": batch([4, 64, 64, 6], "NHWC", unclipped),
};

/** Where in its set an outlier lies: ends, middle, and borders of chunks, blocks and lanes. */
const PLACES = [
  () => 0,
  () => 1,
  () => 15,
  () => 16,
  () => 255,
  () => 256,
  (n: number) => Math.floor(n / 6),
  (n: number) => Math.floor(n / 2),
  (n: number) => n - 1,
];

describe("one to three outliers", () => {
  for (const [name, norm] of Object.entries(norms)) {
    itOnEachBackend(`leave ${name} its digits`, async (runtime, backend) => {
      const units = UNITS[backend];
      const far = { count: 0, between: 0, units };
      for (const [seed, center] of [0, -3, 1e4, 1e6].entries()) {
        await check(norm, seed, center, runtime, far);
      }
      assert(
        far.between <= Math.ceil(units.between * far.count),
        `${far.between} of ${far.count} are off by more than ${units.most} units`,
      );
    });
  }
});

/** Fills a tensor with data around `center` and outliers, and compares with float64. */
async function check(
  norm: Norm,
  seed: number,
  center: number,
  runtime: Runtime,
  far: { count: number; between: number; readonly units: typeof UNITS.cpu },
): Promise<void> {
  const { shape, sets, setOf, weightOf = () => 1, run } = norm;
  const next = random(1000 + seed);
  const length = shape.reduce((size, extent) => size * extent, 1);
  const data = Float32Array.from({ length }, () => center + 3 * next() - 1.5);
  const members = Array.from({ length: sets }, (): number[] => []);
  for (let i = 0; i < length; i++) members[setOf(i)].push(i);
  for (const set of members) {
    const many = 1 + Math.floor(3 * next());
    for (let k = 0; k < many; k++) {
      const place = PLACES[Math.floor(PLACES.length * next())](set.length);
      const size = 10 ** [2, 3, 4, 5, 6, 7, 8][Math.floor(7 * next())] * (0.5 + next() / 2);
      data[set[Math.min(place, set.length - 1)]] = center + (next() < 0.5 ? -size : size);
    }
  }
  const { y, mean } = await run({ shape, data }, runtime);
  for (const [s, set] of members.entries()) {
    const expected = momentsOf(data, set, weightOf);
    const scale = Math.max(Math.abs(expected.mean), expected.deviation);
    assertWithin(mean.data[s], expected.mean, MEAN * scale, `mean[${s}] about ${center}`);
    for (const i of set) {
      const exact = (data[i] - expected.mean) / Math.hypot(expected.deviation, EPSILON ** 0.5);
      const unit = 2 ** (Math.floor(Math.log2(Math.abs(exact))) - 23);
      const what = `y[${i}] about ${center}`;
      assertWithin(y.data[i], exact, Math.max(BUDGET, far.units.all * unit), what);
      if (far.units.most * unit < BUDGET) continue;
      far.count++;
      if (Math.abs(y.data[i] - exact) > far.units.most * unit) far.between++;
    }
  }
}

/** Mean and deviation of some elements in float64: the mean in two steps, then the squares. */
function momentsOf(data: Float32Array, set: readonly number[], weightOf: (i: number) => number) {
  let count = 0;
  for (const i of set) count += weightOf(i);
  const first = average(0);
  const mean = first + average(first);
  let squares = 0;
  for (const i of set) squares += weightOf(i) * (data[i] - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / count) };

  function average(from: number): number {
    let sum = 0;
    for (const i of set) sum += weightOf(i) * (data[i] - from);
    return sum / count;
  }
}

function assertWithin(actual: number, expected: number, tolerance: number, what: string): void {
  if (!(Math.abs(actual - expected) <= tolerance)) {
    throw new Error(`${what} must be ${expected} within ${tolerance}, got ${actual}`);
  }
}

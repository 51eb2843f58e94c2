import { describe } from "@std/testing/bdd";
import { batchNorm, initBatchNorm, moments, type Runtime } from "../../mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose, assertCloseEach } from "../support/close.ts";
import { random } from "../support/random.ts";

/**
 * The rounding of delta, of the variance and of the last operations; parts of y where it lies far out.
 * Were a sample a thousand deviations away subtracted from the others, they would be off by 6e-5.
 */
const BUDGET = 1e-5;
/** Parts of max(|mean|, deviation): the rounding of the mean itself is 6e-8 of it. */
const MEAN = 3e-7;
const EPSILON = 1e-12;
/** So little that a sample a thousand deviations away moves the deviation itself but little. */
const LITTLE = 1e-8;
/** Still little, and so much that float32 adds it to the weights of a batch. */
const ADDED = 1e-5;

/** Weights of samples, and which of them lie far out. */
const cases: Readonly<Record<string, { weights: number[]; far: number[] }>> = {
  "the first one": { weights: [LITTLE, 1, 0.5, 2], far: [0] },
  "one in the middle": { weights: [1, LITTLE, 0.5], far: [1] },
  "the last one": { weights: [1, 0.25, LITTLE], far: [2] },
  "all but the last one": { weights: [LITTLE, LITTLE, LITTLE, LITTLE, 1], far: [0, 1, 2, 3] },
  "all but one in the middle": { weights: [LITTLE, 1, LITTLE, 0, LITTLE], far: [0, 2, 3, 4] },
  "most of many": {
    weights: Array.from({ length: 40 }, (_, i) => i % 4 === 1 ? 0.5 + i % 3 : LITTLE),
    far: Array.from({ length: 40 }, (_, i) => i).filter((i) => i % 4 !== 1),
  },
  // Simple fractions of the whole weight lie next to the others.
  "every second one": every(36, (i) => i % 2 === 1),
  "every first of two": every(72, (i) => i % 2 === 0),
  "every last of four": every(144, (i) => i % 4 === 3),
};

const CHANNELS = 3;
/** Positions of a sample: one, fewer than a ninther is taken of, and more. */
const POSITIONS = [1, 4, 25];

describe("samples far out that have next to no weight", () => {
  for (const [name, { weights, far }] of Object.entries(cases)) {
    itOnEachBackend(`cost the others no digits: ${name}`, async (runtime) => {
      for (const positions of POSITIONS) {
        for (const center of [0, -3, 1e4]) await check(weights, far, positions, center, runtime);
      }
    });
  }
});

function every(
  length: number,
  isFar: (i: number) => boolean,
): { weights: number[]; far: number[] } {
  const samples = Array.from({ length }, (_, i) => i);
  return {
    weights: samples.map((i) => isFar(i) ? ADDED : 1),
    far: samples.filter(isFar),
  };
}

async function check(
  weights: readonly number[],
  far: readonly number[],
  positions: number,
  center: number,
  runtime: Runtime,
): Promise<void> {
  const next = random(7 * positions + weights.length);
  const shape = [weights.length, positions, CHANNELS];
  const data = Float32Array.from({ length: weights.length * positions * CHANNELS }, (_, i) => {
    const away = far.includes(Math.floor(i / (positions * CHANNELS))) ? 1000 : 0;
    return center + away + 3 * next() - 1.5;
  });
  const x = { shape, data };
  const { state } = initBatchNorm(CHANNELS);
  const options = { batchWeights: weights, epsilon: EPSILON, runtime };
  const { y } = await batchNorm(x, {}, state, options);
  const { mean } = await moments(x, { axes: [0, 1], batchWeights: weights, runtime });
  const what = `${positions} positions about ${center}`;
  for (let c = 0; c < CHANNELS; c++) {
    const set = Array.from({ length: weights.length * positions }, (_, i) => i * CHANNELS + c);
    const exact = momentsOf(data, set, (i) => weights[Math.floor(i / (positions * CHANNELS))]);
    const scale = Math.max(Math.abs(exact.mean), exact.deviation);
    assertClose([mean.data[c]], [exact.mean], MEAN * scale, `mean, ${what}`);
    const deviation = Math.hypot(exact.deviation, EPSILON ** 0.5);
    const expected = set.map((i) => (data[i] - exact.mean) / deviation);
    assertCloseEach(set.map((i) => y.data[i]), expected, BUDGET, `y[${c}], ${what}`);
  }
}

/** Mean and deviation of some elements in float64. */
function momentsOf(data: Float32Array, set: readonly number[], weightOf: (i: number) => number) {
  const whole = set.reduce((sum, i) => sum + weightOf(i), 0);
  const average = (f: (i: number) => number) =>
    set.reduce((sum, i) => sum + weightOf(i) * f(i), 0) / whole;
  const mean = average((i) => data[i]);
  return { mean, deviation: Math.sqrt(average((i) => (data[i] - mean) ** 2)) };
}

import { describe, it } from "@std/testing/bdd";
import { dot, gradientOf } from "../support/slope.ts";
import { array64, broadcastIndex, coordinatesOf } from "./array.ts";
import { batchNorm } from "./batch_norm.ts";
import { batchNormVjp } from "./batch_norm_vjp.ts";
import { assertClose } from "../support/close.ts";
import { scattered } from "./scattered.ts";
import { moments } from "./moments.ts";

/** Differences of fourth order are off by about that much. */
const CLOSE = 1e-9;
const SHAPE = [3, 2, 4];
const CHANNELS = 4;
const STATE = {
  movingMean: scattered(4, 1),
  movingVariance: scattered(4, 2).map((v) => 1 + v * v),
};
const X = scattered(24, 3);
const G = scattered(24, 4);
const BETA = scattered(4, 5);
const GAMMA = scattered(4, 6);
const WEIGHTS = [0.5, 1, 2];

describe("oracle batchNormVjp", () => {
  for (const weighted of [false, true]) {
    it(`is the slope of batchNorm ${weighted ? "with" : "without"} weights and adjustment`, () => {
      const a = array64(scattered(6, 7), [3, 2, 1]);
      const b = array64(scattered(4, 8), [4]);
      const loss = (
        { x = X, gamma = GAMMA, beta = BETA, weights = WEIGHTS, scale = a.data, bias = b.data }: {
          [name: string]: ArrayLike<number>;
        },
      ) => {
        const { y } = batchNorm({ data: x, shape: SHAPE }, STATE, {
          beta,
          gamma,
          weights: weighted ? weights : undefined,
          adjustment: { scale: { ...a, data: scale }, bias: { ...b, data: bias } },
        });
        return dot(y.data, G);
      };
      const { count, mean, m2 } = moments(
        { data: X, shape: SHAPE },
        [0, 1],
        weighted ? { weights: WEIGHTS } : {},
      );
      const found = batchNormVjp({ data: X, shape: SHAPE }, G, {
        mean,
        variance: m2.map((sum, c) => sum / count[c]),
        epsilon: 1e-3,
        channelsAxis: -1,
        gamma: GAMMA,
        own: true,
        weights: weighted ? WEIGHTS : undefined,
        adjustment: { scale: a, bias: b },
      });
      assertClose(found.dx, gradientOf((x) => loss({ x }), X), CLOSE);
      assertClose(found.dBeta, gradientOf((beta) => loss({ beta }), BETA), CLOSE);
      assertClose(found.dGamma, gradientOf((gamma) => loss({ gamma }), GAMMA), CLOSE);
      assertClose(found.dScale, gradientOf((scale) => loss({ scale }), a.data), CLOSE);
      assertClose(found.dBias, gradientOf((bias) => loss({ bias }), b.data), CLOSE);
      if (!weighted) return;
      assertClose(found.dWeights, gradientOf((weights) => loss({ weights }), WEIGHTS), CLOSE);
    });
  }

  it("is the slope of batchNorm with given moments and a correction", () => {
    const r = scattered(4, 9);
    const d = scattered(4, 10);
    const mean = scattered(4, 11);
    const m2 = STATE.movingVariance.map((v) => 20 * v);
    const full = (list: ArrayLike<number>) =>
      Float64Array.from(X, (_, i) => list[broadcastIndex(coordinatesOf(i, SHAPE), [CHANNELS])]);
    const adjustment = { scale: array64(full(r), SHAPE), bias: array64(full(d), SHAPE) };
    const loss = (given: { mean: ArrayLike<number>; m2: ArrayLike<number>; count: number }) => {
      const moments = { ...given, count: new Array(CHANNELS).fill(given.count) };
      const options = { gamma: GAMMA, moments, adjustment };
      return dot(batchNorm({ data: X, shape: SHAPE }, STATE, options).y.data, G);
    };
    const found = batchNormVjp({ data: X, shape: SHAPE }, G, {
      mean,
      variance: m2.map((sum) => sum / 20),
      epsilon: 1e-3,
      channelsAxis: -1,
      gamma: GAMMA,
      own: false,
      correction: { r, d },
      count: 20,
    });
    assertClose(found.dMean, gradientOf((mean) => loss({ mean, m2, count: 20 }), mean), CLOSE);
    assertClose(found.dM2, gradientOf((m2) => loss({ mean, m2, count: 20 }), m2), CLOSE);
    const slope = gradientOf(([count]) => loss({ mean, m2, count }), [20]);
    assertClose([found.dCount], slope, CLOSE);
  });
});

/**
 * The float64 oracle against golden values and central differences. Sections are those of
 * docs/semantics.md.
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { array64, type NumberArray } from "./array.ts";
import { batchNorm, type BatchNormState64 } from "./batch_norm.ts";
import { assertClose } from "../support/close.ts";
import { EXACT, scattered } from "./scattered.ts";
import {
  effective,
  gdn,
  type GdnOptions,
  gdnVjp,
  lowerBound,
  lowerBoundGradient,
  parameterBound,
  stored,
} from "./gdn.ts";
import { groupNorm } from "./group_norm.ts";
import { mergeMoments, moments } from "./moments.ts";

/** Golden values printed to 8 places hold to half a unit of the last. */
const PRINTED = 5e-9;

/** A column: one channel. */
function column(...values: number[]): NumberArray {
  return array64(values, [values.length, 1]);
}

function stateOf(movingMean: number[], movingVariance: number[]): BatchNormState64 {
  return { movingMean, movingVariance };
}

describe("oracle gdn", () => {
  const beta = [1, 2];
  const gamma = [0.1, 0.2, 0.3, 0.4];
  const x = array64([1, 2], [1, 2]);

  it("has the golden outputs of 2.6", () => {
    const apply = (options: GdnOptions, weights = gamma) => gdn(x, beta, weights, options).data;
    assertClose(apply({}), [0.65938047, 1.02597835], PRINTED);
    assertClose(apply({ inverse: true }), [1.51657509, 3.89871774], PRINTED);
    assertClose(apply({}, [0.1, 0.3, 0.2, 0.4]), [0.72547625, 1.01273937], PRINTED);
    assertClose(apply({ alpha: 1, epsilon: 1 }), [0.58823529, 0.66666667], PRINTED);
  });

  it("has the golden gradients of 2.6", () => {
    const forward = gdnVjp(x, beta, gamma, [1, 1]);
    assertClose(forward.dx.data, [0.5767129, 0.12498144], PRINTED);
    assertClose(forward.dBeta, [-0.14334358, -0.13499715], PRINTED);
    assertClose(forward.dGamma, [-0.14334358, -0.13499715, -0.57337432, -0.53998861], PRINTED);
    const inverse = gdnVjp(x, beta, gamma, [1, 1], { inverse: true });
    assertClose(inverse.dx.data, [1.78770881, 3.16576983], PRINTED);
    assertClose(inverse.dBeta, [0.32969024, 0.51298918], PRINTED);
    assertClose(inverse.dGamma, [0.32969024, 0.51298918, 1.31876095, 2.0519567], PRINTED);
  });

  it("is x / sqrt(1 + x^2 / 10) with the initial parameters, as 2.2 says", () => {
    const offset = 2 ** -18;
    const first = effective(stored([1, 1], offset), 1e-6, offset);
    const second = effective(stored([0.1, 0, 0, 0.1], offset), 0, offset);
    for (const [a, b] of [[1, 2], [-3, 0.5]]) {
      const roots = [Math.sqrt(1 + a * a / 10), Math.sqrt(1 + b * b / 10)];
      const v = array64([a, b], [1, 2]);
      assertClose(gdn(v, first, second).data, [a / roots[0], b / roots[1]], EXACT);
      const inverse = gdn(v, first, second, { inverse: true }).data;
      assertClose(inverse, [a * roots[0], b * roots[1]], EXACT);
    }
  });
});

describe("oracle gdn parameters", () => {
  const offset = 2 ** -18;

  it("have the bounds and initial values of 2.2", () => {
    assertEquals(parameterBound(1e-6, offset), 1.0000072759311445e-3);
    assertEquals(parameterBound(0, offset), 3.814697265625e-6);
    assertClose(stored([1, 0.1], offset), [1.000000000007276, 0.31622776603984654], 1e-15);
    assertEquals(stored([0], offset)[0], offset);
  });

  it("pass gradients by the test vectors of 2.3", () => {
    assertEquals([...lowerBound([-1, 1], 0)], [0, 1]);
    assertEquals([...lowerBoundGradient([-1, 1], 0, [1, 1])], [0, 1]);
    assertEquals([...lowerBoundGradient([-1, 1], 0, [-1, -1])], [-1, -1]);
    assertEquals([...lowerBoundGradient([0, NaN, NaN], 0, [2, 2, -2])], [2, 0, -2]);
  });
});

describe("oracle gdnVjp", () => {
  /** Step of the central differences; their error is about its square, and rounding over it. */
  const STEP = 1e-5;
  const shape = [2, 2, 3];
  const gamma = scattered(4, 2).map((value) => Math.abs(value) + 0.05);
  const cases: GdnOptions[] = [
    {},
    { inverse: true },
    { alpha: 1, epsilon: 1 },
    { alpha: 1.5, epsilon: 0.8 },
    { alpha: 1.5, epsilon: 0.8, inverse: true },
    { rectify: true },
  ];

  for (const form of cases) {
    it(`agrees with central differences for ${JSON.stringify(form)} (2.4)`, () => {
      const options = { alpha: 2, epsilon: 0.5, channelsAxis: 1, ...form };
      const point = {
        x: scattered(12, 3),
        beta: Float64Array.of(1.2, 0.7),
        gamma,
        exponents: Float64Array.of(options.alpha, options.epsilon),
      };
      const g = scattered(12, 4);
      function loss(at: typeof point): number {
        const [alpha, epsilon] = at.exponents;
        const y = gdn(array64(at.x, shape), at.beta, at.gamma, { ...options, alpha, epsilon });
        return y.data.reduce((sum, value, index) => sum + value * g[index], 0);
      }
      function differences(name: keyof typeof point): Float64Array {
        return point[name].map((value, index) => {
          const up = loss({ ...point, [name]: point[name].with(index, value + STEP) });
          const down = loss({ ...point, [name]: point[name].with(index, value - STEP) });
          return (up - down) / (2 * STEP);
        });
      }
      const found = gdnVjp(array64(point.x, shape), point.beta, point.gamma, g, options);
      assertClose(found.dx.data, differences("x"), 1e-8);
      assertClose(found.dBeta, differences("beta"), 1e-8);
      assertClose(found.dGamma, differences("gamma"), 1e-8);
      assertClose([found.dAlpha, found.dEpsilon], differences("exponents"), 1e-8);
    });
  }
});

describe("oracle moments", () => {
  it("merge to the golden values of 3.3", () => {
    const a = moments(column(1, 2, 3), [0]);
    const b = moments(column(10, 12), [0]);
    const { count, mean, m2 } = mergeMoments(a, b);
    assertEquals(count[0], 5);
    assertClose(m2.map((sum) => sum - a.m2[0] - b.m2[0]), [97.2], 1e-12);
    assertClose([mean[0], m2[0] / 5, m2[0] / 4], [5.6, 20.24, 25.3], 1e-12);
  });
});

describe("oracle groupNorm", () => {
  const x = array64([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 4]);

  it("have the golden values of 4.6", () => {
    const { count, mean, m2 } = moments(x, [1, 2], { groups: 2 });
    assertEquals([...count], [4, 4]);
    assertEquals([...mean], [3.5, 5.5]);
    assertEquals([...m2], [17, 17]);
    const y = groupNorm(x, { groups: 2, reductionAxes: [-3, -2] });
    const a = 1.21267798;
    const b = 0.72760679;
    assertClose(y.data, [-a, -b, -a, -b, b, a, b, a], PRINTED);
  });
});

describe("oracle batchNorm", () => {
  const x = column(1, 2, 3, 4);

  it("has the golden values of 5.11", () => {
    const y = [-1.34110445, -0.44703482, 0.44703482, 1.34110445];
    const composed = batchNorm(x, stateOf([0], [1]), { decay: 0.9 });
    assertClose(composed.y.data, y, PRINTED);
    assertClose(composed.state.movingMean, [0.25], EXACT);
    assertClose(composed.state.movingVariance, [1.025], EXACT);
    const fused = batchNorm(x, stateOf([0], [1]), { decay: 0.9, besselCorrected: true });
    assertClose(fused.y.data, y, PRINTED);
    assertClose(fused.state.movingVariance, [1.0666666667], 1e-10);
  });

  it("has the golden zero-debiased means of 5.11, whatever the mean at the start", () => {
    let state: BatchNormState64 = {
      ...stateOf([100], [1]),
      debias: { biased: [0], localStep: 0 },
    };
    const expected = [[0.1, 1], [0.39, 2.0526315789473686], [0.151, 0.5571955719557198]];
    for (const [step, value] of [1, 3, -2].entries()) {
      state = batchNorm(column(value), state, { decay: 0.9, zeroDebias: true }).state;
      assertClose(state.debias?.biased ?? [], [expected[step][0]], EXACT);
      assertClose(state.movingMean, [expected[step][1]], EXACT);
      assertEquals(state.debias?.localStep, step + 1);
    }
    assertClose(state.movingVariance, [0.729], EXACT);
  });

  it("has the golden weighted values of 5.11", () => {
    const weights = [1, 2, 1];
    const { y, state } = batchNorm(column(1, 2, 4), stateOf([0], [1]), { decay: 0, weights });
    assertClose(y.data, [-1.14659599, -0.2293192, 1.60523439], PRINTED);
    assertClose([state.movingMean[0], state.movingVariance[0]], [2.25, 1.1875], EXACT);
  });

  it("has the golden renorm steps of 5.11", () => {
    const options = {
      decay: 0.99,
      renorm: true,
      renormDecay: 0.8,
      renormClipping: { rmax: 1.1, rmin: 0.9, dmax: 0.1 },
    };
    const renorm = { movingStddev: [1], renormMean: [0], renormStddev: [1] };
    const first = batchNorm(x, { ...stateOf([0], [1]), renorm }, options);
    assertClose(first.y.data, [-1.3752149, -0.3917383, 0.5917383, 1.5752149], 5e-8);
    assertClose(
      flat(first.state),
      [0.5, 1.0236962225876869, 0.025, 1.0011848111293844, 1.0013710260361812],
      EXACT,
    );
    const second = batchNorm(column(0, 1, 0, 5), first.state, options);
    assertClose(second.y.data, [-0.70027342, -0.16675781, -0.70027342, 1.96730464], PRINTED);
    assertClose(
      flat(second.state),
      [0.7, 1.2313160449038982, 0.03975, 1.011790916359778, 1.0227208584281595],
      EXACT,
    );
  });

  it("of parts with merged moments is that of the whole (5.9)", () => {
    const whole = array64(scattered(30, 7), [5, 3, 2]);
    const head = array64(whole.data.slice(0, 12), [2, 3, 2]);
    const tail = array64(whole.data.slice(12), [3, 3, 2]);
    const merged = mergeMoments(moments(head, [0, 1]), moments(tail, [0, 1]));
    const state = stateOf([0.5, -1], [2, 3]);
    const options = { gamma: [2, 3], beta: [1, -1], decay: 0.5, besselCorrected: true };
    const expected = batchNorm(whole, state, options);
    const parts = [head, tail].map((part) =>
      batchNorm(part, state, { ...options, moments: merged })
    );
    assertClose([...parts[0].y.data, ...parts[1].y.data], expected.y.data, 1e-13);
    for (const part of parts) {
      assertClose(part.state.movingMean, expected.state.movingMean, EXACT);
      assertClose(part.state.movingVariance, expected.state.movingVariance, EXACT);
    }
  });
});

/** renormMean, renormStddev, movingMean, movingStddev, movingVariance: the order of 5.11. */
function flat({ movingMean, movingVariance, renorm }: BatchNormState64): number[] {
  return [
    renorm?.renormMean[0] ?? NaN,
    renorm?.renormStddev[0] ?? NaN,
    movingMean[0],
    renorm?.movingStddev[0] ?? NaN,
    movingVariance[0],
  ];
}

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { gdn, gdnInverse, gdnParams, gdnVjp, initGdn, type Tensor, tensor } from "../../mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose, largest } from "../support/close.ts";
import {
  effective,
  effectiveGradient,
  gdn as gdnOracle,
  gdnVjp as vjpOracle,
  parameterBound,
} from "../oracle/gdn.ts";
import { channelsFirstOrder, randomTensor, transposed } from "../support/random.ts";

/** Bounds far from the default ones, so that options that are ignored show in every result. */
const OPTIONS = { betaMin: 0.04, reparamOffset: 2 ** -4 };
const BETA_BOUND = parameterBound(OPTIONS.betaMin, OPTIONS.reparamOffset);
const GAMMA_BOUND = OPTIONS.reparamOffset;

/** Stored parameters below their bounds, at them, and above. */
const C = 4;
const REPARAM_BETA = Float32Array.of(-1, 0.1, BETA_BOUND, 1);
const REPARAM_GAMMA = Float32Array.from(
  { length: C * C },
  (_, i) => [-0.5, 0, 0.05, GAMMA_BOUND, 0.2, 0.3, 0.25][i % 7],
);
const VARIABLES = { reparamBeta: REPARAM_BETA, reparamGamma: tensor(REPARAM_GAMMA, [C, C]) };
const BETA = effective(REPARAM_BETA, OPTIONS.betaMin, OPTIONS.reparamOffset);
const GAMMA = effective(REPARAM_GAMMA, 0, OPTIONS.reparamOffset);

/** Contractions of four terms and a square root, or three of them and sums over 24 positions. */
const TOLERANCE = 2e-6;
/** The search for the inverse stops at a change of 1e-6. */
const SEARCHED = 1e-5;

const X = randomTensor([2, 3, 4, C], { seed: 1, mean: 0.3 });
const DY = randomTensor([2, 3, 4, C], { seed: 2 });

function close(
  actual: Tensor,
  expected: ArrayLike<number>,
  what: string,
  tolerance = TOLERANCE,
): void {
  assertClose(actual.data, expected, tolerance * Math.max(1, largest(expected)), what);
}

describe("stored parameters of GDN with bounds of one's own", () => {
  for (const dataFormat of ["NHWC", "NCHW"] as const) {
    const given = (x: Tensor) => dataFormat === "NHWC" ? x : transposed(x, channelsFirstOrder(4));
    const last = (x: Tensor) => dataFormat === "NHWC" ? x : transposed(x, [0, 2, 3, 1]);

    itOnEachBackend(`are what gdn uses in ${dataFormat}`, async (runtime) => {
      const options = { ...OPTIONS, dataFormat, runtime };
      for (const inverse of [false, true]) {
        const y = await gdn(given(X), VARIABLES, { ...options, inverse });
        close(last(y), gdnOracle(X, BETA, GAMMA, { inverse }).data, `y, inverse: ${inverse}`);
      }
    });

    itOnEachBackend(`are what gdnInverse uses in ${dataFormat}`, async (runtime) => {
      const y = tensor(Float32Array.from(gdnOracle(X, BETA, GAMMA).data), X.shape);
      const options = { ...OPTIONS, dataFormat, runtime };
      const { x, converged } = await gdnInverse(given(y), VARIABLES, options);
      assert(converged);
      close(last(x), X.data, "x", SEARCHED);
    });

    itOnEachBackend(`are what gdnVjp goes back to in ${dataFormat}`, async (runtime) => {
      const { vjp } = await gdnVjp(given(X), VARIABLES, { ...OPTIONS, dataFormat, runtime });
      const { x, params: { reparamBeta, reparamGamma } } = await vjp(given(DY));
      const { betaMin, reparamOffset: offset } = OPTIONS;
      const { dx, dBeta, dGamma } = vjpOracle(X, BETA, GAMMA, DY.data);
      close(last(x), dx.data, "x");
      // What is stored at the bound is the bound rounded to float32, and counts as at it.
      const raw = Float64Array.from(REPARAM_BETA);
      raw[2] = BETA_BOUND;
      close(reparamBeta, effectiveGradient(raw, betaMin, offset, dBeta), "reparamBeta");
      const gradient = effectiveGradient(REPARAM_GAMMA, 0, offset, dGamma);
      close(reparamGamma, gradient, "reparamGamma");
    });
  }

  it("are what gdnParams converts", () => {
    const { beta, gamma } = gdnParams(VARIABLES, OPTIONS);
    assertClose(beta.data, BETA, 1e-7, "beta");
    assertClose(gamma.data, GAMMA, 1e-8, "gamma");
  });
});

describe("the gradient at a bound", () => {
  // Whether the bound is rounded up or down to float32 differs from one to the next.
  const minima = Array.from({ length: 16 }, (_, i) => 1e-6 * (i + 1));

  itOnEachBackend("passes gdnVjp", async (runtime) => {
    for (const betaMin of minima) {
      const variables = { reparamBeta: [Math.sqrt(betaMin)], reparamGamma: tensor([[0]]) };
      const options = { betaMin, reparamOffset: 0, runtime };
      // IGDN: the gradient points up, and so would not pass from below the bound.
      const { vjp } = await gdnVjp(tensor([[1]]), variables, { ...options, inverse: true });
      const { params: { reparamBeta } } = await vjp(tensor([[1]]));
      assertAlmostEquals(reparamBeta.data[0], 1, 1e-6);
    }
  });
});

describe("a gamma at its bound", () => {
  // Rounded to float32, some of these square to more than their rounded square, and some to less.
  const offsets = [0.1, 0.009, 0.021, 0.004, 0.105, 0.3, 0.001];
  const x = tensor([[1e7, 1]]);

  itOnEachBackend("keeps a large channel out of the others", async (runtime) => {
    for (const reparamOffset of offsets) {
      const variables = initGdn(2, { reparamOffset });
      const y = await gdn(x, variables, { reparamOffset, runtime });
      assertAlmostEquals(y.data[1], 1 / Math.sqrt(1.1), 1e-6, `y with ${reparamOffset}`);
      const { vjp } = await gdnVjp(x, variables, { reparamOffset, runtime });
      const { x: back } = await vjp(tensor([[0, 1]]));
      assertAlmostEquals(back.data[1], 1.1 ** -1.5, 1e-6, `dx with ${reparamOffset}`);
    }
  });

  it("is 0", () => {
    for (const reparamOffset of offsets) {
      const { gamma } = gdnParams(initGdn(2, { reparamOffset }), { reparamOffset });
      assertEquals(gamma.data[1], 0, `gamma with ${reparamOffset}`);
    }
  });
});

describe("initGdn", () => {
  it("stores the gain of the diagonal that it is given", () => {
    // sqrt(0.25 + 2^-36) is 0.5 to float32's last digit.
    const { reparamGamma } = initGdn(2, { gammaInit: 0.25 });
    assertEquals([...reparamGamma.data], [0.5, 2 ** -18, 2 ** -18, 0.5]);
    const { reparamBeta, reparamGamma: offset } = initGdn(1, { gammaInit: 0, reparamOffset: 0.75 });
    assertEquals([...reparamBeta.data, ...offset.data], [1.25, 0.75]);
  });
});

import {
  gdn,
  gdnInverse,
  type GdnInverseOptions,
  gdnVariables,
  initGdn,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose, largest } from "../support/close.ts";
import { channelsFirstOrder, randomTensor, transposed } from "../support/random.ts";
import { assertRejected } from "../support/reject.ts";

const C = 6;
const GAMMA = Float32Array.from({ length: C * C }, (_, i) => 0.01 + 0.04 * ((i * 5) % 7) / 7);
const PARAMS = { beta: [1, 0.5, 2, 1.5, 0.75, 1], gamma: tensor(GAMMA, [C, C]) };

/**
 * Rounding of y and of the pool, 1e-6 of them, is pulled apart where most of u comes from the sum; on
 * webgpu two powers more, off by 2.7e-6 each.
 */
const TOLERANCE = 1e-5;

function close(actual: Tensor, x: Tensor): void {
  assertClose(actual.data, x.data, TOLERANCE * largest(x.data), "x");
}

describe("gdnInverse", () => {
  const cases: GdnInverseOptions[] = [
    {},
    { alphaParameter: 1, epsilonParameter: 1 },
    { alphaParameter: 1.5, epsilonParameter: 0.5 },
    { dataFormat: "NCHW" },
  ];
  for (const options of cases) {
    itOnEachBackend(`gives back x with ${JSON.stringify(options)}`, async (runtime) => {
      const last = randomTensor([2, 4, 5, C], { seed: 3, mean: 0.3 });
      const x = options.dataFormat ? transposed(last, channelsFirstOrder(4)) : last;
      const y = await gdn(x, PARAMS, { ...options, runtime });
      const found = await gdnInverse(y, PARAMS, { ...options, runtime });
      close(found.x, x);
      assertEquals([found.converged, found.x.shape], [true, [...x.shape]]);
      assert(found.change <= 1e-6 && found.steps <= 200, `${found.steps} steps`);
    });
  }

  itOnEachBackend("takes stored parameters", async (runtime) => {
    const x = randomTensor([3, C], { seed: 4 });
    const variables = gdnVariables(PARAMS);
    const y = await gdn(x, variables, { runtime });
    close((await gdnInverse(y, variables, { runtime })).x, x);
  });

  itOnEachBackend("says when there is no such x, and when it was stopped", async (runtime) => {
    // GDN of one channel stays below 1 / sqrt(gamma).
    const params = { beta: [1], gamma: tensor([[0.25]]) };
    const beyond = await gdnInverse(tensor([[2.1]]), params, { runtime });
    assertEquals(beyond.converged, false);
    const y = await gdn(tensor([[8]]), params, { runtime });
    const stopped = await gdnInverse(y, params, { maxSteps: 3, runtime });
    assertEquals([stopped.converged, stopped.steps], [false, 3]);
    assert(stopped.change > 1e-3);
    const found = await gdnInverse(y, params, { runtime });
    assert(found.converged && Math.abs(found.x.data[0] - 8) < 1e-3);
    const notANumber = await gdnInverse(tensor([[NaN]]), params, { runtime });
    assertEquals([notANumber.converged, notANumber.steps], [false, 8]);
  });

  itOnEachBackend(
    "begins with u = beta, and has found x where the change is the tolerance",
    async (runtime) => {
      const params = { beta: [4], gamma: tensor([[0.25]]) };
      const y = tensor([[1.5]]);
      const first = await gdnInverse(y, params, { maxSteps: 1, runtime });
      assertEquals([first.x.data[0], first.converged], [3, false]);
      const second = await gdnInverse(y, params, { maxSteps: 2, runtime });
      const again = await gdnInverse(y, params, { maxSteps: 2, tolerance: second.change, runtime });
      assertEquals([second.converged, again.converged], [false, true]);
    },
  );

  itOnEachBackend("goes by the change relative to the pool, whatever its size", async (runtime) => {
    for (const beta of [1e-8, 1e8]) {
      // u is ten times beta, and each step leaves nine tenths of the error.
      const params = { beta: [beta], gamma: tensor([[4 * beta]]) };
      const x = tensor([[1.5]]);
      const y = await gdn(x, params, { runtime });
      const found = await gdnInverse(y, params, { runtime });
      assertEquals(found.converged, true);
      assertAlmostEquals(found.x.data[0], 1.5, 1e-4);
    }
  });

  itOnEachBackend("finds nothing in nothing", async (runtime) => {
    const empty = tensor(new Float32Array(0), [0, C]);
    const { x, converged, steps } = await gdnInverse(empty, PARAMS, { runtime });
    assertEquals([x, converged, steps], [empty, true, 0]);
  });

  it("reads its inputs at the call", async () => {
    const x = randomTensor([3, C], { seed: 4 });
    const y = await gdn(x, PARAMS);
    const expected = await gdnInverse(y, PARAMS);
    const pending = gdnInverse(y, PARAMS);
    y.data.fill(0);
    assertEquals(await pending, expected);
  });

  it("refuses wrong arguments", async () => {
    const y = randomTensor([3, 2]);
    const refusals: [object, typeof TypeError | typeof RangeError, string][] = [
      [{ maxSteps: 0 }, RangeError, "Cannot invert gdn: maxSteps must be an integer >= 1, got 0"],
      [
        { tolerance: -1 },
        RangeError,
        "Cannot invert gdn: tolerance must be a finite number > 0, got -1",
      ],
      [
        { alphaParameter: 0 },
        RangeError,
        "Cannot invert gdn: alphaParameter must be a finite number > 0, got 0",
      ],
      [
        { inverse: true },
        TypeError,
        "Cannot invert gdn: options must have keys among dataFormat, alphaParameter, epsilonParameter, betaMin, " +
        "reparamOffset, maxSteps, tolerance, runtime, got inverse",
      ],
    ];
    for (const [options, type, text] of refusals) {
      await assertRejected(() => gdnInverse(y, initGdn(2), options), type, text);
    }
    await assertRejected(
      () => gdnInverse(tensor([1]), initGdn(1)),
      TypeError,
      "Cannot invert gdn: x must have rank 2 to 5, got shape (1,)",
    );
  });
});

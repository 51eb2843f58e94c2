import { gdn, type GdnOptions, gdnVariables, gdnVjp, type Tensor, tensor } from "../../mod.ts";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { effectiveGradient, gdn as gdnOracle, gdnVjp as oracle } from "../oracle/gdn.ts";
import { pipeline } from "../support/eagerly.ts";
import { randomTensor, transposed } from "../support/random.ts";
import { assertRejected } from "../support/reject.ts";
import { dot, gradientOf } from "../support/slope.ts";

const C = 5;
const BETA = [1, 0.5, 2, 1.5, 0.75];
const GAMMA = Float32Array.from({ length: C * C }, (_, i) => 0.02 + 0.1 * ((i * 7) % 11) / 11);
const PARAMS = { beta: BETA, gamma: tensor(GAMMA, [C, C]) };
/** 420 positions: several chunks of gamma's sum, the last one cut short. */
const SHAPE = [2, 15, 14, C];

/** Three contractions and sums over all positions round a few hundred times. */
const TOLERANCE = 2e-5;

/** Options under the names of the formula, which are those of the oracle. */
interface Case {
  readonly alpha?: number;
  readonly epsilon?: number;
  readonly inverse?: boolean;
  readonly rectify?: boolean;
}

const OPTIONS: readonly Case[] = [
  {},
  { inverse: true },
  { alpha: 1, epsilon: 1 },
  { alpha: 1, epsilon: 1, inverse: true },
  { alpha: 1.6, epsilon: 0.7 },
  { alpha: 1.6, epsilon: 0.7, inverse: true, rectify: true },
  { rectify: true },
];

/** The same options under the names of the op. */
function named({ alpha = 2, epsilon = 0.5, ...others }: Case): GdnOptions {
  return { ...others, alphaParameter: alpha, epsilonParameter: epsilon };
}

/** Off centre, and with zeros, at which |x| has no derivative and ln|x| no value. */
function inputOf(shape: readonly number[]): Tensor {
  const x = randomTensor(shape, { seed: 5, mean: 0.5 });
  x.data[3] = 0;
  return x;
}

function close(actual: Tensor, expected: ArrayLike<number>, what: string): void {
  let largest = 1;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]));
  assertClose(actual.data, expected, TOLERANCE * largest, what);
}

describe("gdnVjp", () => {
  for (const options of OPTIONS) {
    for (const dataFormat of ["NHWC", "NCHW"] as const) {
      itOnEachBackend(
        `gives every cotangent in ${dataFormat} with ${JSON.stringify(options)}`,
        async (runtime) => {
          const order = [0, 3, 1, 2];
          const isLast = dataFormat === "NHWC";
          const last = inputOf(SHAPE);
          const dyLast = randomTensor(SHAPE, { seed: 9 });
          const x = isLast ? last : transposed(last, order);
          const dy = isLast ? dyLast : transposed(dyLast, order);
          const channelsAxis = isLast ? -1 : 1;
          const all = { ...named(options), dataFormat, runtime };
          const { y, vjp } = await gdnVjp(x, PARAMS, all);
          assertEquals(y, await gdn(x, PARAMS, all));
          const cotangents = await vjp(dy);
          const expected = oracle(x, BETA, GAMMA, dy.data, { ...options, channelsAxis });
          const { beta, gamma } = cotangents.params;
          assertEquals(
            [cotangents.x.shape, beta.shape, gamma.shape, cotangents.alphaParameter.shape],
            [[...x.shape], [C], [C, C], []],
          );
          close(cotangents.x, expected.dx.data, "x");
          close(beta, expected.dBeta, "beta");
          close(gamma, expected.dGamma, "gamma");
          close(cotangents.alphaParameter, [expected.dAlpha], "alpha");
          close(cotangents.epsilonParameter, [expected.dEpsilon], "epsilon");
        },
      );
    }
  }

  for (const options of OPTIONS) {
    it(`has a reference that is the slope of gdn, ${JSON.stringify(options)}`, () => {
      const shape = [1, 2, 3, C];
      const x = randomTensor(shape, { seed: 2, mean: 1 });
      const dy = randomTensor(shape, { seed: 3 });
      const { alpha = 2, epsilon = 0.5 } = options;
      const loss = (
        data: ArrayLike<number>,
        beta: ArrayLike<number>,
        gamma: ArrayLike<number>,
        [alpha, epsilon]: readonly number[],
      ) =>
        dot(gdnOracle({ data, shape }, beta, gamma, { ...options, alpha, epsilon }).data, dy.data);
      const exponents = [alpha, epsilon];
      const found = oracle(x, BETA, GAMMA, dy.data, options);
      const slopes = {
        x: [found.dx.data, gradientOf((v) => loss(v, BETA, GAMMA, exponents), x.data)],
        beta: [found.dBeta, gradientOf((v) => loss(x.data, v, GAMMA, exponents), BETA)],
        gamma: [found.dGamma, gradientOf((v) => loss(x.data, BETA, v, exponents), GAMMA)],
        exponents: [
          [found.dAlpha, found.dEpsilon],
          gradientOf((v) => loss(x.data, BETA, GAMMA, v), exponents),
        ],
      };
      // Differences of fourth order; the powers of small numbers have large derivatives.
      for (const [name, [actual, slope]] of Object.entries(slopes)) {
        assertClose(actual, slope, 1e-6, name);
      }
    });
  }

  itOnEachBackend("pulls stored parameters back through their bounds", async (runtime) => {
    const x = inputOf(SHAPE);
    const dy = randomTensor(SHAPE, { seed: 9 });
    const variables = gdnVariables(PARAMS);
    // Below its bound, one passes what leads back and another does not.
    variables.reparamBeta.data.set([-1, 1e-4], 0);
    variables.reparamGamma.data.set([-1, 0, 1e-7], 2);
    const { params } = await (await gdnVjp(x, variables, { runtime })).vjp(dy);
    const { reparamBeta, reparamGamma } = params;
    const offset = 2 ** -18;
    const effective = (raw: Float32Array, minimum: number) =>
      raw.map((r) => Math.max(r, Math.sqrt(minimum + offset ** 2)) ** 2 - offset ** 2);
    const beta = effective(variables.reparamBeta.data, 1e-6);
    const gamma = effective(variables.reparamGamma.data, 0);
    const { dBeta, dGamma } = oracle(x, beta, gamma, dy.data);
    const raw = [variables.reparamBeta.data, variables.reparamGamma.data];
    close(reparamBeta, effectiveGradient(raw[0], 1e-6, offset, dBeta), "reparamBeta");
    close(reparamGamma, effectiveGradient(raw[1], 0, offset, dGamma), "reparamGamma");
  });

  itOnEachBackend("agrees with published values", async (runtime) => {
    const params = { beta: [1, 2], gamma: tensor([[0.1, 0.2], [0.3, 0.4]]) };
    const x = tensor([[1, 2]]);
    const ones = tensor([[1, 1]]);
    const forward = await (await gdnVjp(x, params, { runtime })).vjp(ones);
    assertClose(forward.x.data, [0.5767129, 0.12498144], 1e-6, "x");
    const effective = forward.params;
    assertClose(effective.beta.data, [-0.14334358, -0.13499715], 1e-6, "beta");
    assertClose(
      effective.gamma.data,
      [-0.14334358, -0.13499715, -0.57337432, -0.53998861],
      1e-6,
      "gamma",
    );
    const inverse = await (await gdnVjp(x, params, { inverse: true, runtime })).vjp(ones);
    assertClose(inverse.x.data, [1.78770881, 3.16576983], 1e-6, "x of the inverse");
  });

  itOnEachBackend("is the slope of gdn along any direction", async (runtime) => {
    const shape = [1, 3, 4, C];
    const x = randomTensor(shape, { seed: 2, mean: 2 });
    const dy = randomTensor(shape, { seed: 3 });
    const way = randomTensor(shape, { seed: 4 });
    const cotangents = await (await gdnVjp(x, PARAMS, { runtime })).vjp(dy);
    const loss = (step: number) => {
      const moved = Float64Array.from(x.data, (v, i) => v + step * way.data[i]);
      const y = gdnOracle({ data: moved, shape }, BETA, GAMMA);
      return y.data.reduce((sum, value, i) => sum + value * dy.data[i], 0);
    };
    const slope = (loss(1e-5) - loss(-1e-5)) / 2e-5;
    const along = cotangents.x.data.reduce((sum, value, i) => sum + value * way.data[i], 0);
    assertAlmostEquals(along, slope, 1e-4);
  });

  itOnEachBackend("holds for x as large as gdn holds for", async (runtime) => {
    const params = { beta: [1], gamma: tensor([[1]]) };
    for (const [size, epsilon] of [[1e10, 1], [1e15, 0.5]]) {
      const { vjp } = await gdnVjp(tensor([[size]]), params, {
        epsilonParameter: epsilon,
        runtime,
      });
      const { x, params: { beta } } = await vjp(tensor([[1]]));
      // u is x^2: dL/du = -epsilon x u^(-epsilon - 1), and the cotangent of x nearly cancels.
      const pull = -epsilon * size ** (-1 - 2 * epsilon);
      assertAlmostEquals(beta.data[0] / pull, 1, 1e-5);
      const direct = size ** (-2 * epsilon);
      assertAlmostEquals(x.data[0] / direct, 1 - 2 * epsilon, 1e-5);
    }
  });

  itOnEachBackend("keeps its own copies, and can be pulled back again", async (runtime) => {
    const x = inputOf([2, 3, C]);
    const dy = randomTensor([2, 3, C], { seed: 9 });
    const beta = Float32Array.from(BETA);
    const { vjp } = await gdnVjp(x, { ...PARAMS, beta }, { runtime });
    const first = await vjp(dy);
    x.data.fill(NaN);
    beta.fill(NaN);
    assertEquals(await vjp(dy), first);
  });

  itOnEachBackend("is one plan in a pipeline, with what else is done", async (runtime, backend) => {
    const x = inputOf([2, 3, C]);
    const dy = randomTensor([2, 3, C], { seed: 9 });
    const step = pipeline((ops, { x, dy }: { x: Tensor; dy: Tensor }) => {
      const { y, vjp } = ops.gdnVjp(x, PARAMS);
      return { y, back: vjp(ops.scale(dy, 2)) };
    }, { runtime });
    const runs = runtime.stats().runs[backend];
    const { y, back } = await step({ x, dy });
    assertEquals(runtime.stats().runs[backend], runs + 1);
    const { y: expected, vjp } = await gdnVjp(x, PARAMS, { runtime });
    // Both ways share u here, and y is rounded once more.
    close(y, expected.data, "y");
    const twice = await vjp(tensor(dy.data.map((value) => 2 * value), dy.shape));
    close(back.x, twice.x.data, "x");
    close(
      back.params.gamma,
      twice.params.gamma.data,
      "g",
    );
  });

  itOnEachBackend("gives zeros for an empty batch", async (runtime) => {
    const empty = tensor(new Float32Array(0), [0, 3, C]);
    const { x, params, alphaParameter: alpha } = await (await gdnVjp(empty, PARAMS, { runtime }))
      .vjp(empty);
    const { beta, gamma } = params;
    assertEquals([x.shape, beta.shape, gamma.shape], [[0, 3, C], [C], [C, C]]);
    assertEquals([...beta.data, ...gamma.data, ...alpha.data], new Array(C + C * C + 1).fill(0));
  });

  it("refuses a cotangent of another shape", async () => {
    const { vjp } = await gdnVjp(inputOf([2, 3, C]), PARAMS);
    await assertRejected(
      () => vjp(randomTensor([3, 2, C])),
      TypeError,
      "Cannot pull back gdn: dy must have shape (2, 3, 5), got (3, 2, 5)",
    );
    await assertRejected(
      () => vjp([1] as unknown as Tensor),
      TypeError,
      "Cannot pull back gdn: dy must be a tensor of float32 data, got an array; tensor(data, shape) makes one of it",
    );
    await assertRejected(
      () => gdnVjp(inputOf([2, 3, C]), { ...PARAMS, beta: [1] }),
      TypeError,
      "Cannot apply gdnVjp: beta must have shape (5,), got (1,)",
    );
    const wrong = pipeline((ops, x: Tensor) => ops.gdnVjp(x, { ...PARAMS, beta: [1] }).y);
    await assertRejected(
      () => wrong(inputOf([2, 3, C])),
      TypeError,
      "Cannot apply gdnVjp: beta must have shape (5,), got (1,)",
    );
  });
});

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  batchNorm,
  batchNormFromPyTorch,
  batchNormToPyTorch,
  gdn,
  gdnFromCompressAI,
  gdnToCompressAI,
  gdnVariables,
  tensor,
} from "../../mod.ts";
import { assertClose } from "../support/close.ts";
import { runtime } from "../support/refusals.ts";

/** The same numbers, rounded to float32 in another order a few times. */
const GOLDEN = 2e-6;

const float = fc.float({ noNaN: true });
const spread = fc.float({ noNaN: true, noDefaultInfinity: true, min: 0 });
const floats = (of: fc.Arbitrary<number>, length: number) =>
  fc.array(of, { minLength: length, maxLength: length }).map((values) =>
    tensor(Float32Array.from(values))
  );
const layers = fc.integer({ min: 1, max: 5 }).chain((n) =>
  fc.record({
    weight: floats(float, n),
    bias: floats(float, n),
    running_mean: floats(float, n),
    running_var: floats(spread, n),
  })
);
const decimals = fc.integer({ min: 0, max: 10 ** 6 }).map((millionths) => millionths / 10 ** 6);

describe("batchNormToPyTorch", () => {
  it("gives back what batchNormFromPyTorch took, bit for bit", () => {
    fc.assert(
      fc.property(layers, decimals, fc.double({ min: 0, max: 1, noNaN: true }), (
        weights,
        momentum,
        eps,
      ) => {
        const given = { eps, momentum, affine: true };
        const { params, state, options } = batchNormFromPyTorch(weights, given);
        const back = batchNormToPyTorch(params, state, options);
        assertEquals(back, { weights, options: given });
        back.weights.weight!.data.fill(NaN);
        back.weights.running_mean.data.fill(NaN);
        assertEquals(batchNormToPyTorch(params, state, options).weights, weights);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it("is what batchNormFromPyTorch takes to give the same, whatever the momentum", () => {
    const momenta = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(layers, momenta, ({ running_mean, running_var }, momentum) => {
        const plain = { running_mean, running_var };
        const first = batchNormFromPyTorch(plain, { momentum, affine: false });
        const back = batchNormToPyTorch(first.params, first.state, first.options);
        assertEquals(back.options.affine, false);
        assertEquals(batchNormFromPyTorch(back.weights, back.options), first);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it("fills in what PyTorch has only both of, with what changes nothing", () => {
    const state = { movingMean: [1, 2], movingVariance: [3, 4] };
    const offset = batchNormToPyTorch({ beta: [5, 6] }, state);
    assertEquals(offset.weights.weight, tensor([1, 1]));
    assertEquals(offset.weights.bias, tensor([5, 6]));
    const scale = batchNormToPyTorch({ beta: [5, 6], gamma: [7, 8] }, state, { center: false });
    assertEquals(scale.weights.bias, tensor([0, 0]));
    assertEquals(scale.weights.weight, tensor([7, 8]));
    const none = batchNormToPyTorch({ gamma: [7, 8] }, state, { scale: false });
    assertEquals(none, {
      weights: { running_mean: tensor([1, 2]), running_var: tensor([3, 4]) },
      options: { eps: 1e-3, momentum: 0.001, affine: false },
    });
  });

  it("goes over from channels last and a biased variance in inference", async () => {
    const params = { beta: [1, -1], gamma: [2, 0.5] };
    const state = { movingMean: [1, 2], movingVariance: [3, 4] };
    const options = { epsilon: 0.25, training: false, unbiasedMovingVariance: false } as const;
    const x = tensor([[1, 5], [-2, 3]]);
    const here = await batchNorm(x, params, state, { ...options, runtime });
    const there = batchNormToPyTorch(params, state, { ...options, dataFormat: "NHWC" });
    const again = batchNormFromPyTorch(there.weights, there.options);
    const { y } = await batchNorm(x, again.params, again.state, {
      ...again.options,
      training: false,
      runtime,
    });
    assertEquals(y, here.y);
  });

  it("rounds a decay below 0.5 that has no momentum to a multiple of 2^-53", () => {
    const state = { movingMean: [0], movingVariance: [1] };
    const { options } = batchNormToPyTorch({}, state, { decay: 0.1 });
    assertEquals(options.momentum, 0.9);
    assertEquals(1 - options.momentum, 0.1 - 3 * 2 ** -57);
  });
});

/** State dicts as CompressAI writes them: constants of `beta_min` in float32. */
const dicts = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(1e-6, 0.01, 0, 3)).chain((
  [n, beta_min],
) =>
  fc.record({
    beta: floats(float, n),
    gamma: floats(float, n * n).map(({ data }) => tensor(data, [n, n])),
    layer: fc.constantFrom("GDN" as const, "GDN1" as const),
    inverse: fc.boolean(),
  }).map(({ beta, gamma, layer, inverse }) => ({
    weights: {
      beta,
      gamma,
      "beta_reparam.pedestal": tensor([2 ** -36]),
      "beta_reparam.lower_bound.bound": tensor([Math.sqrt(beta_min + 2 ** -36)]),
      "gamma_reparam.pedestal": tensor([2 ** -36]),
      "gamma_reparam.lower_bound.bound": tensor([2 ** -18]),
    },
    options: { layer, inverse, beta_min },
  }))
);

describe("gdnToCompressAI", () => {
  it("gives back what gdnFromCompressAI took, bit for bit, also below the bounds", () => {
    fc.assert(
      fc.property(dicts, ({ weights, options }) => {
        const imported = gdnFromCompressAI(weights, options);
        const back = gdnToCompressAI(imported.params, imported.options);
        assertEquals(back, { weights, options });
        back.weights.beta.data.fill(NaN);
        back.weights.gamma.data.fill(NaN);
        assertEquals(gdnFromCompressAI(weights, options), imported);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it("stores effective parameters, raised to their bounds", async () => {
    const params = { beta: [4, 1], gamma: tensor([[1, 0.5], [0, 2]]) };
    const { weights, options } = gdnToCompressAI(params, { betaMin: 2 });
    const { reparamBeta, reparamGamma } = gdnVariables(params, { betaMin: 2 });
    assertEquals(weights.beta, reparamBeta);
    assertEquals(reparamGamma.data[1], weights.gamma.data[2]);
    assertEquals(options, { layer: "GDN", inverse: false, beta_min: 2 });
    const again = gdnFromCompressAI(weights, options);
    const x = tensor([3, 4], [1, 2, 1]);
    const y = await gdn(x, again.params, { ...again.options, runtime });
    // u[1] = 2 + 0.5 * 9 + 2 * 16, its beta having been raised from 1 to 2.
    assertClose(y.data, [3 / Math.sqrt(4 + 9), 4 / Math.sqrt(38.5)], GOLDEN);
  });

  it("knows GDN1 by its exponents", () => {
    const stored = { reparamBeta: [1], reparamGamma: tensor([[1]]) };
    const { options } = gdnToCompressAI(stored, {
      alphaParameter: 1,
      epsilonParameter: 1,
      inverse: true,
    });
    assertEquals(options, { layer: "GDN1", inverse: true, beta_min: 1e-6 });
  });
});

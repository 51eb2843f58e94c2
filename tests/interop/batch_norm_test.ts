import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  batchNormFromKeras,
  batchNormFromOnnx,
  batchNormFromPyTorch,
  batchNormFromTensorFlow,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { torch } from "./batch_norm_cases.ts";

describe("a conversion", () => {
  const float = fc.float({ noNaN: true, min: -100, max: 100 });
  const channels = fc.integer({ min: 1, max: 5 }).chain((n) => {
    const vector = (of: fc.Arbitrary<number>) =>
      fc.tuple(fc.array(of, { minLength: n, maxLength: n }), fc.constantFrom(0, 1, 2)).map(
        ([values, form]) =>
          [values, new Float32Array(values), tensor(new Float32Array(values))][form],
      );
    const spread = fc.float({ noNaN: true, min: 0, max: 100 });
    return fc.tuple(vector(float), vector(float), vector(float), vector(spread));
  });
  const numbers = (vector: Tensor | Float32Array | readonly number[]) => [
    ..."data" in vector ? vector.data : Float32Array.from(vector),
  ];

  it("gives the same numbers from every framework and form, and shares none", () => {
    fc.assert(
      fc.property(channels, ([gamma, beta, mean, variance]) => {
        const before = structuredClone([gamma, beta, mean, variance]);
        const all = [
          batchNormFromKeras({ gamma, beta, moving_mean: mean, moving_variance: variance }),
          batchNormFromTensorFlow({ gamma, beta, moving_mean: mean, moving_variance: variance }, {
            scale: true,
          }),
          batchNormFromPyTorch({
            weight: gamma,
            bias: beta,
            running_mean: mean,
            running_var: variance,
          }),
          batchNormFromOnnx({ scale: gamma, B: beta, input_mean: mean, input_var: variance }),
        ];
        for (const { params, state } of all) {
          const found = [params.gamma!, params.beta!, state.movingMean, state.movingVariance];
          assertEquals(found.map(numbers), before.map(numbers));
          for (const { shape, data } of found) {
            assertEquals(shape, [data.length]);
            data.fill(NaN);
          }
        }
        assertEquals([gamma, beta, mean, variance], before);
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  it("is plain data, new at every call", () => {
    const a = batchNormFromPyTorch(torch);
    const b = batchNormFromPyTorch(torch);
    assertEquals(a, b);
    assertEquals(structuredClone(a), a);
    assertNotStrictEquals(a.state.movingMean.data, b.state.movingMean.data);
    assert(!Object.keys(a.state).includes("renorm"));
  });
});

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  createRuntime,
  gdn,
  gdnParams,
  gdnParamsFromCompressAI,
  gdnVariables,
  initGdn,
  tensor,
} from "../../mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose, largest } from "../support/close.ts";
import { gdn as oracle } from "../oracle/gdn.ts";
import { channelsFirstOrder, randomTensor, transposed } from "../support/random.ts";

/** Squares, roots and quotients round a handful of times; sums over channels a few times more. */
const CLASSIC = 2e-6;

/** WebGPU's pow alone may be off by 2.7e-6, and the pool is raised twice. */
const POWERS = 1e-5;

/** Golden values are given to nine digits; float32 holds seven. */
const GOLDEN = 5e-7;

function params(channels: number) {
  const gamma = randomTensor([channels, channels], { seed: 3, stddev: 0.05 });
  return {
    beta: tensor(randomTensor([channels], { seed: 2, stddev: 0.1 }).data.map((b) => 1 + b * b)),
    gamma: tensor(gamma.data.map(Math.abs), gamma.shape),
  };
}

describe("gdn", () => {
  const gamma = tensor([[0.1, 0.2], [0.3, 0.4]]);
  const golden = { beta: [1, 2], gamma };
  const x = tensor([[1, 2]]);

  itOnEachBackend("gives the golden values of the classic forms", async (runtime) => {
    const forward = await gdn(x, golden, { runtime });
    assertClose(forward.data, [0.65938047, 1.02597835], GOLDEN);
    const inverse = await gdn(x, golden, { runtime, inverse: true });
    assertClose(inverse.data, [1.51657509, 3.89871774], GOLDEN);
  });

  itOnEachBackend("gives the golden values of exponents 1 and of CompressAI", async (runtime) => {
    const simplified = await gdn(x, golden, { runtime, alphaParameter: 1, epsilonParameter: 1 });
    assertClose(simplified.data, [0.58823529, 0.66666667], GOLDEN);
    const compressAI = await gdn(x, gdnParamsFromCompressAI(golden), { runtime });
    assertClose(compressAI.data, [0.72547625, 1.01273937], GOLDEN);
  });

  itOnEachBackend("with initial parameters is x / sqrt(1 + 0.1 x^2)", async (runtime) => {
    const x = randomTensor([3, 5, 4], { seed: 5, stddev: 3 });
    const y = await gdn(x, initGdn(4), { runtime });
    assertClose(y.data, Array.from(x.data, (v) => v / Math.sqrt(1 + 0.1 * v * v)), 3 * CLASSIC);
  });

  for (const inverse of [false, true]) {
    for (const [alpha, epsilon] of [[2, 0.5], [1, 1], [2, 1], [1, 0.5], [1.5, 0.7], [2, 0.3]]) {
      for (const rectify of [false, true]) {
        const what = `inverse ${inverse}, alpha ${alpha}, epsilon ${epsilon}, rectify ${rectify}`;
        itOnEachBackend(`matches the oracle in both formats: ${what}`, async (runtime) => {
          const channels = 8;
          const options = {
            inverse,
            alphaParameter: alpha,
            epsilonParameter: epsilon,
            rectify,
            runtime,
          };
          const x = randomTensor([2, 3, 4, channels], { seed: 7, mean: 0.5, stddev: 2 });
          const { beta, gamma } = params(channels);
          const expected = oracle(x, beta.data, gamma.data, {
            inverse,
            alpha,
            epsilon,
            rectify,
            channelsAxis: -1,
          });
          const fast = [1, 2].includes(alpha) && [0.5, 1].includes(epsilon);
          const tolerance = (fast ? CLASSIC : POWERS) * largest(expected.data);
          const y = await gdn(x, { beta, gamma }, options);
          assertClose(y.data, expected.data, tolerance, "NHWC");
          const first = channelsFirstOrder(4);
          const z = await gdn(transposed(x, first), { beta, gamma }, {
            ...options,
            dataFormat: "NCHW",
          });
          assertClose(transposed(z, [0, 2, 3, 1]).data, expected.data, tolerance, "NCHW");
        });
      }
    }
  }

  for (const shape of [[5, 3], [2, 7, 3], [2, 3, 5, 3], [2, 3, 2, 2, 3], [1, 1], [1, 1, 1, 1]]) {
    itOnEachBackend(`matches the oracle on shape (${shape})`, async (runtime) => {
      const x = randomTensor(shape, { seed: 11, mean: -1 });
      const { beta, gamma } = params(shape.at(-1)!);
      const expected = oracle(x, beta.data, gamma.data, { channelsAxis: -1 });
      const y = await gdn(x, { beta, gamma }, { runtime });
      assertEquals(y.shape, shape);
      assertClose(y.data, expected.data, CLASSIC * largest(expected.data));
    });
  }

  itOnEachBackend("takes stored parameters as it takes effective ones", async (runtime) => {
    const x = randomTensor([4, 6, 3], { seed: 13 });
    const variables = gdnVariables(params(3));
    const a = await gdn(x, variables, { runtime });
    const b = await gdn(x, gdnParams(variables), { runtime });
    assertClose(a.data, b.data, CLASSIC * largest(b.data));
  });

  itOnEachBackend("keeps NaN and Infinity to their own position", async (runtime) => {
    const x = randomTensor([4, 3], { seed: 17 });
    const clean = await gdn(x, params(3), { runtime });
    x.data[3] = NaN;
    x.data[7] = Infinity;
    const y = await gdn(x, params(3), { runtime });
    assertEquals([...y.data.slice(0, 3), ...y.data.slice(9)], [
      ...clean.data.slice(0, 3),
      ...clean.data.slice(9),
    ]);
  });

  it("takes squares and magnitudes inside of its kernel, and other powers in a launch before", async () => {
    await using runtime = await createRuntime({ backend: "cpu" });
    const x = randomTensor([2, 3]);
    const params = { beta: [1, 1, 1], gamma: randomTensor([3, 3], { mean: 6 }) };
    const launches: number[] = [];
    for (const alpha of [2, 1, 1.5]) {
      const before = runtime.stats().launches;
      await gdn(x, params, { alphaParameter: alpha, runtime });
      launches.push(runtime.stats().launches - before);
    }
    assertEquals(launches, [1, 1, 2]);
  });

  itOnEachBackend("gives nothing for nothing", async (runtime) => {
    const y = await gdn(tensor(new Float32Array(0), [0, 4, 3]), params(3), { runtime });
    assertEquals(y, { shape: [0, 4, 3], data: new Float32Array(0) });
  });
});

describe("GDN's parameters", () => {
  it("start as TensorFlow 1.15's do", () => {
    const { reparamBeta, reparamGamma } = initGdn(2);
    assertAlmostEquals(reparamBeta.data[0], 1.000000000007276, 1e-7);
    assertAlmostEquals(reparamGamma.data[0], 0.31622776603984654, 3e-8);
    assertEquals(reparamGamma.data[1], 2 ** -18);
    const { beta, gamma } = gdnParams(initGdn(2));
    assertEquals([...beta.data], [1, 1]);
    assertEquals([...gamma.data.slice(1, 3)], [0, 0]);
    assertAlmostEquals(gamma.data[3], 0.1, 1e-8);
  });

  it("are raised to their bounds", () => {
    const raised = gdnParams({ reparamBeta: [0, -1], reparamGamma: tensor([[0, -1], [0.5, 0]]) });
    assertAlmostEquals(raised.beta.data[0], 1e-6, 1e-13);
    assertEquals(raised.beta.data[0], raised.beta.data[1]);
    assertEquals([...raised.gamma.data.slice(0, 2)], [0, 0]);
  });

  it("survive the way there and back", () => {
    const { beta, gamma } = params(5);
    const again = gdnParams(gdnVariables({ beta, gamma }));
    assertClose(again.beta.data, beta.data, 3e-7);
    assertClose(again.gamma.data, gamma.data, 3e-8);
  });

  it("take CompressAI's gamma as convolution weights", () => {
    const gamma = tensor(new Float32Array([1, 2, 3, 4]), [2, 2, 1, 1]);
    assertEquals(gdnParamsFromCompressAI({ beta: [1, 1], gamma }).gamma, tensor([[1, 3], [2, 4]]));
  });
});

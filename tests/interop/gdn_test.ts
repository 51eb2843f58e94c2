import { assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  gdn,
  gdnFromCompressAI,
  gdnFromTensorFlow,
  gdnParams,
  gdnParamsFromCompressAI,
  type ImportedGdn,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { assertClose } from "../support/close.ts";
import { runtime } from "../support/refusals.ts";

/** Golden values are given to nine digits; float32 holds seven, and is rounded a few times. */
const GOLDEN = 1e-6;

/** docs/semantics.md, section 2.6; gamma is [in, out] for TensorFlow and [out, in] for CompressAI. */
const beta = tensor([1, 2]);
const gamma = tensor([[0.1, 0.2], [0.3, 0.4]]);
const x = tensor([[1, 2]]);
const image = tensor(x.data, [1, 2, 1, 1]);
const GDN = [0.65938047, 1.02597835];
const IGDN = [1.51657509, 3.89871774];
const SIMPLIFIED = [0.58823529, 0.66666667];
const COMPRESSAI = [0.72547625, 1.01273937];

/** As it is stored by all of them: sqrt(max(value + p, p)), p = 2^-36. */
const stored = ({ shape, data }: Tensor) => ({
  shape,
  data: data.map((value) => Math.sqrt(Math.max(value + 2 ** -36, 2 ** -36))),
});
const variables = { reparam_beta: stored(beta), reparam_gamma: stored(gamma) };
const entries = { beta: stored(beta), gamma: stored(gamma) };

async function assertRuns({ params, options }: ImportedGdn, input: Tensor, y: number[]) {
  assertClose((await gdn(input, params, { ...options, runtime })).data, y, GOLDEN);
}

describe("gdnFromTensorFlow", () => {
  it("is the classic GDN in version 1, and IGDN", async () => {
    await assertRuns(gdnFromTensorFlow(variables, { version: 1 }), x, GDN);
    await assertRuns(gdnFromTensorFlow(variables, { version: 1, inverse: true }), x, IGDN);
  });

  it("is the simplified GDN in version 2, and the classic one with its exponents", async () => {
    await assertRuns(gdnFromTensorFlow(variables, { version: 2 }), x, SIMPLIFIED);
    const exponents = { alpha_parameter: 2, epsilon_parameter: 0.5 };
    await assertRuns(gdnFromTensorFlow(variables, { version: 2, ...exponents }), x, GDN);
  });

  it("takes exponents that were trained, which are stored like the rest", async () => {
    const [alpha, epsilon] = [2, 0.5].map((value) => stored(tensor(value)));
    const trained = { ...variables, reparam_alpha: alpha, reparam_epsilon: epsilon };
    const imported = gdnFromTensorFlow(trained, { version: 2 });
    assertAlmostEquals(imported.options.alphaParameter!, 2, 2.4e-7);
    assertAlmostEquals(imported.options.epsilonParameter!, 0.5, 6e-8);
    await assertRuns(imported, x, GDN);
    const least = gdnFromTensorFlow({ ...variables, reparam_alpha: 0.3, reparam_epsilon: [-1] }, {
      version: 2,
    });
    assertEquals([least.options.alphaParameter, least.options.epsilonParameter], [
      1,
      Math.fround(1e-6),
    ]);
  });

  it("takes effective parameters, channels first, and rectification", async () => {
    const effective = gdnFromTensorFlow({ beta, gamma }, {
      version: 1,
      data_format: "channels_first",
    });
    await assertRuns(effective, image, GDN);
    const rectified = gdnFromTensorFlow(variables, { version: 1, rectify: true });
    await assertRuns(rectified, tensor([[-1, 0]]), [0, 0]);
  });

  it("keeps values below their bounds, which gdn raises, and the bounds", () => {
    const low = { reparam_beta: [0], reparam_gamma: tensor([[-1]]) };
    const { params, options } = gdnFromTensorFlow(low, {
      version: 1,
      beta_min: 0.25,
      reparam_offset: 0.5,
    });
    assertEquals(params, { reparamBeta: tensor([0]), reparamGamma: tensor([[-1]]) });
    assertEquals([options.betaMin, options.reparamOffset], [0.25, 0.5]);
  });
});

describe("gdnFromCompressAI", () => {
  it("is GDN with gamma transposed, on axis 1", async () => {
    await assertRuns(gdnFromCompressAI(entries), image, COMPRESSAI);
    const inverse = [1 * Math.sqrt(1.9), 2 * Math.sqrt(3.9)];
    await assertRuns(gdnFromCompressAI(entries, { inverse: true }), image, inverse);
  });

  it("is GDN1 if that was the class", async () => {
    const y = [1 / (1 + 0.1 + 0.2 * 2), 2 / (2 + 0.3 + 0.4 * 2)];
    await assertRuns(gdnFromCompressAI(entries, { layer: "GDN1" }), image, y);
  });

  it("takes a whole state dict, whose constants are float32", async () => {
    const bound = Math.fround(Math.sqrt(0.01 + 2 ** -36));
    const dict = {
      ...entries,
      "beta_reparam.pedestal": tensor([2 ** -36]),
      "beta_reparam.lower_bound.bound": tensor([bound]),
      "gamma_reparam.pedestal": tensor([2 ** -36]),
      "gamma_reparam.lower_bound.bound": tensor([2 ** -18]),
    };
    const imported = gdnFromCompressAI(dict, { beta_min: 0.01 });
    assertEquals(imported.options.betaMin, 0.01);
    await assertRuns(imported, image, COMPRESSAI);
  });

  it("agrees with gdnParamsFromCompressAI of the effective parameters", () => {
    const size = fc.integer({ min: 1, max: 5 });
    const layer = size.chain((n) => {
      const values = (length: number) =>
        fc.float32Array({ minLength: length, maxLength: length, noNaN: true, min: -1, max: 4 });
      return fc.tuple(values(n), values(n * n), fc.constantFrom([n, n], [n, n, 1, 1]));
    });
    fc.assert(
      fc.property(layer, ([rawBeta, rawGamma, shape]) => {
        const raw = { beta: tensor(rawBeta), gamma: tensor(rawGamma, shape) };
        const copy = structuredClone(raw);
        const { params } = gdnFromCompressAI(raw);
        // The effective values of CompressAI's own, before anything is transposed.
        const n = rawBeta.length;
        const own = gdnParams({ reparamBeta: rawBeta, reparamGamma: tensor(rawGamma, [n, n]) });
        assertEquals(gdnParams(params), gdnParamsFromCompressAI(own));
        params.reparamBeta.data.fill(NaN);
        params.reparamGamma.data.fill(NaN);
        assertEquals(raw, copy);
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});

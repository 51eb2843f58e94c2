import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import {
  batchNorm,
  gdn,
  gdnFromTensorFlow,
  groupNorm,
  initBatchNorm,
  type Tensor,
} from "../../mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { casesOf } from "./read.ts";

const CASES = await casesOf("contrib");
const COMPRESSION = await casesOf("compression");
const ONNX = await casesOf("onnx_reference");

/** What tf.contrib computes and what comes out here, as docs/tensorflow.md has them, to its digits. */
const DIFFERENCES: Readonly<
  Record<string, { readonly there: readonly number[]; readonly here: readonly number[] }>
> = {
  "epsilon of the fused kernel": { there: [0.3014, -0.3014], here: [0.7071, -0.7071] },
  "batch_weights with adjustment": { there: [-0.9995, 0.9995], here: [-0.999, 2.999] },
  "NaN of weight 0": { there: [NaN, NaN, NaN], here: [-0.9995, 0.9995, NaN] },
};
const DIGITS = 5e-5;

/** All numbers but NaN, which must be at the same places. */
function assertSays(actual: Tensor, expected: readonly number[]): void {
  assertEquals(Array.from(actual.data, Number.isNaN), expected.map(Number.isNaN));
  const numbers = (values: ArrayLike<number>) =>
    Array.from(values).filter((value) => !Number.isNaN(value));
  assertClose(numbers(actual.data), numbers(expected), DIGITS, "y");
}

describe("what batch_norm of tf.contrib does in another way", () => {
  for (const [name, { there, here }] of Object.entries(DIFFERENCES)) {
    itOnEachBackend(`is as the documentation says: ${name}`, async (runtime) => {
      const one = CASES.find((one) => one.name === name);
      assert(one !== undefined);
      assertSays(one.outputs.y, there);
      const { x, batch_weights: batchWeights, scale, bias } = one.inputs;
      const { params, state } = initBatchNorm(1);
      const { y } = await batchNorm(x, params, state, {
        ...(one.options.epsilon !== undefined && { epsilon: one.options.epsilon }),
        ...(batchWeights && { batchWeights }),
        ...(scale && { adjustment: { scale, bias } }),
        runtime,
      });
      assertSays(y, here);
    });
  }
});

describe("what tensorflow-compression does in another way", () => {
  itOnEachBackend("is as the documentation says: x below 0", async (runtime) => {
    const one = COMPRESSION.find(({ op }) => op === "difference");
    assert(one !== undefined);
    assertSays(one.outputs.y, [NaN]);
    const { params, options } = gdnFromTensorFlow(one.params, { version: 2, ...one.options });
    const y = await gdn(one.inputs.x, params, { ...options, runtime });
    const { reparam_beta: beta, reparam_gamma: gamma } = one.params;
    const x = one.inputs.x.data[0];
    assertSays(y, [x / (beta.data[0] ** 2 + gamma.data[0] ** 2 * Math.abs(x) ** 1.5)]);
  });
});

describe("what ONNX's reference implementation does in another way", () => {
  itOnEachBackend("is as the documentation says: one pass in float32", async (runtime) => {
    const one = ONNX.find(({ op }) => op === "difference");
    assert(one !== undefined);
    assertClose(one.outputs.y.data, [-474.3, -158.1, 158.1, 474.3], 0.1, "y");
    const options = { groups: 1, epsilon: 1e-5, dataFormat: "NCHW", runtime } as const;
    assertSays(await groupNorm(one.inputs.x, {}, options), [-1.3416, -0.4472, 0.4472, 1.3416]);
  });
});

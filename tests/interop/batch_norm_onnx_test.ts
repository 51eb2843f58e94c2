import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { batchNorm, batchNormFromOnnx } from "../../mod.ts";
import { assertClose } from "../support/close.ts";
import { runtime } from "../support/refusals.ts";
import { assertRuns, FIRST, FIRST_INFERENCE, GOLDEN, onnx, x } from "./batch_norm_cases.ts";

describe("batchNormFromOnnx", () => {
  it("trains as ONNX does with training_mode", async () => {
    const attributes = { momentum: 0.8, epsilon: 1e-2, training_mode: 1 as const };
    await assertRuns(batchNormFromOnnx(onnx, attributes), x, FIRST);
  });

  it("infers as ONNX does without", async () => {
    const { params, state, options } = batchNormFromOnnx(onnx, { epsilon: 1e-2 });
    const { y } = await batchNorm(x, params, state, { ...options, runtime });
    assertClose(y.data, FIRST_INFERENCE, GOLDEN);
  });

  it("has ONNX's defaults", () => {
    assertEquals(batchNormFromOnnx(onnx).options, {
      training: false,
      decay: 0.9,
      epsilon: 1e-5,
      dataFormat: "channelsFirst",
      unbiasedMovingVariance: false,
    });
  });
});

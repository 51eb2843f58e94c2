import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { batchNormFromPyTorch, readSafetensors, tensor, writeSafetensors } from "../../mod.ts";
import {
  assertInfers,
  assertRuns,
  beta,
  FIRST,
  FIRST_INFERENCE,
  gamma,
  mean,
  torch,
  variance,
  x,
} from "./batch_norm_cases.ts";

describe("batchNormFromPyTorch", () => {
  it("trains by PyTorch's definition: unbiased variance, momentum of the new value", async () => {
    // 0.8 old + 0.2 new, with 6 values per channel and the moments of FIRST.
    const movingVariance = [0.8 * 2 + 0.2 * 4, 0.8 * 0.75 + 0.2 * 12.2];
    const imported = batchNormFromPyTorch(torch, { momentum: 0.2, eps: 1e-2 });
    await assertRuns(imported, x, { ...FIRST, movingVariance });
  });

  it("infers as ONNX does, which has the same formula and axis", async () => {
    await assertInfers(batchNormFromPyTorch(torch, { eps: 1e-2 }), x, FIRST_INFERENCE);
  });

  it("has PyTorch's defaults, and takes entries of a safetensors file", () => {
    const names = Object.entries({ ...torch, num_batches_tracked: [7] });
    const file = writeSafetensors(
      Object.fromEntries(names.map(([name, values]) => [`bn1.${name}`, tensor(values)])),
    );
    const { params, state, options } = batchNormFromPyTorch(
      readSafetensors(file, { prefix: "bn1." }).tensors,
    );
    assertEquals(params, { beta: tensor(beta), gamma: tensor(gamma) });
    assertEquals(state, { movingMean: tensor(mean), movingVariance: tensor(variance) });
    assertEquals(options, {
      decay: 0.9,
      epsilon: 1e-5,
      dataFormat: "channelsFirst",
      unbiasedMovingVariance: true,
    });
    const { weight: _w, bias: _b, ...plain } = torch;
    assertEquals(batchNormFromPyTorch(plain, { affine: false }).params, {});
  });
});

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  batchNorm,
  batchNormFromPyTorch,
  groupNorm,
  groupNormFromPyTorch,
  instanceNorm,
  instanceNormFromPyTorch,
  layerNorm,
  layerNormFromPyTorch,
  tensor,
} from "../../mod.ts";
import {
  torchGroupNorm,
  torchInstanceNorm,
  torchLayerNorm,
  torchTrackedInstanceNorm,
} from "../oracle/framework_norms.ts";
import { assertClose } from "../support/close.ts";
import { runtime } from "../support/refusals.ts";

/** Results of up to 4 are rounded to float32, 2.4e-7, a few times. */
const GOLDEN = 2e-6;

/** Two samples, four channels and three positions. */
const shape = [2, 4, 3];
const values = Array.from({ length: 24 }, (_, i) => Math.fround(2 * Math.sin(i * i)));
const x = tensor(values, shape);
const weight = [1.5, -0.5, 2, 0.25];
const bias = [0.25, 2, -1, 0.5];
const module = { weight, bias };

describe("groupNormFromPyTorch", () => {
  it("is group norm with the channels on axis 1", async () => {
    const { params, options } = groupNormFromPyTorch(module, { num_groups: 2, num_channels: 4 });
    const y = await groupNorm(x, params, { ...options, runtime });
    assertClose(y.data, torchGroupNorm(values, shape, 2, 1e-5, module), GOLDEN);
  });

  it("takes another eps, and modules without weights", async () => {
    const { params, options } = groupNormFromPyTorch({}, {
      num_groups: 4,
      eps: 0.5,
      affine: false,
    });
    const y = await groupNorm(x, params, { ...options, runtime });
    assertClose(y.data, torchGroupNorm(values, shape, 4, 0.5, {}), GOLDEN);
  });

  it("has PyTorch's defaults", () => {
    assertEquals(groupNormFromPyTorch(module, { num_groups: 1 }), {
      params: { beta: tensor(bias), gamma: tensor(weight) },
      options: { groups: 1, epsilon: 1e-5, dataFormat: "channelsFirst" },
    });
  });
});

describe("instanceNormFromPyTorch", () => {
  it("is instance norm with the channels on axis 1", async () => {
    const { params, options } = instanceNormFromPyTorch(module, { affine: true, num_features: 4 });
    const y = await instanceNorm(x, params, { ...options, runtime });
    assertClose(y.data, torchInstanceNorm(values, shape, 1e-5, module), GOLDEN);
  });

  it("has PyTorch's defaults, without weights", async () => {
    const { params, options } = instanceNormFromPyTorch({});
    assertEquals(params, {});
    assertEquals(options, { epsilon: 1e-5, dataFormat: "channelsFirst" });
    const y = await instanceNorm(x, params, { ...options, runtime });
    assertClose(y.data, torchInstanceNorm(values, shape, 1e-5, {}), GOLDEN);
  });

  it("has its running statistics converted as its documentation says, by batchNormFromPyTorch", async () => {
    const mean = [0.5, 1, -1, 0];
    const variance = [2, 0.75, 1, 4];
    const dict = { ...module, running_mean: mean, running_var: variance };
    const { params, state, options } = batchNormFromPyTorch(dict);
    const evaluated = { ...options, training: false, runtime };
    const { y } = await batchNorm(x, params, state, evaluated);
    const running = { mean, var: variance };
    assertClose(y.data, torchTrackedInstanceNorm(values, shape, 1e-5, module, running), GOLDEN);
  });
});

describe("layerNormFromPyTorch", () => {
  const matrix = tensor(Array.from({ length: 12 }, (_, i) => Math.cos(i)), [4, 3]);
  const offset = tensor(Array.from({ length: 12 }, (_, i) => Math.sin(3 * i)), [4, 3]);

  it("normalises the axes of normalized_shape", async () => {
    const imported = layerNormFromPyTorch({ weight: matrix, bias: offset }, {
      normalized_shape: [4, 3],
    });
    assertEquals(imported.options, { axes: [-2, -1], epsilon: 1e-5 });
    const y = await layerNorm(x, imported.params, { ...imported.options, runtime });
    const affine = { weight: [...matrix.data], bias: [...offset.data] };
    assertClose(y.data, torchLayerNorm(values, 12, 1e-5, affine), GOLDEN);
  });

  it("takes the shape from the weight", () => {
    assertEquals(layerNormFromPyTorch({ weight: matrix, bias: offset }).options.axes, [-2, -1]);
    assertEquals(
      layerNormFromPyTorch(module),
      layerNormFromPyTorch(module, { normalized_shape: 4 }),
    );
  });

  it("takes modules without a bias, and without a weight", async () => {
    const scaled = layerNormFromPyTorch({ weight: [2, 1, -1] }, { bias: false, eps: 0.25 });
    const y = await layerNorm(x, scaled.params, { ...scaled.options, runtime });
    assertClose(y.data, torchLayerNorm(values, 3, 0.25, { weight: [2, 1, -1] }), GOLDEN);
    const plain = layerNormFromPyTorch({}, { normalized_shape: [3], elementwise_affine: false });
    assertEquals(plain, { params: {}, options: { axes: [-1], epsilon: 1e-5 } });
  });
});

describe("norms from PyTorch", () => {
  it("share no numbers with the state dict", () => {
    const own = { weight: new Float32Array([1, 2]), bias: tensor([3, 4]) };
    for (
      const { params } of [
        groupNormFromPyTorch(own, { num_groups: 1 }),
        instanceNormFromPyTorch(own, { affine: true }),
        layerNormFromPyTorch(own),
      ]
    ) {
      assertEquals(params, { beta: tensor([3, 4]), gamma: tensor([1, 2]) });
      params.beta!.data.fill(NaN);
      params.gamma!.data.fill(NaN);
    }
    assertEquals(own, { weight: new Float32Array([1, 2]), bias: tensor([3, 4]) });
  });
});

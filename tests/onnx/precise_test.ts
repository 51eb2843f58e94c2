import { assert } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { pipeline, type PipelineOps, type Tensor, tensor } from "../../mod.ts";
import { toOnnx } from "../../ops/onnx/mod.ts";
import { assertCloseEach, worst } from "../support/close.ts";
import { randomTensor } from "../support/random.ts";
import { runtime } from "../support/refusals.ts";
import { itInEachBuild } from "./onnx_runtime.ts";

/**
 * Of the normalised values: the deviations are taken exactly, and of 1024 of them their mean and the mean
 * of their squares are each rounded to 2^-24 of their magnitude at every step of a sum in blocks.
 */
const CLOSE = 1e-5;

/** Deviations that the mean lies from zero. */
const FAR = [1e2, 1e3, 1e4, 1e5];

const EPSILON = 1e-12;

/** Norms of an x of shape (4, 16, 16, 8). */
const norms: Readonly<Record<string, (ops: PipelineOps, x: Tensor) => Tensor>> = {
  "groupNorm": (ops, x) => ops.groupNorm(x, {}, { groups: 2, epsilon: EPSILON }),
  "groupNorm over the batch": (ops, x) =>
    ops.groupNorm(x, {}, { groups: -1, reductionAxes: [0, 1, 2], epsilon: EPSILON }),
  "instanceNorm": (ops, x) => ops.instanceNorm(x, {}, { epsilon: EPSILON }),
  "layerNorm": (ops, x) => ops.layerNorm(x, {}, { axes: [1, 2, 3], epsilon: EPSILON }),
  "layerNorm of a row": (ops, x) =>
    ops.layerNorm(ops.reshape(x, [x.shape[0], 2048]), {}, { epsilon: EPSILON }),
  "deviations from the mean": (ops, x) => ops.sub(x, ops.mean(x)),
  "deviations from the means of columns": (ops, x) => {
    const column = ops.reshape(x, [2048, x.shape[0]]);
    return ops.sub(column, ops.mean(column, [0]));
  },
};

describe("a precise model far from zero", () => {
  for (const far of FAR) {
    const x = randomTensor([4, 16, 16, 8], { mean: far, stddev: 1 });
    for (const [name, fn] of Object.entries(norms)) {
      // The mean itself is a float32 number, which far from zero are far apart.
      if (name.startsWith("deviations") && far > 1e2) continue;
      itInEachBuild(`keeps the digits of ${name}, mean ${far}`, async (build) => {
        for (const opset of [17, 21] as const) {
          const [{ y }] = await build.run(toOnnx(fn, x, { opset, precise: true }), { x });
          const ours = await pipeline(fn, { runtime })(x);
          assertCloseEach(y.data, ours.data, CLOSE, `${name} of ${opset}`);
        }
      });
    }
  }

  for (const name of ["groupNorm", "groupNorm over the batch", "instanceNorm"]) {
    itInEachBuild(`is needed for ${name}: without it digits are lost`, async (build) => {
      const x = randomTensor([4, 16, 16, 8], { mean: 1e4, stddev: 1 });
      const [{ y }] = await build.run(toOnnx(norms[name], x), { x });
      const ours = await pipeline(norms[name], { runtime })(x);
      assert(worst(y.data, ours.data).by > 1e-3);
    });
  }
});

describe("constraints of norms that overflow, as a precise model", () => {
  const constraints: Readonly<Record<string, (ops: PipelineOps, x: Tensor) => Tensor>> = {
    maxNorm: (ops, x) => ops.maxNorm(x, { max: 2, axis: 1 }),
    unitNorm: (ops, x) => ops.unitNorm(x, { axis: 1 }),
    minMaxNorm: (ops, x) => ops.minMaxNorm(x, { min: 1, max: 2, rate: 0.25, axis: 1 }),
  };
  const x = tensor([[3e38, -1e38, 0], [2e19, 1e19, 3e19], [-1e19, 0, 1], [1, 2, -3]]);

  for (const [name, fn] of Object.entries(constraints)) {
    itInEachBuild(`are finite: ${name}`, async (build) => {
      const ours = await pipeline(fn, { runtime })(x);
      for (const opset of [17, 21] as const) {
        const [{ y }] = await build.run(toOnnx(fn, x, { opset, precise: true }), { x });
        for (const [i, value] of ours.data.entries()) {
          const most = CLOSE * Math.abs(value);
          assert(Math.abs(y.data[i] - value) <= most, `element ${i}: ${y.data[i]}, not ${value}`);
        }
      }
    });
  }
});

describe("moments with weights, as a model", () => {
  const CHANNELS = 3;
  const fn = (ops: PipelineOps, { x, w }: { readonly x: Tensor; readonly w: Tensor }) =>
    ops.moments(x, { batchWeights: w });

  for (const far of [1e4, 1e30, 3e38, Infinity, NaN]) {
    itInEachBuild(`leave items of weight 0 out: ${far}`, async (build) => {
      const { data } = randomTensor([6, 5, CHANNELS], { seed: 12, mean: 2, stddev: 1 });
      const x = tensor(
        data.fill(far, 0, 5 * CHANNELS).fill(far, 3 * 5 * CHANNELS, 4 * 5 * CHANNELS),
        [
          6,
          5,
          CHANNELS,
        ],
      );
      const input = { x, w: tensor([0, 1, 0.5, -0, 2, 1]) };
      const ours = await pipeline(fn, { runtime })(input);
      for (const opset of [17, 21] as const) {
        const [{ count, mean, m2 }] = await build.run(toOnnx(fn, input, { opset }), input);
        assertCloseEach(count.data, ours.count.data, 0, "count");
        assertCloseEach(mean.data, ours.mean.data, CLOSE, "mean");
        // Sums of 20 squares.
        assertCloseEach(m2.data, ours.m2.data, 20 * CLOSE, "m2");
      }
    });
  }
});

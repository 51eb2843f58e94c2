import { createRuntime, gdn, type Tensor } from "../../../../mod.ts";
import { modelOf } from "../../../../ops/onnx/model.ts";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { transpose } from "../../../oracle/array.ts";
import { gdn as oracle } from "../../../oracle/gdn.ts";
import { skipOf } from "../../../support/backends.ts";
import { assertClose, largest } from "../../../support/close.ts";
import { counting } from "../../../support/counting.ts";
import { transposed } from "../../../support/random.ts";
import { query } from "../../../support/required.ts";
import { conv, eighths, integers, paramsOf } from "./conv.ts";
import { loadOnnxRuntime, type Ort, type OrtTensor, type Session } from "./onnxruntime.ts";

const skip = query === undefined ? "it is tested in a page" : skipOf("webgpu");
const test = skip === undefined ? it : it.skip;
const suffix = skip === undefined ? "" : `: ${skip}`;

const CHANNELS = 8;
/** Terms of the second convolution. */
const TERMS = 9 * CHANNELS;
/**
 * Of the largest value of GDN, whose own error is that of tests/gdn/gdn_test.ts; the first convolution
 * is exact. The second multiplies it by weights of up to 1/4 and rounds each term and each sum.
 */
const ROUNDING = TERMS / 4 * (2e-6 + (TERMS + 1) * 2 ** -24);

/** Channels come second in ONNX, where outputs of a kernel come first. */
const FIRST = [0, 3, 1, 2];
const KERNEL = [3, 2, 0, 1];

const x = integers([2, 5, 7, CHANNELS], 1);
const kernels = [eighths(CHANNELS, CHANNELS, 2), eighths(CHANNELS, CHANNELS, 3)];
const params = paramsOf(CHANNELS);

/** Opens the convolution with a kernel; on a device of its own where none is given. */
function session(ort: Ort, kernel: Tensor, device: GPUDevice | undefined): Promise<Session> {
  const shape = FIRST.map((axis) => x.shape[axis]);
  const model = modelOf({
    opset: 21,
    nodes: [{
      type: "Conv",
      inputs: ["x", "kernel"],
      output: "y",
      attributes: { pads: [1, 1, 1, 1] },
    }],
    constants: [{ name: "kernel", ...transposed(kernel, KERNEL) }],
    inputs: [{ name: "x", shape }],
    outputs: [{ name: "y", shape }],
  });
  return ort.InferenceSession.create(model, {
    executionProviders: [{ name: "webgpu", ...device && { device } }],
    preferredOutputLocation: "gpu-buffer",
  });
}

describe("ONNX Runtime Web on the device of a runtime", () => {
  const fates = [["its own", "ends it with its sessions"], ["ours", "lets it live"]] as const;
  for (const [whose, fate] of fates) {
    test(`gives a convolution to gdn and takes the result for another, on ${whose}, with one map in the end, and ${fate}${suffix}`, async () => {
      const ort = await loadOnnxRuntime();
      const adapter = await navigator.gpu.requestAdapter();
      const ours = whose === "ours" ? await adapter!.requestDevice() : undefined;
      const first = await session(ort, kernels[0], ours);
      const second = await session(ort, kernels[1], ours);
      const device = ours ?? await ort.env.webgpu.device;
      await using runtime = await createRuntime({ device });
      const input = transposed(x, FIRST);
      let z: OrtTensor | undefined;
      const before = await counting([[GPUBuffer, "mapAsync"]], async () => {
        const scope = runtime.scope();
        const { y: h } = await first.run({ x: new ort.Tensor("float32", input.data, input.shape) });
        using given = runtime.fromGpuBuffer(h.gpuBuffer, h.dims);
        const y = await gdn(given, params, { dataFormat: "NCHW", runtime: scope });
        h.dispose(); // its next run may have the buffer
        const { buffer, shape } = y;
        const options = { dataType: "float32", dims: shape } as const;
        z = (await second.run({ x: ort.Tensor.fromGpuBuffer(buffer, options) })).y;
        scope[Symbol.dispose]();
        // Another tensor has the buffer, and other numbers in it.
        using later = runtime.scope();
        const others = [later.zeros(shape), later.zeros(shape)];
        assert(others.some((other) => other.buffer === buffer));
      });
      assertEquals([z!.location, before.mapAsync], ["gpu-buffer", 0]);
      let numbers: ArrayLike<number> = [];
      const reading = await counting([[GPUBuffer, "mapAsync"]], async () => {
        numbers = await z!.getData();
      });
      assertEquals(reading.mapAsync, 1);

      const h = oracle(conv(x, kernels[0]), params.beta, params.gamma.data);
      const expected = transpose(conv(h, kernels[1]), FIRST);
      assertClose(numbers, expected.data, ROUNDING * largest(h.data));

      z!.dispose();
      await first.release();
      await second.release();
      if (ours === undefined) return assertEquals((await device.lost).reason, "destroyed");
      const { shape } = await gdn(input, params, { dataFormat: "NCHW", runtime });
      assertEquals(shape, input.shape);
      ours.destroy();
    });
  }
});

import { createRuntime, gdn, type Runtime } from "../../../../mod.ts";
import { assert, assertEquals } from "@std/assert";
import { after, describe, it } from "@std/testing/bdd";
import { gdn as oracle } from "../../../oracle/gdn.ts";
import { skipOf } from "../../../support/backends.ts";
import { assertClose, largest } from "../../../support/close.ts";
import { counting } from "../../../support/counting.ts";
import { conv, eighths, integers, paramsOf } from "./conv.ts";
import { loadTensorFlow, type Tf, type TfTensor } from "./tensorflow.ts";

const skip = skipOf("webgpu");
const test = skip === undefined ? it : it.skip;
const suffix = skip === undefined ? "" : `: ${skip}`;

/** The convolution and relu are exact; GDN's squares, root and quotient round, as in tests/gdn/gdn_test.ts. */
const ROUNDING = 2e-6;

const BATCH_SIZE = "WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE";

const x = integers([2, 5, 7, 3], 1);
const kernel = eighths(3, 6, 2);
const params = paramsOf(6);

const h = conv(x, kernel);
const expected = oracle(h, params.beta, params.gamma.data).data.map((y) => Math.max(y, 0));
const tolerance = ROUNDING * largest(expected);

describe("TensorFlow.js on the device of a runtime", () => {
  const loaded = skip === undefined ? loadTensorFlow() : undefined;
  const devices = new Set<GPUDevice>();
  after(async () => {
    if (loaded === undefined) return;
    (await loaded).tf.removeBackend("webgpu");
    for (const device of devices) device.destroy();
  });

  /** Runs a test with it and a runtime on one device: first on its own, as it has but one backend. */
  async function sharing(
    device: "its own" | "ours",
    run: (tf: Tf, runtime: Runtime) => Promise<void>,
  ): Promise<void> {
    const { tf, WebGPUBackend } = await loaded!;
    if (device === "ours") {
      const adapter = await navigator.gpu.requestAdapter();
      const ours = await adapter!.requestDevice();
      tf.removeBackend("webgpu");
      tf.registerBackend("webgpu", () => new WebGPUBackend(ours, adapter!.info), 3);
    }
    assert(await tf.setBackend("webgpu"));
    const shared = tf.backend().device;
    devices.add(shared);
    await using runtime = await createRuntime({ device: shared });
    await run(tf, runtime);
  }

  for (const device of ["its own", "ours"] as const) {
    test(`gives a convolution to gdn and takes the result, on ${device}, with one map in the end${suffix}`, async () => {
      await sharing(device, async (tf, runtime) => {
        using scope = runtime.scope();
        const tensors = [tf.tensor(x.data, x.shape), tf.tensor(kernel.data, kernel.shape)];
        const { numTensors } = tf.memory();
        let z: TfTensor;
        const before = await counting([[GPUBuffer, "mapAsync"]], async () => {
          const h = tf.conv2d(tensors[0], tensors[1], 1, "same");
          const { tensorRef, buffer } = h.dataToGPU();
          using given = runtime.fromGpuBuffer(buffer, h.shape);
          const y = await gdn(given, params, { runtime: scope });
          tf.dispose([tensorRef, h]); // the next of its ops may have the buffer
          const back = tf.tensor({ buffer: y.buffer, zeroCopy: true }, y.shape, "float32");
          z = tf.relu(back);
          back.dispose();
        });
        assertEquals(before.mapAsync, 0);
        let numbers: ArrayLike<number> = [];
        const reading = await counting([[GPUBuffer, "mapAsync"]], async () => {
          numbers = await z.data();
        });
        assertEquals(reading.mapAsync, 1);
        assertClose(numbers, expected, tolerance);
        assertEquals(tf.memory().numTensors, numTensors + 1);
        tf.dispose([z!, ...tensors]);
      });
    });
  }

  const ways = [
    ["that it copies", { zeroCopy: false, batchSize: 15 }],
    ["where it submits each op at once", { zeroCopy: true, batchSize: 1 }],
  ] as const;
  for (const [way, { zeroCopy, batchSize }] of ways) {
    test(`may take a tensor ${way}, and whose scope then ends${suffix}`, async () => {
      await sharing("ours", async (tf, runtime) => {
        const usual = tf.env().getNumber(BATCH_SIZE);
        tf.env().set(BATCH_SIZE, batchSize);
        try {
          const scope = runtime.scope();
          const given = { shape: h.shape, data: Float32Array.from(h.data) };
          const y = await gdn(given, params, { runtime: scope });
          const { buffer, shape } = y;
          const z = tf.relu(tf.tensor({ buffer, zeroCopy }, shape, "float32"));
          scope[Symbol.dispose]();
          // Another tensor has the buffer, and other numbers in it.
          using later = runtime.scope();
          const others = [later.zeros(shape), later.zeros(shape)];
          assert(others.some((other) => other.buffer === buffer));
          assertClose(await z.data(), expected, tolerance);
        } finally {
          tf.env().set(BATCH_SIZE, usual);
        }
      });
    });
  }
});

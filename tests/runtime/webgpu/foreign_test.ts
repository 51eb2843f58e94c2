import {
  createRuntime,
  gdn,
  initGdn,
  layerNorm,
  pipeline,
  type Runtime,
  type Tensor,
  tensor,
} from "../../../mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { skipOf } from "../../support/backends.ts";
import { counting } from "../../support/counting.ts";
import { randomTensor } from "../../support/random.ts";
import { assertRejected } from "../../support/reject.ts";

const skip = skipOf("webgpu");
const test = skip === undefined ? it : it.skip;
const suffix = skip === undefined ? "" : `: ${skip}`;

const plain = { center: false, scale: false } as const;

async function newDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  return await adapter!.requestDevice();
}

/** Somebody else's numbers on a device. */
function bufferOf(device: GPUDevice, numbers: Float32Array, usage = 0): GPUBuffer {
  const buffer = device.createBuffer({
    size: Math.max(16, numbers.byteLength),
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | usage,
  });
  device.queue.writeBuffer(buffer, 0, numbers as Float32Array<ArrayBuffer>);
  return buffer;
}

/** Runs a test with a device and a runtime on it. */
async function onDevice(
  run: (device: GPUDevice, runtime: Runtime) => Promise<void>,
): Promise<void> {
  const device = await newDevice();
  const runtime = await createRuntime({ device });
  try {
    await run(device, runtime);
  } finally {
    await runtime.dispose();
    device.destroy();
  }
}

describe("a runtime on a given device", () => {
  test(`computes there, and leaves it alive${suffix}`, async () => {
    const device = await newDevice();
    const x = randomTensor([2, 3, 4], { seed: 1 });
    await using own = await createRuntime({ backend: "webgpu" });
    const expected = await gdn(x, initGdn(4), { runtime: own });
    const counts = await counting([
      [GPUAdapter, "requestDevice"],
      [GPUDevice, "destroy"],
    ], async () => {
      await using runtime = await createRuntime({ device, backend: "webgpu" });
      assertEquals(runtime.backend, "webgpu");
      assert(runtime.stats().device.length > 0);
      assertEquals(await gdn(x, initGdn(4), { runtime }), expected);
      using scope = runtime.scope();
      scope.put(x);
    });
    assertEquals(counts, { requestDevice: 0, destroy: 0 });
    // All of its buffers were given back, and the device still works.
    await using again = await createRuntime({ device });
    assertEquals(again.stats().bytesHeld, 0);
    assertEquals(await gdn(x, initGdn(4), { runtime: again }), expected);
    device.destroy();
  });

  test(`ends all buffers of its own${suffix}`, async () => {
    const device = await newDevice();
    const runtime = await createRuntime({ device });
    const x = randomTensor([2, 3, 4], { seed: 2 });
    const made = await counting([[GPUDevice, "createBuffer"]], async () => {
      const scope = runtime.scope();
      const h = await gdn(scope.put(x), initGdn(4), { runtime: scope });
      await gdn(h, initGdn(4), { runtime });
    });
    const ended = await counting([[GPUBuffer, "destroy"]], () => runtime.dispose());
    assertEquals(ended.destroy, made.createBuffer);
    device.destroy();
  });

  test(`says that it is gone, and opens no other${suffix}`, async () => {
    const device = await newDevice();
    await using runtime = await createRuntime({ device });
    const x = randomTensor([2, 4], { seed: 3 });
    await gdn(x, initGdn(4), { runtime });
    device.destroy();
    const message =
      "Cannot run on webgpu: the device that createRuntime was given must be live, got one that was lost";
    for (let i = 0; i < 2; i++) {
      await assertRejected(() => gdn(x, initGdn(4), { runtime }), Error, message);
    }
    await assertRejects(
      () => createRuntime({ device }),
      Error,
      "Cannot create runtime: device must be live, got one that was lost",
    );
  });

  test(`is refused with what it cannot do${suffix}`, async () => {
    const device = await newDevice();
    const cases = [
      [{ device, backend: "wasm" }, "device must go with backend webgpu or auto, got wasm"],
      [{ device, compiler: "gpu.js" }, "device must go with compiler kernorm, got gpu.js"],
      [
        { device, deterministic: true },
        "device must not go with deterministic, which is wasm's, got both",
      ],
      [{ device: {} as GPUDevice }, "device must be a GPUDevice, got an object of class Object"],
      [
        { device: { createBuffer() {}, lost: Promise.resolve() } as unknown as GPUDevice },
        "device must be a GPUDevice, got an object of class Object",
      ],
      [{ device: null as unknown as GPUDevice }, "device must be a GPUDevice, got null"],
    ] as const;
    for (const [options, message] of cases) {
      await assertRejected(
        () => createRuntime(options),
        TypeError,
        `Cannot create runtime: ${message}`,
      );
    }
    device.destroy();
  });
});

describe("a tensor in somebody else's buffer", () => {
  test(`is read where it is, and stays its owner's${suffix}`, async () => {
    await onDevice(async (device, runtime) => {
      const numbers = randomTensor([2, 3, 4], { seed: 4 });
      const buffer = bufferOf(device, numbers.data, GPUBufferUsage.COPY_SRC);
      const expected = await gdn(numbers, initGdn(4), { runtime });
      const x = runtime.fromGpuBuffer(buffer, [2, 3, 4]);
      assertEquals([x.shape, x.location, x.buffer === buffer], [[2, 3, 4], "gpu", true]);
      assertEquals(await gdn(x, initGdn(4), { runtime }), expected);
      assertEquals(await x.read(), numbers.data);
      // Its owner fills it again.
      device.queue.writeBuffer(buffer, 0, new Float32Array(24));
      using scope = runtime.scope();
      const y = await gdn(x, initGdn(4), { runtime: scope });
      assertEquals(await y.read(), new Float32Array(24));
      const { destroy } = await counting([[GPUBuffer, "destroy"]], () => {
        x[Symbol.dispose]();
        return Promise.resolve();
      });
      assertEquals(destroy, 0);
      assertThrows(() => x.buffer, TypeError, "Cannot use a tensor: ");
      buffer.destroy();
    });
  });

  test(`goes through another's shader and back${suffix}`, async () => {
    await onDevice(async (device, runtime) => {
      using scope = runtime.scope();
      const y = await layerNorm(tensor([[1, 3], [2, 6]]), {}, { ...plain, runtime: scope });
      const module = device.createShaderModule({
        code: `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
          @compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
            y[id.x] = y[id.x] * 10;
          }`,
      });
      const shader = device.createComputePipeline({ layout: "auto", compute: { module } });
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(shader);
      pass.setBindGroup(
        0,
        device.createBindGroup({
          layout: shader.getBindGroupLayout(0),
          entries: [{ binding: 0, resource: { buffer: y.buffer as GPUBuffer, size: 16 } }],
        }),
      );
      pass.dispatchWorkgroups(1);
      pass.end();
      device.queue.submit([encoder.finish()]);
      assertEquals([...await y.read()].map(Math.round), [-10, 10, -10, 10]);
    });
  });

  test(`is returned by a pipeline as it is${suffix}`, async () => {
    await onDevice(async (device, runtime) => {
      const buffer = bufferOf(device, Float32Array.of(1, 2));
      const x = runtime.fromGpuBuffer(buffer, [2]);
      using scope = runtime.scope();
      const run = pipeline((ops, x: Tensor) => ({ x, y: ops.add(x, x) }), { runtime: scope });
      const { x: same, y } = await run(x);
      assert(same.buffer === buffer);
      assertEquals(await y.read(), Float32Array.of(2, 4));
      buffer.destroy();
    });
  });

  test(`is refused if it is none, cannot be read or is too small${suffix}`, async () => {
    await onDevice((device, runtime) => {
      const wrap = (buffer: unknown, shape: unknown = [2]) => () =>
        runtime.fromGpuBuffer(buffer as GPUBuffer, shape as number[]);
      const storage = bufferOf(device, new Float32Array(4));
      const copies = device.createBuffer({ size: 16, usage: GPUBufferUsage.COPY_SRC });
      const action = "Cannot wrap a GPU buffer: ";
      const fake = { size: NaN, usage: 0x80 };
      for (const none of [null, undefined, 1, {}, fake, new Float32Array(4), []]) {
        assertThrows(wrap(none), TypeError, `${action}buffer must be a GPUBuffer, got `);
      }
      assertThrows(
        wrap(copies),
        TypeError,
        `${action}buffer must have the usage STORAGE, got 0x4`,
      );
      assertThrows(
        wrap(storage, [5]),
        RangeError,
        `${action}buffer must have at least 20 bytes for the shape, got 16`,
      );
      assertThrows(wrap(storage, [-1]), RangeError, `${action}shape must hold integers >= 0`);
      assertThrows(wrap(storage, 4), TypeError, `${action}shape must be an array of integers`);
      return Promise.resolve();
    });
  });

  test(`cannot be read without the usage COPY_SRC${suffix}`, async () => {
    await onDevice(async (device, runtime) => {
      const x = runtime.fromGpuBuffer(bufferOf(device, new Float32Array(4)), [4]);
      const rule = "its buffer must have the usage COPY_SRC, got 0x88";
      await assertRejected(() => x.read(), TypeError, `Cannot read a tensor: ${rule}`);
      using scope = runtime.scope();
      assertThrows(() => scope.put(x), TypeError, `Cannot copy a tensor: ${rule}`);
    });
  });

  it("is for webgpu", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    assertThrows(
      () => runtime.fromGpuBuffer({} as never, [1]),
      TypeError,
      "Cannot wrap a GPU buffer: runtime must be on webgpu with its own compiler, got wasm",
    );
  });

  test(`that is destroyed, or another device's, is an error with the argument's name${suffix}`, async () => {
    await onDevice(async (device, runtime) => {
      const other = await newDevice();
      const gone = bufferOf(device, new Float32Array(4));
      gone.destroy();
      const strange = bufferOf(other, new Float32Array(4));
      using scope = runtime.scope();
      for (const buffer of [gone, strange]) {
        const x = runtime.fromGpuBuffer(buffer, [1, 4]);
        for (const on of [runtime, scope]) {
          await assertRejects(
            () => layerNorm(x, {}, { ...plain, runtime: on as Runtime }),
            Error,
            "Cannot run on webgpu: x must be in a live buffer of the runtime's device, got one that it refuses: ",
          );
        }
      }
      // The names are those of this call, also where another call has compiled the same plan.
      const fine4 = () => runtime.fromGpuBuffer(bufferOf(device, new Float32Array(4)), [4]);
      const add = pipeline(
        (ops, { first, second }: { first: Tensor; second: Tensor }) => ops.add(first, second),
        { runtime },
      );
      await add({ first: fine4(), second: fine4() });
      const again = pipeline(
        (ops, { left, right }: { left: Tensor; right: Tensor }) => ops.add(left, right),
        { runtime },
      );
      await assertRejects(
        () => again({ left: fine4(), right: runtime.fromGpuBuffer(gone, [4]) }),
        Error,
        "Cannot run on webgpu: input.right must be in a live buffer",
      );
      // Nothing of it lasts.
      const fine = runtime.fromGpuBuffer(bufferOf(device, Float32Array.of(1, 3)), [1, 2]);
      const y = await layerNorm(fine, {}, { ...plain, runtime });
      assertEquals([...y.data].map(Math.round), [-1, 1]);
      other.destroy();
    });
  });
});

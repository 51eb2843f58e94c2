import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createRuntime, groupNorm } from "../../../mod.ts";
import { skipOf } from "../../support/backends.ts";
import { randomTensor } from "../../support/random.ts";
import { assertRejected } from "../../support/reject.ts";

const skip = skipOf("webgpu");
const test = skip === undefined ? it : it.skip;
const suffix = skip === undefined ? "" : `: ${skip}`;

/** Runs a task while every device that is asked for is noted, and may be tampered with. */
async function withDevices<T>(
  tamper: (device: GPUDevice) => void,
  task: () => Promise<T>,
): Promise<T> {
  const prototype = GPUAdapter.prototype;
  const { requestDevice } = prototype;
  prototype.requestDevice = async function (this: GPUAdapter, ...args) {
    const device = await requestDevice.apply(this, args);
    tamper(device);
    return device;
  };
  try {
    return await task();
  } finally {
    prototype.requestDevice = requestDevice;
  }
}

describe("a lost device", () => {
  test(`costs one retry, and the caller nothing${suffix}`, async () => {
    const x = randomTensor([2, 40, 8], { seed: 181 });
    await using cpu = await createRuntime({ backend: "cpu" });
    const expected = await groupNorm(x, {}, { groups: 2, runtime: cpu });
    const devices: GPUDevice[] = [];
    await withDevices((device) => devices.push(device), async () => {
      await using runtime = await createRuntime({ backend: "webgpu" });
      await groupNorm(x, {}, { groups: 2, runtime });
      // Before the first call after the loss, in the middle of one, and without waiting.
      for (const when of ["before", "meanwhile", "twice pending"]) {
        const device = devices.at(-1)!;
        if (when === "before") device.destroy();
        const input = { shape: x.shape, data: x.data.slice() };
        const pending = [groupNorm(input, {}, { groups: 2, runtime })];
        if (when === "twice pending") pending.push(groupNorm(input, {}, { groups: 2, runtime }));
        input.data.fill(0);
        if (when !== "before") device.destroy();
        for (const y of await Promise.all(pending)) {
          for (let i = 0; i < y.data.length; i++) {
            if (!(Math.abs(y.data[i] - expected.data[i]) <= 1e-5)) {
              throw new Error(`y[${i}] must be ${expected.data[i]}, got ${y.data[i]} (${when})`);
            }
          }
        }
      }
      const { runs } = runtime.stats();
      assertEquals(runs, { webgpu: 5, webgl2: 0, wasm: 0, cpu: 0 });
    });
  });

  test(`costs no more when it comes between a run and its results${suffix}`, async () => {
    const x = randomTensor([2, 40, 8], { seed: 183 });
    const devices: GPUDevice[] = [];
    const { submit } = GPUQueue.prototype;
    await withDevices((device) => devices.push(device), async () => {
      await using runtime = await createRuntime({ backend: "webgpu" });
      const expected = await groupNorm(x, {}, { groups: 2, runtime });
      GPUQueue.prototype.submit = function (...args) {
        GPUQueue.prototype.submit = submit;
        submit.apply(this, args);
        devices[0].destroy();
      };
      assertEquals(await groupNorm(x, {}, { groups: 2, runtime }), expected);
      assertEquals(devices.length, 2);
    });
  });

  test(`that comes again is an error${suffix}`, async () => {
    const x = randomTensor([2, 40, 8], { seed: 182 });
    const devices: GPUDevice[] = [];
    await using runtime = await withDevices(
      (device) => devices.push(device),
      () => createRuntime({ backend: "webgpu" }),
    );
    await groupNorm(x, {}, { groups: 2, runtime });
    await withDevices((device) => device.destroy(), async () => {
      devices[0].destroy();
      await assertRejects(() => groupNorm(x, {}, { groups: 2, runtime }), Error);
    });
    // With a device that lives, the same runtime works again.
    const y = await groupNorm(x, {}, { groups: 2, runtime });
    assertEquals(y.shape, x.shape);
  });
});

describe("a device that is lost with tensors on it", () => {
  test(`says so in every later call, and serves others${suffix}`, async () => {
    const x = randomTensor([2, 40, 8], { seed: 184 });
    const devices: GPUDevice[] = [];
    await withDevices((device) => devices.push(device), async () => {
      await using runtime = await createRuntime({ backend: "webgpu" });
      const expected = await groupNorm(x, {}, { groups: 2, runtime });
      using scope = runtime.scope();
      const h = await groupNorm(x, {}, { groups: 2, runtime: scope });
      devices[0].destroy();
      const lost = (name: string) =>
        `Cannot run on webgpu: ${name} must be on a live device, got one that was lost, and its numbers with it`;
      await assertRejected(() => h.read(), Error, lost("a tensor"));
      for (let i = 0; i < 2; i++) {
        await assertRejected(
          () => groupNorm(h, {}, { groups: 2, runtime: scope }),
          Error,
          lost("x"),
        );
      }
      // Numbers in memory go to another device; those that were lost stay lost.
      assertEquals(await groupNorm(x, {}, { groups: 2, runtime }), expected);
      await assertRejected(() => groupNorm(h, {}, { groups: 2, runtime }), Error, lost("x"));
      const again = await groupNorm(scope.put(x), {}, { groups: 2, runtime: scope });
      assertEquals(await again.read(), expected.data);
      assertEquals(devices.length, 2);
    });
  });

  test(`says so if it is lost meanwhile${suffix}`, async () => {
    const x = randomTensor([2, 40, 8], { seed: 185 });
    const devices: GPUDevice[] = [];
    await withDevices((device) => devices.push(device), async () => {
      await using runtime = await createRuntime({ backend: "webgpu" });
      using scope = runtime.scope();
      const resident = scope.put(x);
      const pending = groupNorm(resident, {}, { groups: 2, runtime });
      devices[0].destroy();
      await assertRejected(
        () => pending,
        Error,
        "Cannot run on webgpu: x must be on a live device, got one that was lost, and its numbers with it",
      );
    });
  });
});

import { createRuntime } from "../../../mod.ts";
import type { WebGpuAdapter, WebGpuDevice } from "../../../ops/runtime/host/webgpu.ts";
import { Devices } from "../../../ops/runtime/webgpu/device.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { withNavigator } from "../../support/navigator.ts";

/** An adapter of that name, and what becomes of a request for a device. */
function adapterOf(description: string, requestDevice: WebGpuAdapter["requestDevice"]) {
  const info = { vendor: "", architecture: "", device: "", description };
  const limits = { maxBufferSize: 1, maxStorageBufferBindingSize: 1 };
  return { info, limits, requestDevice } as WebGpuAdapter;
}

function navigatorOf(adapter: WebGpuAdapter) {
  return { gpu: { requestAdapter: () => Promise.resolve(adapter) } };
}

function deviceThatLives(): Promise<WebGpuDevice> {
  return Promise.resolve({ lost: new Promise(() => {}) } as WebGpuDevice);
}

describe("an adapter that gives no device", () => {
  const refusing = adapterOf("A card", () => Promise.reject(new Error("out of devices")));

  it("is passed over by default, with the reason", async () => {
    await withNavigator(navigatorOf(refusing), async () => {
      await using runtime = await createRuntime();
      const { backend, fallbackReasons } = runtime.stats();
      assert(backend !== "webgpu");
      assertEquals(fallbackReasons[0], "webgpu: out of devices");
    });
  });

  it("is refused by name, with the reason", async () => {
    await withNavigator(navigatorOf(refusing), async () => {
      await assertRejects(
        () => createRuntime({ backend: "webgpu" }),
        Error,
        'Cannot create runtime: backend must be available, got "webgpu": out of devices',
      );
    });
  });
});

describe("the device after a lost one", () => {
  it("is of a card again, if the lost one was", async () => {
    const card = adapterOf("A card", deviceThatLives);
    const devices = await Devices.open({ adapter: card, name: "A card", software: false });
    const lost = await devices.current();
    await withNavigator(navigatorOf(adapterOf("llvmpipe", deviceThatLives)), async () => {
      await assertRejects(
        async () => await devices.renew(lost),
        Error,
        "Cannot run on webgpu: the device was lost, and only llvmpipe is left",
      );
    });
    await withNavigator(navigatorOf(card), async () => {
      const next = await devices.renew(lost);
      assert(next !== lost);
      // Whoever else has lost the first one gets the same.
      assertEquals(await Promise.all([devices.renew(lost), devices.current()]), [next, next]);
    });
  });
});

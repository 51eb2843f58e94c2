import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { WebGpuDevice, WebGpuErrorFilter } from "../../../ops/runtime/host/webgpu.ts";
import { DeviceSession } from "../../../ops/runtime/webgpu/device.ts";

const FILTERS: readonly WebGpuErrorFilter[] = ["out-of-memory", "validation", "internal"];

/** A device with a stack of error scopes, of which the innermost one that wants an error gets it. */
function scopedDevice() {
  const scopes: { filter: WebGpuErrorFilter; error: { message: string } | null }[] = [];
  const device = {
    lost: new Promise(() => {}),
    pushErrorScope: (filter: WebGpuErrorFilter) => scopes.push({ filter, error: null }),
    popErrorScope: () => Promise.resolve(scopes.pop()!.error),
  } as unknown as WebGpuDevice;
  const fail = (filter: WebGpuErrorFilter) => {
    const scope = scopes.findLast((scope) => scope.filter === filter);
    scope!.error ??= { message: `no luck: ${filter}` };
  };
  return { session: new DeviceSession(device), scopes, fail };
}

describe("commands of a device", () => {
  for (const filter of FILTERS) {
    it(`reject with an error of kind ${filter}, and leave no scope open`, async () => {
      const { session, scopes, fail } = scopedDevice();
      await assertRejects(
        () => session.checked(() => fail(filter)),
        Error,
        `Cannot run on webgpu: no luck: ${filter}`,
      );
      assertEquals(scopes, []);
    });
  }

  it("resolve without one, and leave no scope open", async () => {
    const { session, scopes } = scopedDevice();
    let open = 0;
    await session.checked(() => {
      open = scopes.length;
    });
    assertEquals([open, scopes.length], [3, 0]);
  });

  it("that throw reject, and leave no scope open", async () => {
    const { session, scopes } = scopedDevice();
    const task = () => {
      throw new TypeError("no such command");
    };
    await assertRejects(() => session.checked(task), TypeError, "no such command");
    assertEquals(scopes, []);
  });

  it("of two runs are each in their own scopes", async () => {
    const { session, fail } = scopedDevice();
    const [first, second] = await Promise.allSettled([
      session.checked(() => fail("validation")),
      session.checked(() => {}),
    ]);
    assertEquals([first.status, second.status], ["rejected", "fulfilled"]);
  });
});

import { createRuntime, gdn, initGdn, tensor } from "../../../mod.ts";
import { Buffers, OutOfMemory, USAGE } from "../../../ops/runtime/webgpu/buffers.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { skipOf } from "../../support/backends.ts";
import { counting } from "../../support/counting.ts";
import { randomTensor } from "../../support/random.ts";
import { idleDevice } from "./device.ts";

const skip = skipOf("webgpu");
const test = skip === undefined ? it : it.skip;
const suffix = skip === undefined ? "" : `: ${skip}`;

/**
 * Runs a task on devices that have no memory for buffers of a size while so many others exist: the
 * buffers are made, but the scope around them gets an error, as it would.
 */
async function withoutMemoryFor(
  isTooMuch: (size: number) => boolean,
  task: () => Promise<void>,
): Promise<void> {
  const { createBuffer, popErrorScope } = GPUDevice.prototype;
  let failed = false;
  GPUDevice.prototype.createBuffer = function (settings) {
    failed = isTooMuch(settings.size);
    return createBuffer.call(this, settings);
  };
  GPUDevice.prototype.popErrorScope = async function () {
    const fails = failed;
    failed = false;
    const error = await popErrorScope.call(this);
    return fails ? { message: "Not enough memory left." } as GPUError : error;
  };
  try {
    await task();
  } finally {
    Object.assign(GPUDevice.prototype, { createBuffer, popErrorScope });
  }
}

describe("a device without memory", () => {
  it("is an error with the name of what was to lie there", async () => {
    const { device } = idleDevice();
    device.popErrorScope = () => Promise.resolve({ message: "no luck" });
    const held = new Buffers(device).take(1000, USAGE.values, "gamma");
    await assertRejects(
      () => held.made,
      OutOfMemory,
      "Cannot run on webgpu: the device must have memory for gamma, got an error for 1024 bytes: no luck",
    );
  });

  test(`never computes zeros: the call says which argument has no room${suffix}`, async () => {
    await using runtime = await createRuntime({ backend: "webgpu" });
    using scope = runtime.scope();
    const x = randomTensor([20, 5, 4], { seed: 1, mean: 5 });
    const expected = await gdn(randomTensor([2, 4], { seed: 2 }), initGdn(4), { runtime });
    await withoutMemoryFor((size) => size > 1024, async () => {
      for (const on of [runtime, scope]) {
        await assertRejects(
          () => gdn(x, initGdn(4), { runtime: on as typeof runtime }),
          OutOfMemory,
          "Cannot run on webgpu: the device must have memory for x, got an error for 1792 bytes: Not enough memory left.",
        );
      }
      const y = scope.put(x);
      await assertRejects(() => y.read(), OutOfMemory, "memory for a tensor");
      await assertRejects(
        () => gdn(y, initGdn(4), { runtime }),
        OutOfMemory,
        "memory for a tensor",
      );
    });
    assertEquals(
      await gdn(randomTensor([2, 4], { seed: 2 }), initGdn(4), { runtime }),
      expected,
    );
    assert((await gdn(x, initGdn(4), { runtime })).data.every((value) => value !== 0));
  });

  test(`holds nothing of a run that has failed${suffix}`, async () => {
    await using runtime = await createRuntime({ backend: "webgpu" });
    const x = randomTensor([20, 5, 4], { seed: 1 });
    const run = () => gdn(x, initGdn(4), { runtime });
    await withoutMemoryFor((size) => size > 1024, async () => {
      await assertRejects(run, OutOfMemory);
      const { bytesHeld } = runtime.stats();
      await assertRejects(run, OutOfMemory);
      assertEquals(runtime.stats().bytesHeld, bytesHeld);
    });
  });

  test(`is given what idle buffers hold, and tried again${suffix}`, async () => {
    await using runtime = await createRuntime({ backend: "webgpu" });
    using scope = runtime.scope();
    const small = tensor([[1, 2, 3, 4]]);
    const expected = await gdn(small, initGdn(4), { runtime });
    // Memory that is idle afterwards.
    scope.put(randomTensor([100, 4], { seed: 3 }))[Symbol.dispose]();
    let asked = 0;
    const { destroy } = await counting([[GPUBuffer, "destroy"]], async () => {
      await withoutMemoryFor((size) => size === 8192 && asked++ === 0, async () => {
        const y = await gdn(randomTensor([500, 4], { seed: 4 }), initGdn(4), { runtime: scope });
        assertEquals((await y.read()).length, 2000);
      });
    });
    assert(asked > 1 && destroy > 1);
    assertEquals(await gdn(small, initGdn(4), { runtime }), expected);
  });

  test(`is not used again where somebody has destroyed a buffer of it${suffix}`, async () => {
    await using runtime = await createRuntime({ backend: "webgpu" });
    using scope = runtime.scope();
    const x = randomTensor([5, 4], { seed: 5 });
    const expected = await gdn(x, initGdn(4), { runtime });
    const y = await gdn(x, initGdn(4), { runtime: scope });
    (y.buffer as GPUBuffer).destroy();
    y[Symbol.dispose]();
    // One call may meet it, and ends it.
    const outcomes = [];
    for (let i = 0; i < 4; i++) {
      outcomes.push(await gdn(x, initGdn(4), { runtime }).catch(() => undefined));
    }
    assertEquals(outcomes.slice(1), [expected, expected, expected]);
  });
});

import { batchNorm, createRuntime, gdn, groupNorm, initBatchNorm, tensor } from "../../../mod.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { withNavigator } from "../../support/navigator.ts";
import { posted } from "../../support/posted.ts";
import { random } from "../../support/random.ts";
import { assertSameBits } from "../../support/same_bits.ts";
import { settled, withMade } from "../../support/workers.ts";

const numbers = (length: number, seed: number) => {
  const next = random(seed);
  return Float32Array.from({ length }, () => next() + 5);
};
/** So much that three threads are worth waking for GDN, and no multiple of any tile. */
const CHANNELS = 90;
const SHAPE = [2, 67, 53, CHANNELS];
const x = tensor(numbers(2 * 67 * 53 * CHANNELS, 1), SHAPE);
const params = {
  beta: numbers(CHANNELS, 2),
  gamma: tensor(numbers(CHANNELS ** 2, 3), [CHANNELS, CHANNELS]),
};

/** Runs a task as on a machine with many processors. */
function withProcessors<T>(task: () => Promise<T>): Promise<T> {
  const { locks } = (globalThis as { navigator?: { locks?: unknown } }).navigator ?? {};
  return withNavigator({ locks, hardwareConcurrency: 8 }, task);
}

describe("threads", () => {
  it("never change a result", async () => {
    await using alone = await createRuntime({ backend: "wasm" });
    const { params: affine, state } = initBatchNorm(CHANNELS);
    for (const threads of [2, 3]) {
      await using runtime = await createRuntime({ backend: "wasm", threads });
      assertEquals(runtime.stats().device, `WebAssembly, ${threads} threads`);
      for (const dataFormat of ["NHWC", "NCHW"] as const) {
        const input = dataFormat === "NHWC" ? x : tensor(x.data, [2, CHANNELS, 67, 53]);
        const options = { dataFormat, groups: 5, center: false, scale: false } as const;
        assertEquals(
          await groupNorm(input, {}, { ...options, runtime }),
          await groupNorm(input, {}, { ...options, runtime: alone }),
        );
        const expected = await gdn(input, params, { dataFormat, runtime: alone });
        await withProcessors(async () => {
          assertSameBits(await gdn(input, params, { dataFormat, runtime }), expected);
          await settled();
          assertSameBits(await gdn(input, params, { dataFormat, runtime }), expected);
        });
        assertEquals(
          await batchNorm(input, affine, state, { dataFormat, runtime }),
          await batchNorm(input, affine, state, { dataFormat, runtime: alone }),
        );
      }
    }
  });

  it("serve calls that are pending together, and inputs that change afterwards", async () => {
    await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
    const data = x.data.slice();
    const expected = await gdn(x, params, { runtime });
    const pending = [1, 2, 3, 4].map(() => gdn(tensor(data, SHAPE), params, { runtime }));
    data.fill(NaN);
    for (const y of await Promise.all(pending)) assertEquals(y, expected);
  });

  it("read no tensor of the caller after the call", async () => {
    await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
    const expected = await gdn(x, params, { runtime });
    using scope = runtime.scope();
    const resident = scope.put(x);
    const pending = gdn(resident, params, { runtime });
    resident.data.fill(NaN);
    resident[Symbol.dispose]();
    const other = scope.zeros(SHAPE);
    other.data.fill(-1);
    assertEquals(await pending, expected);
  });

  it("keep results in a scope, and end those of a scope that has ended", async () => {
    await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
    const expected = await gdn(x, params, { runtime });
    {
      using scope = runtime.scope();
      assertEquals((await gdn(x, params, { runtime: scope })).data, expected.data);
    }
    const scope = runtime.scope();
    const pending = gdn(x, params, { runtime: scope });
    scope[Symbol.dispose]();
    const y = await pending;
    assertThrows(() => y.data, TypeError, "got one whose life has ended");
  });

  it("take part in contractions that are large, and in nothing else", async () => {
    await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
    const { params: affine, state } = initBatchNorm(CHANNELS);
    const kinds = await posted(async () => {
      await batchNorm(x, affine, state, { runtime });
      await groupNorm(x, {}, { groups: 5, runtime });
      await gdn(tensor(x.data.subarray(0, 10 * CHANNELS), [10, CHANNELS]), params, { runtime });
    });
    assertEquals(kinds, []);
    assertEquals(await posted(() => gdn(x, params, { runtime })), ["plan", "run"]);
  });

  it("are started when a plan wants them, which does not wait for them", async () => {
    await withProcessors(() =>
      withMade(async (made) => {
        await using runtime = await createRuntime({ backend: "wasm", threads: 64 });
        const { params: affine, state } = initBatchNorm(CHANNELS);
        await batchNorm(x, affine, state, { runtime });
        assertEquals(made.length, 1);
        // One is ready, and the call is worth a third.
        assertEquals(await posted(() => gdn(x, params, { runtime })), ["plan", "run"]);
        assertEquals(made.length, 2);
        await settled();
        assertEquals(await posted(() => gdn(x, params, { runtime })), ["run", "plan", "run"]);
        assertEquals(made.length, 2);
      })
    );
  });

  it("make no copies of tensors that are in place", async () => {
    await using alone = await createRuntime({ backend: "wasm" });
    await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
    const held = await Promise.all([alone, runtime].map(async (runtime) => {
      using scope = runtime.scope();
      const resident = scope.put(x);
      await gdn(resident, params, { runtime: scope });
      return runtime.stats().bytesHeld;
    }));
    // Each thread has panels of its own.
    assert(held[1] - held[0] < x.data.byteLength / 2, `${held[0]} and ${held[1]} bytes`);
  });

  it("let pending calls finish before the runtime ends", async () => {
    const runtime = await createRuntime({ backend: "wasm", threads: 2 });
    const pending = gdn(x, params, { runtime });
    await runtime.dispose();
    assertEquals((await pending).shape, SHAPE);
  });
});

import { batchNorm, createRuntime, gdn, groupNorm, initBatchNorm, tensor } from "../../../mod.ts";
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { random } from "../../support/random.ts";

const numbers = (length: number, seed: number) => {
  const next = random(seed);
  return Float32Array.from({ length }, () => next() + 5);
};
/** So large that threads are worth waking, and no multiple of any tile. */
const SHAPE = [2, 67, 53, 20];
const x = tensor(numbers(2 * 67 * 53 * 20, 1), SHAPE);
const params = { beta: numbers(20, 2), gamma: tensor(numbers(400, 3), [20, 20]) };

describe("threads", () => {
  it("never change a result", async () => {
    await using alone = await createRuntime({ backend: "wasm" });
    const { params: affine, state } = initBatchNorm(20);
    for (const threads of [2, 3]) {
      await using runtime = await createRuntime({ backend: "wasm", threads });
      assertEquals(runtime.stats().device, `WebAssembly, ${threads} threads`);
      for (const dataFormat of ["NHWC", "NCHW"] as const) {
        const input = dataFormat === "NHWC" ? x : tensor(x.data, [2, 20, 67, 53]);
        const options = { dataFormat, groups: 5, center: false, scale: false } as const;
        assertEquals(
          await groupNorm(input, {}, { ...options, runtime }),
          await groupNorm(input, {}, { ...options, runtime: alone }),
        );
        assertEquals(
          await gdn(input, params, { dataFormat, runtime }),
          await gdn(input, params, { dataFormat, runtime: alone }),
        );
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

  it("let pending calls finish before the runtime ends", async () => {
    const runtime = await createRuntime({ backend: "wasm", threads: 2 });
    const pending = gdn(x, params, { runtime });
    await runtime.dispose();
    assertEquals((await pending).shape, SHAPE);
  });
});

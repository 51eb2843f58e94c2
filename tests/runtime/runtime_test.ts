import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  batchNorm,
  createRuntime,
  gdn,
  groupNorm,
  initBatchNorm,
  initGdn,
  layerNorm,
  moments,
  pipeline,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { backends, itOnEachBackend } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { groupNorm as oracle } from "../oracle/group_norm.ts";
import { randomTensor } from "../support/random.ts";
import { LIBRARY, runScript } from "../support/script.ts";

describe("runtime", () => {
  itOnEachBackend("keeps at most planLimit plans", async (_, backend) => {
    await using runtime = await createRuntime({ backend, planLimit: 2 });
    for (const size of [1, 2, 3, 4]) {
      await layerNorm(randomTensor([size, 3]), {}, { runtime });
    }
    assertEquals([runtime.stats().plansCompiled, runtime.stats().plansCached], [4, 2]);
    await layerNorm(randomTensor([4, 3]), {}, { runtime });
    assertEquals(runtime.stats().plansCompiled, 4);
    await layerNorm(randomTensor([1, 3]), {}, { runtime });
    assertEquals(runtime.stats().plansCompiled, 5);
  });

  itOnEachBackend("finishes runs whose plan is evicted meanwhile", async (_, backend) => {
    await using runtime = await createRuntime({ backend, planLimit: 1 });
    const inputs = [1, 2, 3, 4, 1, 2].map((size) => randomTensor([size, 3], { seed: size }));
    const results = await Promise.all(inputs.map((x) => layerNorm(x, {}, { runtime })));
    for (const [i, x] of inputs.entries()) {
      assertEquals(results[i], await layerNorm(x, {}, { runtime }));
    }
  });

  itOnEachBackend("rejects after it is disposed, and leaves others working", async (_, backend) => {
    const one = await createRuntime({ backend });
    const other = await createRuntime({ backend });
    const x = tensor([[1, 2, 3]]);
    const pending = layerNorm(x, {}, { runtime: one });
    await one.dispose();
    await one.dispose();
    assertEquals((await pending).shape, [1, 3]);
    await assertRejects(
      () => layerNorm(x, {}, { runtime: one }),
      Error,
      "Cannot run: runtime must not be disposed, got a disposed runtime",
    );
    // Also what would run nothing.
    const same = pipeline((_, x: Tensor) => x, { runtime: one });
    await assertRejects(
      () => same(randomTensor([2, 3])),
      Error,
      "Cannot run: runtime must not be disposed, got a disposed runtime",
    );
    assertEquals(await layerNorm(x, {}, { runtime: other }), await pending);
    await other.dispose();
  });

  itOnEachBackend("can be opened again after the last one is gone", async (_, backend) => {
    const x = tensor([[1, 2, 4]]);
    const results: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      await using runtime = await createRuntime({ backend });
      results.push(await layerNorm(x, {}, { runtime }));
    }
    assertEquals(results[1], results[0]);
    assertEquals(results[2], results[0]);
  });

  itOnEachBackend("holds no more after many calls", async (_, backend) => {
    await using runtime = await createRuntime({ backend, planLimit: 4 });
    const calls = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const x = tensor(new Float32Array((1 + i % 7) * (1 + i % 5) * 8), [
          1 + i % 7,
          1 + i % 5,
          8,
        ]);
        await layerNorm(x, {}, { runtime });
      }
    };
    await calls(35);
    const { bytesHeld } = runtime.stats();
    await calls(backend === "webgpu" ? 70 : 1000);
    assertEquals(runtime.stats().bytesHeld, bytesHeld);
  });

  itOnEachBackend("holds nothing once it has been disposed", async (_, backend) => {
    const runtime = await createRuntime({ backend });
    const scope = runtime.scope();
    await layerNorm(scope.put(randomTensor([40, 8])), {}, { runtime: scope });
    await layerNorm(randomTensor([40, 8]), {}, { runtime });
    await runtime.dispose();
    assertEquals(runtime.stats().bytesHeld, 0);
  });

  it("says why a backend that was asked for is not there", async () => {
    await assertRejects(
      () => createRuntime({ backend: "webgl2" }),
      Error,
      'Cannot create runtime: backend must be available, got "webgl2": this runtime has no WebGL2',
    );
  });

  it("by default never takes a software adapter, and says what it passed over", async () => {
    await using runtime = await createRuntime();
    const { backend, device, fallbackReasons } = runtime.stats();
    assert(!/llvmpipe|swiftshader/i.test(device), device);
    if (backend === "wasm") {
      assertEquals(fallbackReasons.map((reason) => reason.split(":")[0]), ["webgpu"]);
    }
  });

  it("runs scripts without permissions, and they end by themselves", async () => {
    for (const { name, skip } of backends) {
      if (skip !== undefined) continue;
      const { code, printed } = await runScript(`
        import { createRuntime, groupNorm, tensor } from "${LIBRARY}";
        const runtime = await createRuntime({ backend: "${name}" });
        const x = tensor(new Float32Array(8192).map((_, i) => i), [2, 64, 64]);
        const y = await groupNorm(x, {}, { runtime });
        console.log(y.data.length);
      `);
      assertEquals([code, printed], [0, "8192\n"], name);
    }
  });

  it("opened by the first op ends by itself too", async () => {
    const { code, printed } = await runScript(`
      import { layerNorm, tensor } from "${LIBRARY}";
      console.log((await layerNorm(tensor([[1, 2]]))).shape.join());
    `);
    assertEquals([code, printed], [0, "1,2\n"]);
  });
});

describe("gpu.js' traps", () => {
  for (const length of [1001, 2 ** 16 + 3]) {
    itOnEachBackend(`do not end a sum over ${length} positions early`, async (runtime) => {
      for (const dataFormat of ["NWC", "NCW"] as const) {
        const shape = dataFormat === "NWC" ? [1, length, 2] : [1, 2, length];
        const x = randomTensor(shape, { seed: 41, mean: 5 });
        const y = await groupNorm(x, {}, { groups: 1, dataFormat, runtime });
        const expected = oracle(x, {
          groups: 1,
          channelsAxis: dataFormat === "NWC" ? -1 : 1,
          reductionAxes: [dataFormat === "NWC" ? 1 : 2],
        });
        assertClose(y.data, expected.data, 6e-5, dataFormat);
      }
    });
  }

  itOnEachBackend("do not end a pool over 1500 channels early", async (runtime) => {
    const channels = 1500;
    const x = tensor(new Float32Array(channels).fill(1), [1, channels]);
    const gamma = tensor(new Float32Array(channels ** 2).fill(1), [channels, channels]);
    const y = await gdn(x, { beta: new Float32Array(channels), gamma }, { runtime });
    assertClose(y.data, new Array(channels).fill(1 / Math.sqrt(channels)), 1e-7);
  });

  itOnEachBackend("do not crash kernels of 4096 cells and more", async (runtime) => {
    const x = randomTensor([2, 64, 64], { seed: 51 });
    const { y } = await batchNorm(x, {}, initBatchNorm(64).state, { runtime });
    assertEquals(y.data.length, 8192);
  });

  itOnEachBackend("leave results flat", async (runtime) => {
    const y = await gdn(randomTensor([2, 3, 4]), initGdn(4), { runtime });
    assert(y.data instanceof Float32Array && y.data.length === 24);
  });

  itOnEachBackend("let a mean of 2^24 times 0.1 be 0.1", async (runtime) => {
    const x = tensor(new Float32Array(2 ** 24).fill(0.1), [1, 2 ** 24, 1]);
    const { mean } = await moments(x, { runtime });
    assertClose(mean.data, [Math.fround(0.1)], 1e-7);
  });

  itOnEachBackend("let a mean of 2^24 different numbers be right to 1e-6", async (runtime) => {
    // A ramp of 0 to 1 that starts far from its mean, in both formats.
    const length = 2 ** 24;
    const data = new Float32Array(length).map((_, i) => i / length);
    for (const dataFormat of ["NWC", "NCW"] as const) {
      const shape = dataFormat === "NWC" ? [1, length, 1] : [1, 1, length];
      const { mean } = await moments(tensor(data, shape), { dataFormat, runtime });
      assertClose(mean.data, [0.5 - 0.5 / length], 5e-7, dataFormat);
    }
  });
});

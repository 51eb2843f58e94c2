import {
  batchNorm,
  createRuntime,
  gdn,
  initBatchNorm,
  initGdn,
  layerNorm,
  pipeline,
  type Runtime,
  type RuntimeTensor,
  type Tensor,
  tensor,
} from "../../../mod.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runtimeOf, skipOf } from "../../support/backends.ts";
import { withNavigator } from "../../support/navigator.ts";
import { randomTensor } from "../../support/random.ts";

const skip = skipOf("webgpu") ?? skipOf("wasm");
const test = skip === undefined ? it : it.skip;
const suffix = skip === undefined ? "" : `: ${skip}`;

const plain = { center: false, scale: false } as const;

/** Runs a test with what "auto" opens where the adapter, whatever it is, counts as a graphics card. */
async function withCard(run: (runtime: Runtime) => Promise<void>): Promise<void> {
  const adapter = (await navigator.gpu.requestAdapter())!;
  const info = { vendor: "", architecture: "", device: "", description: "A card" };
  const card = {
    info,
    limits: adapter.limits,
    requestDevice: (settings: GPUDeviceDescriptor) => adapter.requestDevice(settings),
  };
  const gpu = { requestAdapter: () => Promise.resolve(card) };
  const runtime = await withNavigator({ gpu }, () => createRuntime());
  try {
    await run(runtime);
  } finally {
    await runtime.dispose();
  }
}

describe("auto with a graphics card", () => {
  test(`holds both backends, and runs small plans on wasm${suffix}`, async () => {
    await withCard(async (runtime) => {
      assertEquals(runtime.backend, "auto");
      const x = randomTensor([2, 4, 8], { seed: 1 });
      const { params, state } = initBatchNorm(8);
      const y = await gdn(x, initGdn(8), { runtime });
      await batchNorm(x, params, state, { runtime });
      assertEquals(y, await gdn(x, initGdn(8), { runtime: await runtimeOf("wasm") }));
      const { backend, device, runs, bytesUploaded, estimates } = runtime.stats();
      assertEquals([backend, device], ["auto", "A card and WebAssembly"]);
      assertEquals(runs, { webgpu: 0, webgl2: 0, wasm: 2, cpu: 0 });
      assertEquals([bytesUploaded, estimates], [0, []]);
    });
  });

  test(`asks where a large plan ends first, and stays there${suffix}`, async () => {
    await withCard(async (runtime) => {
      const x = randomTensor([16, 16, 16, 64], { seed: 2 });
      const first = await gdn(x, initGdn(64), { runtime });
      const [estimate] = runtime.stats().estimates;
      assert(estimate.wasm > 0 && estimate.webgpu > 0);
      assertEquals(estimate.backend, estimate.wasm <= estimate.webgpu ? "wasm" : "webgpu");
      assertEquals(estimate.kernels.at(-1), "gdnChannelsLastSquareSquare");
      const same = await gdn(x, initGdn(64), { runtime });
      const { runs } = runtime.stats();
      assertEquals(runs[estimate.backend], 2);
      assertEquals(same, first);
      assertEquals(
        first,
        await gdn(x, initGdn(64), { runtime: await runtimeOf(estimate.backend) }),
      );
    });
  });

  test(`puts tensors where it is told to, and follows them${suffix}`, async () => {
    await withCard(async (runtime) => {
      using scope = runtime.scope();
      const x = randomTensor([2, 4, 8], { seed: 3 });
      const locations = (tensors: readonly RuntimeTensor[]) =>
        tensors.map(({ location }) => location);
      const near = scope.put(x);
      const far = scope.put(x, { location: "gpu" });
      const zeros = scope.zeros([2, 8], { location: "gpu" });
      assertEquals(
        locations([near, far, zeros, scope.zeros([1]), scope.put(x, { location: "memory" })]),
        ["memory", "gpu", "gpu", "memory", "memory"],
      );
      const on = { ...plain, runtime: scope };
      const h = await layerNorm(far, {}, on);
      const y = await layerNorm(h, {}, on);
      const n = await layerNorm(near, {}, on);
      // With one of each, what can travel does.
      const both = pipeline((ops, [a, b]: readonly [Tensor, Tensor]) => ops.add(a, b), {
        runtime: scope,
      });
      assertEquals(locations([h, y, n, await both([near, far])]), ["gpu", "gpu", "memory", "gpu"]);
      assertEquals(runtime.stats().runs, { webgpu: 3, webgl2: 0, wasm: 1, cpu: 0 });
      assertEquals(await layerNorm(far, {}, { ...plain, runtime }), {
        shape: x.shape,
        data: await h.read(),
      });
      assertEquals(await scope.put(far).read(), x.data);
      assertThrows(
        () => scope.put(far, { location: "memory" }),
        TypeError,
        'Cannot put a tensor: tensor must be in memory for location "memory" (read() copies it), got one on the GPU',
      );
    });
  });

  test(`keeps a large tensor of its memory on wasm${suffix}`, async () => {
    await withCard(async (runtime) => {
      using scope = runtime.scope();
      const x = scope.put(randomTensor([16, 16, 16, 64], { seed: 4 }));
      const y = await gdn(x, initGdn(64), { runtime: scope });
      assertEquals([y.location, runtime.stats().runs.wasm], ["memory", 1]);
      assertEquals(runtime.stats().estimates, []);
    });
  });
});

describe("a location", () => {
  it("must be one that there is", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    using scope = runtime.scope();
    const put = (options: unknown) => () => scope.put(tensor([1]), options as { location: "gpu" });
    assertThrows(
      put({ location: "gpu" }),
      TypeError,
      "Cannot put a tensor: location must be memory on wasm, got gpu",
    );
    assertThrows(
      put({ location: "cloud" }),
      TypeError,
      "Cannot put a tensor: location must be one of memory, gpu, got cloud",
    );
    assertThrows(put({ place: "gpu" }), TypeError, "options must have keys among location");
    assertThrows(
      () => scope.zeros([1], { location: "gpu" }),
      TypeError,
      "Cannot make zeros: location must be memory on wasm, got gpu",
    );
    assertEquals(scope.put(tensor([1]), { location: "memory" }).location, "memory");
  });

  test(`in memory is for any runtime${suffix}`, async () => {
    const runtime = await runtimeOf("webgpu");
    using scope = runtime.scope();
    const x = scope.zeros([2, 2], { location: "memory" });
    x.data.set([1, 3, 2, 6]);
    const y = await layerNorm(x, {}, { ...plain, runtime: scope });
    assertEquals([x.location, y.location], ["memory", "gpu"]);
    assertEquals([...await y.read()].map(Math.round), [-1, 1, -1, 1]);
  });
});

describe("statistics of a GPU", () => {
  test(`count the bytes that go there and come back${suffix}`, async () => {
    await using runtime = await createRuntime({ backend: "webgpu" });
    const x = randomTensor([5, 4], { seed: 5 });
    const traffic = () => {
      const { bytesUploaded, bytesDownloaded } = runtime.stats();
      return [bytesUploaded, bytesDownloaded];
    };
    // x, beta and gamma; the bounds of GDN are scalars.
    await gdn(
      x,
      { beta: new Float32Array(4).fill(1), gamma: tensor(new Float32Array(16), [4, 4]) },
      {
        runtime,
      },
    );
    assertEquals(traffic(), [(20 + 4 + 16) * 4, 20 * 4]);
    using scope = runtime.scope();
    const y = scope.put(x);
    assertEquals(traffic(), [(20 + 4 + 16 + 20) * 4, 20 * 4]);
    await y.read();
    assertEquals(traffic(), [(20 + 4 + 16 + 20) * 4, 40 * 4]);
  });
});

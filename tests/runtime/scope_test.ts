import {
  batchNorm,
  createRuntime,
  gdn,
  gdnInverse,
  groupNorm,
  initBatchNorm,
  initGdn,
  layerNorm,
  layerNormVjp,
  moments,
  pipeline,
  type RuntimeTensor,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { initSgd, sgd } from "../../ops/training/mod.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { itOnEachBackend } from "../support/backends.ts";
import { assertRejected } from "../support/reject.ts";

const ENDED =
  "Cannot use a tensor: its memory must not have been given back, got one whose life has ended";
const plain = { center: false, scale: false } as const;
const numbers = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i) + 10);

/** One test for each backend whose tensors are in the program's memory. */
const itInMemory: typeof itOnEachBackend = (what, test) =>
  itOnEachBackend(what, async (runtime, backend) => {
    if (backend !== "webgpu") await test(runtime, backend);
  });

describe("scope.zeros", () => {
  itOnEachBackend("gives zeros that ops read like any tensor", async (runtime) => {
    using scope = runtime.scope();
    // In memory that has been used before.
    scope.put(tensor(numbers(24)))[Symbol.dispose]();
    const x = scope.zeros([2, 3, 4]);
    assertEquals([x.shape, [...await x.read()]], [[2, 3, 4], new Array(24).fill(0)]);
    const y = await layerNorm(x, {}, { ...plain, runtime });
    assertEquals([...y.data], new Array(24).fill(0));
  });

  itInMemory("gives a tensor that can be filled", async (runtime) => {
    using scope = runtime.scope();
    const x = scope.zeros([2, 3, 4]);
    x.data.set(numbers(24));
    const expected = await layerNorm(tensor(numbers(24), [2, 3, 4]), {}, { ...plain, runtime });
    const y = await layerNorm(x, {}, { ...plain, runtime });
    assertEquals(y, expected);
    assertEquals(x.data, numbers(24));
  });

  itOnEachBackend("refuses a shape that is none", (runtime) => {
    using scope = runtime.scope();
    for (const [shape, got] of [[[2, -1], "-1"], [[0.5], "0.5"]] as const) {
      const message = `Cannot make zeros: shape must hold integers >= 0, got ${got}`;
      assertThrows(() => scope.zeros(shape), RangeError, message);
    }
    return Promise.resolve();
  });

  it("uses memory again that was given back", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    using scope = runtime.scope();
    const first = scope.zeros([1000]);
    first.data.fill(1);
    const place = first.data.byteOffset;
    first[Symbol.dispose]();
    const second = scope.zeros([1000]);
    assertEquals([second.data.byteOffset, Math.max(...second.data)], [place, 0]);
  });
});

describe("scope.put", () => {
  itOnEachBackend("copies a tensor, another library's too", async (runtime) => {
    using scope = runtime.scope();
    const x = tensor(numbers(6), [2, 3]);
    const put = scope.put(x);
    x.data.fill(0);
    assertEquals([put.shape, [...await put.read()]], [[2, 3], [...numbers(6)]]);
    const bytes = scope.put({ dims: [2], data: new Uint8Array([7, 8]) });
    assertEquals([bytes.shape, [...await bytes.read()]], [[2], [7, 8]]);
    const again = scope.put(put);
    assertEquals([...await again.read()], [...numbers(6)]);
  });

  itOnEachBackend("refuses what is no tensor", (runtime) => {
    using scope = runtime.scope();
    assertThrows(
      () => scope.put([1, 2] as unknown as Tensor),
      TypeError,
      "Cannot put a tensor: tensor must be a tensor of float32 data, got an array",
    );
    return Promise.resolve();
  });
});

describe("a tensor in a runtime's memory", () => {
  itOnEachBackend("is read as a copy that outlives it", async (runtime) => {
    const scope = runtime.scope();
    const x = scope.put(tensor([1, 2, 3]));
    const read = await x.read();
    assertEquals(x.location, runtime.backend === "webgpu" ? "gpu" : "memory");
    scope[Symbol.dispose]();
    assertEquals([...read], [1, 2, 3]);
    assertEquals(structuredClone(read, { transfer: [read.buffer] }).length, 3);
    await assertRejected(() => x.read(), TypeError, ENDED);
  });

  itInMemory("carries its numbers into copies, or they throw", (runtime) => {
    using scope = runtime.scope();
    const x = scope.put(tensor([1, 2]));
    const { shape, data } = { ...x };
    assertEquals([shape, [...data]], [[2], [1, 2]]);
    const parsed = JSON.parse(JSON.stringify(x));
    assertEquals([parsed.shape, Object.values(parsed.data)], [[2], [1, 2]]);
    assertThrows(() => structuredClone(x), DOMException);
    x[Symbol.dispose]();
    for (const copy of [() => ({ ...x }), () => JSON.stringify(x)]) {
      assertThrows(copy, TypeError, ENDED);
    }
    return Promise.resolve();
  });

  itOnEachBackend("is refused when its life has ended", async (runtime) => {
    using scope = runtime.scope();
    const x = scope.zeros([1, 4]);
    x[Symbol.dispose]();
    x[Symbol.dispose]();
    await assertRejected(() => x.read(), TypeError, ENDED);
    await assertRejected(() => layerNorm(x, {}, { ...plain, runtime }), TypeError, ENDED);
  });

  itInMemory("has no buffer", (runtime) => {
    using scope = runtime.scope();
    assertThrows(
      () => scope.zeros([1]).buffer,
      TypeError,
      'Cannot get the buffer of a tensor: its location must be "gpu", got "memory"',
    );
    return Promise.resolve();
  });

  it("is refused by its data alone, and in parts", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    using scope = runtime.scope();
    const x = scope.zeros([1, 8]);
    const ended = scope.zeros([1, 4]);
    const { data } = ended;
    ended[Symbol.dispose]();
    const message = "Cannot run on wasm: data in the runtime's memory must be all of a live " +
      "tensor's, got a part, or a tensor whose life has ended";
    for (const part of [data, x.data.subarray(4)]) {
      await assertRejected(
        () => layerNorm(tensor(part, [1, 4]), {}, { ...plain, runtime }),
        TypeError,
        message,
      );
    }
  });

  it("is taken by another runtime", async () => {
    await using one = await createRuntime({ backend: "wasm" });
    await using other = await createRuntime({ backend: "wasm" });
    using scope = one.scope();
    const x = scope.put(tensor([[1, 2, 3, 4]]));
    const y = await layerNorm(x, {}, { ...plain, runtime: other });
    assertEquals(y, await layerNorm(tensor([[1, 2, 3, 4]]), {}, { ...plain, runtime: other }));
  });

  it("ends with its runtime", async () => {
    const runtime = await createRuntime({ backend: "wasm" });
    using scope = runtime.scope();
    const x = scope.zeros([4]);
    await runtime.dispose();
    assertThrows(() => x.data, TypeError, ENDED);
    assertThrows(
      () => scope.zeros([4]),
      Error,
      "Cannot make a tensor: runtime must not be disposed, got a disposed runtime",
    );
  });
});

describe("runtime.scope", () => {
  itOnEachBackend("keeps results until it ends", async (runtime) => {
    const x = tensor(numbers(64), [1, 2, 2, 16]);
    const expected = await groupNorm(x, {}, { ...plain, groups: 4, runtime });
    const scope = runtime.scope();
    const y = await groupNorm(x, {}, { ...plain, groups: 4, runtime: scope });
    assertEquals([y.shape, await y.read()], [expected.shape, expected.data]);
    const z = await layerNorm(y, {}, { ...plain, runtime: scope });
    assertEquals(await z.read(), (await layerNorm(expected, {}, { ...plain, runtime })).data);
    scope[Symbol.dispose]();
    for (const ended of [y, z]) await assertRejected(() => ended.read(), TypeError, ENDED);
    await assertRejected(
      () => layerNorm(x, {}, { ...plain, runtime: scope }),
      Error,
      "Cannot run: the scope must not have ended, got one that has",
    );
    assertEquals(await groupNorm(x, {}, { ...plain, groups: 4, runtime }), expected);
  });

  it("leaves results where the tensors are on wasm, and gives all back", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    const addresses = new Set<number>();
    for (let i = 0; i < 3; i++) {
      using scope = runtime.scope();
      const x = scope.put(tensor(numbers(16), [1, 16]));
      const y = await layerNorm(x, {}, { ...plain, runtime: scope });
      assert(y.data.buffer === x.data.buffer);
      addresses.add(y.data.byteOffset);
    }
    assertEquals(addresses.size, 1);
  });

  it("ends the results of calls that are still pending", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    const scope = runtime.scope();
    const pending = layerNorm(tensor([[1, 2]]), {}, { ...plain, runtime: scope });
    scope[Symbol.dispose]();
    const y = await pending;
    assertThrows(() => y.data, TypeError, ENDED);
  });

  it("holds a pipeline's results, also one that is asked for twice and an input", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    using scope = runtime.scope();
    const run = pipeline((ops, x: Tensor) => {
      const h = ops.layerNorm(x, {}, plain);
      return { x, h, again: h };
    }, { runtime: scope });
    const x = tensor([[1, 2, 3, 4]]);
    const { x: same, h, again } = await run(x);
    assertEquals(same.data, x.data);
    assertEquals(h.data, again.data);
    assert(h.data.byteOffset !== again.data.byteOffset);
  });

  it("runs over tensors that no single arena holds", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    // 160 MiB and again 160 MiB: more than the first arena.
    const length = 40 * 2 ** 20;
    using inputs = runtime.scope();
    const x = inputs.zeros([1, length / 64, 64]);
    const gammas = inputs.zeros([1, length / 64, 64]);
    x.data.fill(3);
    gammas.data.fill(2);
    using scope = runtime.scope();
    const run = pipeline((ops, [a, b]: readonly [Tensor, Tensor]) => ops.mul(a, b), {
      runtime: scope,
    });
    const y = await run([x, gammas]);
    assertEquals([y.data[0], y.data[length - 1]], [6, 6]);
    const identity = { beta: new Array(64).fill(1), gamma: new Float32Array(64 * 64) };
    const z = await gdn(y, { ...identity, gamma: tensor(identity.gamma, [64, 64]) }, {
      runtime: scope,
    });
    assertEquals([z.data[0], z.data[length - 1]], [6, 6]);
  });
});

describe("what a scope keeps", () => {
  itOnEachBackend("are all tensors of a result, of ops, vjps and optimizers", async (runtime) => {
    using scope = runtime.scope();
    const on = { runtime: scope };
    const x = tensor(numbers(12), [4, 3]);
    const { params, state } = initBatchNorm(3, { scale: true });
    const first = await batchNorm(x, params, state, { ...on, decay: 0.5 });
    const second = await batchNorm(first.y, params, first.state, { ...on, decay: 0.5 });
    const { y, vjp } = await layerNormVjp(second.y, {}, on);
    const back = await vjp(second.y);
    const { count, mean, m2 } = await moments(y, { axes: [0], ...on });
    const grads = { w: y };
    const start = { w: x };
    const sum = await sgd(start, grads, initSgd(start), { ...on, momentum: 0.5 });
    const step = await sgd(sum.params, grads, sum.state, { ...on, momentum: 0.5 });
    const { x: inverted, steps } = await gdnInverse(tensor([[0.5]]), initGdn(1), on);
    assert(steps > 0);
    const kept: RuntimeTensor[] = [
      second.state.movingMean,
      second.state.movingVariance,
      y,
      back.x,
      count,
      mean,
      m2,
      step.params.w,
      step.state.velocity.w,
      step.state.step,
      inverted,
    ];
    const read = await Promise.all(kept.map((tensor) => tensor.read()));
    const plainFirst = await batchNorm(x, params, state, { runtime, decay: 0.5 });
    const expected = await batchNorm(plainFirst.y, params, plainFirst.state, {
      runtime,
      decay: 0.5,
    });
    assertEquals(read[0], expected.state.movingMean.data);
    assertEquals(read[9], new Float32Array([2]));
  });

  itOnEachBackend("is no more than the result of a search", async (runtime, backend) => {
    using scope = runtime.scope();
    const y = tensor(numbers(64).map((v) => v / 100), [8, 8]);
    const held = () => scope.stats().bytesHeld;
    await gdnInverse(y, initGdn(8), { runtime: scope });
    const before = held();
    for (let i = 0; i < 50; i++) {
      const { x } = await gdnInverse(y, initGdn(8), { runtime: scope });
      x[Symbol.dispose]();
    }
    if (backend === "wasm") assertEquals(held(), before);
  });
});

describe("a runtime's methods", () => {
  it("are for runtimes", async () => {
    await using runtime = await createRuntime({ backend: "cpu" });
    using scope = runtime.scope();
    const methods = [
      runtime.stats,
      runtime.scope,
      runtime.dispose,
      scope.zeros,
      scope.put,
      scope.stats,
      scope[Symbol.dispose],
    ] as ((this: unknown) => unknown)[];
    for (const method of methods) {
      for (const self of [undefined, {}, new Proxy(runtime, {})]) {
        assertThrows(() => method.call(self), TypeError, ": this must be a runtime, got ");
      }
    }
  });

  it("take no argument too many", async () => {
    await using runtime = await createRuntime({ backend: "cpu" });
    using scope = runtime.scope();
    const none = [runtime.stats, runtime.scope, runtime.dispose, scope.stats];
    for (const method of none as ((extra: unknown) => unknown)[]) {
      const self = method === scope.stats ? scope : runtime;
      assertThrows(() => method.call(self, 1), TypeError, "arguments must be at most 0, got 1");
    }
    const two: ((...args: unknown[]) => unknown)[] = [scope.put as never, scope.zeros as never];
    for (const method of two) {
      const call = () => method.call(scope, tensor([1]), {}, 1);
      assertThrows(call, TypeError, "arguments must be at most 2, got 3");
    }
  });
});

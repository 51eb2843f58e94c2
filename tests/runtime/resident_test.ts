import {
  createRuntime,
  gdn,
  groupNorm,
  layerNorm,
  pipeline,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { itOnEachBackend } from "../support/backends.ts";
import { assertRejected } from "../support/reject.ts";

const ENDED =
  "Cannot use a tensor: its memory must not have been given back, got one whose life has ended";
const plain = { center: false, scale: false } as const;
const numbers = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i) + 10);

describe("runtime.tensor", () => {
  itOnEachBackend("gives zeros that ops read like any tensor", async (runtime) => {
    using x = runtime.tensor([2, 3, 4]);
    assertEquals([x.shape, x.data.length, Math.max(...x.data)], [[2, 3, 4], 24, 0]);
    x.data.set(numbers(24));
    const expected = await layerNorm(tensor(numbers(24), [2, 3, 4]), {}, { ...plain, runtime });
    const y = await layerNorm(x, {}, { ...plain, runtime });
    assertEquals(y, expected);
    assertEquals(x.data, numbers(24));
  });

  itOnEachBackend("refuses a tensor whose life has ended", async (runtime) => {
    const x = runtime.tensor([1, 4]);
    x[Symbol.dispose]();
    x[Symbol.dispose]();
    assertThrows(() => x.data, TypeError, ENDED);
    await assertRejected(() => layerNorm(x, {}, { ...plain, runtime }), TypeError, ENDED);
  });

  itOnEachBackend("refuses a shape that is none", (runtime) => {
    for (const [shape, got] of [[[2, -1], "-1"], [[0.5], "0.5"]] as const) {
      const message = `Cannot make a tensor: shape must hold integers >= 0, got ${got}`;
      assertThrows(() => runtime.tensor(shape), RangeError, message);
    }
    return Promise.resolve();
  });

  it("uses memory again that was given back", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    const first = runtime.tensor([1000]);
    first.data.fill(1);
    const place = first.data.byteOffset;
    first[Symbol.dispose]();
    using second = runtime.tensor([1000]);
    assertEquals([second.data.byteOffset, Math.max(...second.data)], [place, 0]);
  });

  it("refuses the data of an ended tensor and parts of a live one", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    using x = runtime.tensor([1, 8]);
    const ended = runtime.tensor([1, 4]);
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

  it("takes tensors of one runtime in another", async () => {
    await using one = await createRuntime({ backend: "wasm" });
    await using other = await createRuntime({ backend: "wasm" });
    using x = one.tensor([1, 4]);
    x.data.set([1, 2, 3, 4]);
    const y = await layerNorm(x, {}, { ...plain, runtime: other });
    assertEquals(y, await layerNorm(tensor([[1, 2, 3, 4]]), {}, { ...plain, runtime: other }));
  });

  it("ends with its runtime", async () => {
    const runtime = await createRuntime({ backend: "wasm" });
    const x = runtime.tensor([4]);
    await runtime.dispose();
    assertThrows(() => x.data, TypeError, ENDED);
    assertThrows(
      () => runtime.tensor([4]),
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
    assertEquals([y.shape, y.data], [expected.shape, expected.data]);
    const z = await layerNorm(y, {}, { ...plain, runtime: scope });
    assertEquals(z.data, (await layerNorm(expected, {}, { ...plain, runtime })).data);
    scope[Symbol.dispose]();
    for (const ended of [y, z]) assertThrows(() => ended.data, TypeError, ENDED);
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
      const x = scope.tensor([1, 16]);
      x.data.set(numbers(16));
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
    const run = pipeline((ops, x: { shape: readonly number[]; data: Float32Array }) => {
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
    using x = runtime.tensor([1, length / 64, 64]);
    using gammas = runtime.tensor([1, length / 64, 64]);
    x.data.fill(3);
    gammas.data.fill(2);
    using scope = runtime.scope();
    const run = pipeline((ops, [a, b]: readonly [typeof x, typeof x]) => ops.mul(a, b), {
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

describe("a runtime's methods", () => {
  it("are for runtimes", async () => {
    await using runtime = await createRuntime({ backend: "cpu" });
    using scope = runtime.scope();
    for (const { stats, tensor: make, recycle, scope: open, dispose } of [runtime, scope]) {
      for (const method of [stats, make, recycle, open, dispose] as (() => unknown)[]) {
        for (const self of [undefined, {}, new Proxy(runtime, {})]) {
          assertThrows(() => method.call(self), TypeError, ": this must be a runtime, got ");
        }
      }
    }
  });
});

describe("a scope's methods", () => {
  it("take no argument too many, and dispose ends what it holds", async () => {
    await using runtime = await createRuntime({ backend: "cpu" });
    const scope = runtime.scope();
    const all = [scope.stats, scope.scope, scope.dispose] as ((extra: unknown) => unknown)[];
    for (const method of all) {
      assertThrows(() => method.call(scope, 1), TypeError, "arguments must be at most 0, got 1");
    }
    const x = scope.tensor([1]);
    await scope.dispose();
    assertThrows(() => x.data, TypeError, ENDED);
  });
});

describe("runtime.recycle", () => {
  itOnEachBackend("takes a result's memory, and every view of it", async (runtime) => {
    const x = tensor(numbers(64), [4, 16]);
    const y = await layerNorm(x, {}, { ...plain, runtime });
    const [expected, view] = [y.data.slice(), y.data.subarray(3)];
    runtime.recycle(y);
    assertEquals([y.data.length, view.length], [0, 0]);
    assertEquals((await layerNorm(x, {}, { ...plain, runtime })).data, expected);
  });

  it("uses the memory for the next result of that size", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    const norm = (size: number) =>
      layerNorm(tensor(numbers(size), [1, size]), {}, { ...plain, runtime });
    const [first, other] = [await norm(40), await norm(48)];
    const { bytesHeld } = runtime.stats();
    runtime.recycle(first);
    runtime.recycle(other);
    assertEquals(runtime.stats().bytesHeld, bytesHeld + 4 * 88);
    await norm(48);
    assertEquals(runtime.stats().bytesHeld, bytesHeld + 4 * 40);
  });

  it("refuses what is not the caller's alone", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    using x = runtime.tensor([4]);
    assertThrows(
      () => runtime.recycle(x),
      TypeError,
      "Cannot recycle: y must be a plain tensor, got one in a runtime's memory",
    );
    const twice = tensor(numbers(4), [4]);
    runtime.recycle(twice);
    assertThrows(
      () => runtime.recycle(twice),
      TypeError,
      "Cannot recycle: y must not have been recycled before, got one without its 4 elements",
    );
    assertThrows(
      () => runtime.recycle(null as unknown as Tensor),
      TypeError,
      "Cannot recycle: y must be a plain tensor, got null",
    );
    const part = tensor(numbers(8).subarray(2), [6]);
    assertThrows(
      () => runtime.recycle(part),
      TypeError,
      "Cannot recycle: y must fill its buffer of 32 bytes, got 24",
    );
  });
});

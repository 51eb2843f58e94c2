import {
  batchNorm,
  createRuntime,
  type FromAnywhere,
  gdn,
  gdnInverse,
  gdnVjp,
  type GpuTensor,
  groupNorm,
  initBatchNorm,
  initGdn,
  layerNorm,
  moments,
  pipeline,
  type Tensor,
  tensor,
} from "../../../mod.ts";
import { type AdamState, initAdam } from "../../../ops/training/mod.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runtimeOf, skipOf } from "../../support/backends.ts";
import { counting } from "../../support/counting.ts";
import { randomTensor } from "../../support/random.ts";
import { assertRejected } from "../../support/reject.ts";

const skip = skipOf("webgpu");
const test = skip === undefined ? it : it.skip;
const suffix = skip === undefined ? "" : `: ${skip}`;

/** Counts what a run must not do too often. */
const counted = (run: () => Promise<unknown>) =>
  counting([
    [GPUDevice, "createBuffer"],
    [GPUDevice, "createBindGroup"],
    [GPUQueue, "submit"],
    [GPUBuffer, "mapAsync"],
  ], run);

const plain = { center: false, scale: false } as const;

describe("a tensor on the GPU", () => {
  test(`goes from op to op, and is read back once${suffix}`, async () => {
    const runtime = await runtimeOf("webgpu");
    const x = randomTensor([2, 5, 3, 8], { seed: 1, mean: 100 });
    const variables = initGdn(8);
    const h = await gdn(x, variables, { runtime });
    const expected = await groupNorm(h, {}, { ...plain, groups: 2, runtime });
    using scope = runtime.scope();
    const y = { current: undefined as unknown as GpuTensor };
    const counts = await counted(async () => {
      const h = await gdn(x, variables, { runtime: scope });
      y.current = await groupNorm(h, {}, { ...plain, groups: 2, runtime: scope }) as GpuTensor;
    });
    assertEquals([counts.submit, counts.mapAsync], [2, 0]);
    const { shape, location } = y.current;
    assertEquals([shape, location], [[2, 5, 3, 8], "gpu"]);
    const reading = await counted(async () => {
      assertEquals(await y.current.read(), expected.data);
    });
    assertEquals([reading.submit, reading.mapAsync], [1, 1]);
    // An op that is given no scope returns numbers, whatever it is given.
    assertEquals(
      await groupNorm(await gdn(x, variables, { runtime: scope }), {}, {
        ...plain,
        groups: 2,
        runtime,
      }),
      expected,
    );
  });

  test(`goes through gradients and state${suffix}`, async () => {
    const runtime = await runtimeOf("webgpu");
    const x = randomTensor([4, 6], { seed: 2 });
    const dy = randomTensor([4, 6], { seed: 3 });
    const variables = initGdn(6);
    const { params, state } = initBatchNorm(6);
    const there = await gdnVjp(x, variables, { runtime });
    const back = await there.vjp(dy);
    const first = await batchNorm(there.y, params, state, { runtime });
    const second = await batchNorm(there.y, params, first.state, { training: false, runtime });
    using scope = runtime.scope();
    const on = { runtime: scope };
    const kept = await gdnVjp(scope.put(x), variables, on);
    const { x: dx, params: dparams } = await kept.vjp(dy);
    const own = await batchNorm(kept.y, params, state, on);
    // Inference returns its state as it is.
    const inferred = await batchNorm(kept.y, params, own.state, { training: false, ...on });
    own.state.movingMean[Symbol.dispose]();
    assertEquals(await dx.read(), back.x.data);
    assertEquals(await dparams.reparamGamma.read(), back.params.reparamGamma.data);
    assertEquals(await inferred.y.read(), second.y.data);
    assertEquals(await inferred.state.movingMean.read(), second.state.movingMean.data);
    // The way back of a call without a scope, through a tensor that is on the GPU.
    const plainly = await gdnVjp(scope.put(x), variables, { runtime });
    assertEquals(await plainly.vjp(scope.put(dy)), back);
  });

  test(`is shown in full, or not at all${suffix}`, async () => {
    const runtime = await runtimeOf("webgpu");
    using scope = runtime.scope();
    const x = scope.put(tensor([1, 2]));
    const message =
      'Cannot get the data of a tensor: its location must be "memory" (read() copies them), got "gpu"';
    for (const copy of [() => x.data, () => ({ ...x }), () => JSON.stringify(x)]) {
      assertThrows(copy, TypeError, message);
    }
    assertThrows(() => structuredClone(x));
    assert(x.buffer.size >= 8);
  });

  test(`of no elements is one too${suffix}`, async () => {
    const runtime = await runtimeOf("webgpu");
    using scope = runtime.scope();
    const x = scope.zeros([0, 4]);
    const y = await layerNorm(x, {}, { ...plain, runtime: scope });
    assertEquals([y.shape, y.location, await y.read()], [[0, 4], "gpu", new Float32Array(0)]);
  });

  test(`may have its numbers checked in memory, while the op runs${suffix}`, async () => {
    const runtime = await runtimeOf("webgpu");
    using scope = runtime.scope();
    const x = randomTensor([3, 4], { seed: 5 });
    const weights = (data: number[]) => scope.put(tensor(data));
    const options = { axes: [0], runtime: scope };
    const { mean } = await moments(x, { ...options, batchWeights: weights([1, 2, 0]) });
    const expected = await moments(x, { axes: [0], batchWeights: [1, 2, 0], runtime });
    assertEquals(await mean.read(), expected.mean.data);
    const held = runtime.stats().bytesHeld;
    for (let i = 0; i < 20; i++) {
      using bad = weights([1, -2, 0]);
      await assertRejected(
        () => moments(x, { ...options, batchWeights: bad }),
        RangeError,
        "Cannot take moments: batchWeights must be finite numbers >= 0, got -2",
      );
    }
    assertEquals(runtime.stats().bytesHeld, held);
  });

  test(`is checked even where nothing is left to run, and beside others${suffix}`, async () => {
    const runtime = await runtimeOf("webgpu");
    using scope = runtime.scope();
    const w = scope.put(tensor([1, -2, 0]));
    const other = scope.put(tensor([-3, 1, 1]));
    const x = randomTensor([3, 4], { seed: 6 });
    const { params, state } = initBatchNorm(4);
    const unused = pipeline((ops, { w }: { w: Tensor }) => {
      ops.batchNorm(x, params, state, { batchWeights: w });
      return w;
    }, { runtime: scope });
    const message = (got: number) =>
      `Cannot apply batchNorm: batchWeights must be finite numbers >= 0, got ${got}`;
    await assertRejected(() => unused({ w }), RangeError, message(-2));
    const both = pipeline((ops, { a, b }: { a: Tensor; b: Tensor }) => [
      ops.batchNorm(x, params, state, { batchWeights: a }),
      ops.batchNorm(x, params, state, { batchWeights: b }),
    ], { runtime: scope });
    await assertRejected(() => both({ a: w, b: tensor([-1, 1, 1]) }), RangeError, message(-1));
    await assertRejected(() => both({ a: w, b: other }), RangeError, message(-2));
  });

  test(`is refused by any other runtime, and copied for none${suffix}`, async () => {
    const runtime = await runtimeOf("webgpu");
    using scope = runtime.scope();
    const x = scope.put(tensor([[1, 2]]));
    const message = "Cannot run an op: x must be in memory (read() copies it), or on the GPU of " +
      "the runtime that runs, got a tensor on another runtime's GPU";
    await using wasm = await createRuntime({ backend: "wasm" });
    await using other = await createRuntime({ backend: "webgpu" });
    using there = other.scope();
    for (const elsewhere of [wasm, other, there, undefined]) {
      await assertRejected(
        () => layerNorm(x, {}, { ...plain, ...elsewhere && { runtime: elsewhere } }),
        TypeError,
        message,
      );
    }
    assertThrows(
      () => there.put(x),
      TypeError,
      "Cannot put a tensor: tensor must be in memory (read() copies it), or on the GPU of this " +
        "runtime, got one on another's",
    );
    const captured = pipeline((_, { y }: { y: Tensor }) => ({ x, y }), { runtime: there });
    await assertRejected(
      () => captured({ y: tensor([1]) }),
      TypeError,
      message.replace(": x ", ": output.x "),
    );
    assertThrows(() => tensor(x as unknown as number[]), TypeError);
  });

  test(`lives until the last tensor that shares it has ended${suffix}`, async () => {
    const runtime = await runtimeOf("webgpu");
    using scope = runtime.scope();
    const both = pipeline((_, x: Tensor) => ({ first: x, second: x }), { runtime: scope });
    const x = scope.put(tensor([1, 2, 3]));
    const { first, second } = await both(x);
    x[Symbol.dispose]();
    first[Symbol.dispose]();
    // Whoever takes the next buffer of this size must not get this one.
    scope.put(tensor([7, 7, 7]));
    assertEquals(await second.read(), new Float32Array([1, 2, 3]));
  });

  test(`is itself, and not a proxy of it${suffix}`, async () => {
    const runtime = await runtimeOf("webgpu");
    using scope = runtime.scope();
    const x = scope.put(tensor([[1, 2]]));
    const same = pipeline((_, x: Tensor) => x, { runtime: scope });
    const message =
      "Cannot use a tensor: one on the GPU must be the runtime's own object, got a proxy or a copy of it";
    for (const copy of [new Proxy(x, {}), Object.create(x) as typeof x]) {
      assertThrows(() => scope.put(copy), TypeError, message);
      await assertRejected(() => layerNorm(copy, {}, { ...plain, runtime }), TypeError, message);
      await assertRejected(() => same(copy), TypeError, message);
      copy[Symbol.dispose]();
    }
    assertEquals(await x.read(), new Float32Array([1, 2]));
  });

  test(`is held by a search that takes several runs${suffix}`, async () => {
    const runtime = await runtimeOf("webgpu");
    using scope = runtime.scope();
    const given = tensor([[0.5, -0.25], [0.1, 0.3]]);
    const expected = await gdnInverse(given, initGdn(2), { runtime });
    const y = scope.put(given);
    const pending = gdnInverse(y, initGdn(2), { runtime });
    y[Symbol.dispose]();
    scope.put(tensor([[7, 7], [7, 7]]));
    assertEquals(await pending, expected);
  });

  test(`is read to its end before its runtime ends${suffix}`, async () => {
    const runtime = await createRuntime({ backend: "webgpu" });
    const scope = runtime.scope();
    const numbers = new Float32Array(2 ** 22).fill(3);
    const x = scope.put({ shape: [2 ** 22], data: numbers });
    const same = pipeline((_, x: Tensor) => x, { runtime });
    const pending = [x.read(), same(x).then(({ data }) => data)];
    await runtime.dispose();
    for (const read of await Promise.all(pending)) {
      assertEquals([read.length, read[0], read.at(-1)], [2 ** 22, 3, 3]);
    }
  });

  test(`ends with its runtime${suffix}`, async () => {
    const runtime = await createRuntime({ backend: "webgpu" });
    using scope = runtime.scope();
    const x = scope.zeros([4]);
    await runtime.dispose();
    const message =
      "Cannot use a tensor: its memory must not have been given back, got one whose life has ended";
    assertThrows(() => x.buffer, TypeError, message);
    await assertRejected(() => x.read(), TypeError, message);
  });
});

describe("a training step whose state is on the GPU", () => {
  test(`is one submit without a readback, in the same memory for 1000 steps${suffix}`, async () => {
    await using runtime = await createRuntime({ backend: "webgpu" });
    using scope = runtime.scope();
    const gdnStart = initGdn(6);
    const norm = initBatchNorm(6);
    const params = { gdn: gdnStart, norm: norm.params };
    interface Input {
      readonly params: typeof params;
      readonly state: typeof norm.state;
      readonly adam: AdamState<typeof params>;
      readonly x: Tensor;
    }
    const step = pipeline((ops, { params, state, adam, x }: Input) => {
      const first = ops.gdnVjp(x, params.gdn);
      const second = ops.batchNormVjp(first.y, params.norm, state);
      const dy = ops.sub(second.y, x);
      const back = second.vjp(dy);
      const grads = { gdn: first.vjp(back.x).params, norm: back.params };
      const next = ops.adam(params, grads, adam, { learningRate: 1e-3 });
      return {
        loss: ops.mean(ops.mul(dy, dy)),
        next: { params: next.params, adam: next.state, state: second.state },
      };
    }, { runtime: scope, donate: ["params", "adam", "state"] });
    type State = FromAnywhere<Omit<Input, "x">>;
    let state: State = { params, state: norm.state, adam: initAdam(params) };
    const turn = async (i: number): Promise<void> => {
      const { loss, next } = await step({
        ...state,
        x: randomTensor([4, 3, 3, 6], { seed: i % 7 + 1 }),
      });
      loss[Symbol.dispose]();
      state = next;
    };
    // Plain parameters, then those of the first step, in other buffers.
    for (let i = 0; i < 2; i++) await turn(i);
    for (let i = 2; i < 5; i++) {
      const { createBuffer, submit, mapAsync } = await counted(() => turn(i));
      assertEquals({ createBuffer, submit, mapAsync }, { createBuffer: 0, submit: 1, mapAsync: 0 });
    }
    const { bytesHeld } = runtime.stats();
    const counts = await counted(async () => {
      for (let i = 5; i < 1000; i++) await turn(i);
    });
    assertEquals(counts, { createBuffer: 0, createBindGroup: 0, submit: 995, mapAsync: 0 });
    assertEquals(runtime.stats().bytesHeld, bytesHeld);
    assertEquals(await (state.adam.step as GpuTensor).read(), new Float32Array([1000]));
  });
});

import {
  batchNorm,
  createRuntime,
  gdn,
  initBatchNorm,
  initGdn,
  pipeline,
  type PipelineOps,
  type Runtime,
  type RuntimeTensor,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { itAtOnce } from "../support/at_once.ts";
import { runtimeOn } from "../support/elsewhere.ts";
import { randomTensor } from "../support/random.ts";

const norm = (ops: PipelineOps, x: Tensor) => ops.layerNorm(x);
/** So large that threads are worth waking. */
const LARGE = [2, 67, 53, 20];

describe("a pipeline with sync", () => {
  itAtOnce("returns data, with the bits of one that is awaited", async (runtime) => {
    const { params, state } = initBatchNorm(4, { scale: true });
    const fn = (ops: PipelineOps, { x, decay }: { x: Tensor; decay: number }) => {
      const { y, state: next } = ops.batchNorm(x, params, state, { decay });
      return { y: ops.gdn(y, initGdn(4)), next, same: x, plain: [decay, null] };
    };
    const sync = pipeline(fn, { runtime, sync: true });
    const awaited = pipeline(fn, { runtime });
    for (const [rows, decay] of [[3, 0.5], [5, 0.5], [3, 0.25], [3, 0.5]]) {
      const input = { x: randomTensor([rows, 4], { seed: rows }), decay };
      const result = sync(input);
      assert(result.y.data instanceof Float32Array && result.same.data !== input.x.data);
      assertEquals(result, await awaited(input));
    }
  });

  itAtOnce("reads captured tensors, and those of the input, at every call", (runtime) => {
    const beta = new Float32Array(2);
    const run = pipeline((ops, x: Tensor) => ops.layerNorm(x, { beta }), { runtime, sync: true });
    const x = tensor([[1, 1]]);
    assertEquals([...run(x).data], [0, 0]);
    beta.fill(5);
    assertEquals([...run(x).data], [5, 5]);
    const first = run(tensor([[1, 3]]));
    assertEquals([...run(x).data], [5, 5]);
    assert(first.data[0] < 5);
  });

  itAtOnce("leaves results in a scope, and takes them from there", async (runtime) => {
    using scope = runtime.scope();
    const double = pipeline((ops, x: Tensor) => ops.scale(x, 2), { runtime: scope, sync: true });
    const once = double(tensor([1, 2]));
    const twice: RuntimeTensor = double(once);
    assertEquals(await twice.read(), new Float32Array([4, 8]));
    scope[Symbol.dispose]();
    assertThrows(
      () => double(tensor([1])),
      Error,
      "Cannot run: the scope must not have ended, got one that has",
    );
  });

  itAtOnce("consumes what is donated, once the results are there", (runtime) => {
    using scope = runtime.scope();
    const step = pipeline(
      (ops, { w, x }: { w: Tensor; x: Tensor }) => ({ w: ops.add(w, x) }),
      { runtime: scope, sync: true, donate: ["w"] },
    );
    const w = scope.put(tensor([1, 2]));
    const x = tensor([10, 20]);
    assertThrows(
      () => step({ w, x: tensor([1, 2, 3]) }),
      TypeError,
      "Cannot add tensors: a and b must broadcast, got (2,) and (3,); counted from the last axis, extents must be equal or 1",
    );
    assertEquals([...w.data], [1, 2]);
    let next = step({ w, x });
    const gone =
      "Cannot use a tensor: it must not have been donated to a pipeline, got one that has";
    assertThrows(() => w.data, TypeError, gone);
    assertThrows(() => step({ w, x }), TypeError, gone);
    next = step({ ...next, x });
    const { bytesHeld } = runtime.stats();
    for (let i = 0; i < 20; i++) next = step({ ...next, x });
    assertEquals([...next.w.data], [1 + 22 * 10, 2 + 22 * 20]);
    assertEquals(runtime.stats().bytesHeld, bytesHeld);
  });

  itAtOnce("runs between calls that are pending, and disturbs none", async (runtime) => {
    const { params, state } = initBatchNorm(20);
    const x = randomTensor(LARGE, { seed: 1, mean: 2 });
    const small = tensor([[1, 3]]);
    const run = pipeline(norm, { runtime, sync: true });
    const expected = [
      await batchNorm(x, params, state, { runtime }),
      await gdn(x, initGdn(20), { runtime }),
    ];
    const alone = run(small);
    const pending: Promise<unknown>[] = [];
    for (let i = 0; i < 3; i++) {
      pending.push(batchNorm(x, params, state, { runtime }));
      assertEquals(run(small), alone);
      pending.push(gdn(x, initGdn(20), { runtime }));
      assertEquals(run(small), alone);
    }
    for (const [i, result] of (await Promise.all(pending)).entries()) {
      assertEquals(result, expected[i % 2]);
    }
  });

  it("computes on the calling thread where there are others, beside theirs", async () => {
    await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
    await using alone = await createRuntime({ backend: "wasm" });
    const fn = (ops: PipelineOps, x: Tensor) => ops.groupNorm(ops.gdn(x, params), {}, GROUPS);
    const params = initGdn(20);
    const GROUPS = { groups: 5 } as const;
    const inputs = [1, 2, 3, 4].map((seed) => randomTensor(LARGE, { seed, mean: 1 }));
    const expected = inputs.map(pipeline(fn, { runtime: alone, sync: true }));
    const sync = pipeline(fn, { runtime, sync: true });
    const awaited = pipeline(fn, { runtime });
    assertEquals(sync(inputs[0]), expected[0]);
    for (let round = 0; round < 3; round++) {
      const pending = inputs.map((x) => awaited(x));
      assertEquals(inputs.map((x) => sync(x)), expected);
      assertEquals(await Promise.all(pending), expected);
    }
    using scope = runtime.scope();
    const resident = pipeline(fn, { runtime: scope, sync: true })(scope.put(inputs[1]));
    assertEquals(resident.data.slice(), expected[1].data);
  });

  itAtOnce("throws, and goes on", (runtime) => {
    const run = pipeline(norm, { runtime, sync: true });
    const x = tensor([[1, 3]]);
    const y = run(x);
    assertThrows(
      () => run({ shape: [2], data: new Float32Array(3) }),
      TypeError,
      "Cannot run a pipeline: input must have 2 elements for shape (2,), got 3",
    );
    assertThrows(
      () => run({ ...x, data: new Float32Array(3) }),
      TypeError,
      "Cannot run a pipeline: input must have 2 elements for shape (1, 2), got 3",
    );
    assertEquals(run(x), y);
    const refused = pipeline((ops, x: Tensor) => ops.groupNorm(x, {}, { groups: 3 }), {
      runtime,
      sync: true,
    });
    assertThrows(
      () => refused(x),
      RangeError,
      "Cannot apply groupNorm: groups must divide the 2 channels of x, got 3",
    );
  });

  it("gives the memory of plans back that its runtime has dropped", async () => {
    await using runtime = await createRuntime({ backend: "wasm", planLimit: 2 });
    const run = pipeline(norm, { runtime, sync: true });
    const all = () => {
      for (let rows = 1; rows <= 24; rows++) run(randomTensor([rows, 8], { seed: rows }));
      return runtime.stats();
    };
    const { bytesHeld, plansCompiled } = all();
    for (let i = 0; i < 3; i++) assertEquals(all().bytesHeld, bytesHeld);
    assertEquals(runtime.stats().plansCompiled, 4 * plansCompiled);
  });

  it("refuses to run on a runtime that has been disposed", async () => {
    const runtime = await createRuntime({ backend: "wasm" });
    const run = pipeline(norm, { runtime, sync: true });
    const nothing = pipeline((_, x: Tensor) => x, { runtime, sync: true });
    run(tensor([[1, 2]]));
    await runtime.dispose();
    const text = "Cannot run: runtime must not be disposed, got a disposed runtime";
    assertThrows(() => run(tensor([[1, 2]])), Error, text);
    assertThrows(() => nothing(tensor([[1, 2]])), Error, text);
  });

  it("is refused where results have to be waited for, with the reason", () => {
    const given = "runtime must be given for sync, as the shared one is opened by a call that is " +
      "awaited, got undefined";
    const on = (what: string) =>
      `runtime must be on wasm or cpu, where a result need not be waited for, got one on ${what}`;
    const wrong: [unknown, string][] = [
      [{ sync: true }, given],
      [{ sync: true, runtime: runtimeOn("webgpu") }, on("webgpu")],
      [{ sync: true, runtime: runtimeOn("webgl2").scope() }, on("webgl2")],
      [{ sync: true, runtime: runtimeOn("auto") }, on("wasm and webgpu (auto)")],
      [{ sync: "yes" }, "sync must be a boolean, got yes"],
      [{ sync: 1 }, "sync must be a boolean, got 1"],
    ];
    for (const [options, text] of wrong) {
      const { message } = assertThrows(
        () => pipeline(norm, options as { readonly runtime: Runtime; readonly sync: true }),
        TypeError,
      );
      assertEquals(message, `Cannot make a pipeline: ${text}`);
    }
  });

  it("has no promise in its type, and is not made by a flag that may be either", async () => {
    await using runtime = await createRuntime({ backend: "cpu" });
    using scope = runtime.scope();
    const y: Tensor = pipeline(norm, { runtime, sync: true })(tensor([[1, 3]]));
    const z: Promise<Tensor> = pipeline(norm, { runtime, sync: false })(tensor([[1, 3]]));
    const held: RuntimeTensor = pipeline(norm, { runtime: scope, sync: true })(y);
    assertEquals([...held.data], [...pipeline(norm, { runtime, sync: true })(await z).data]);
    const either: boolean = held.data.length === 2;
    // @ts-expect-error: what it returns would not be known.
    pipeline(norm, { runtime, sync: either });
  });
});

import {
  createRuntime,
  type FromAnywhere,
  initBatchNorm,
  type Runtime,
  type RuntimeScope,
  type RuntimeTensor,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { type AdamState, initAdam } from "../../ops/training/mod.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { itOnEachBackend } from "../support/backends.ts";
import { pipeline } from "../support/eagerly.ts";
import { assertRejected } from "../support/reject.ts";

const DONATED =
  "Cannot use a tensor: it must not have been donated to a pipeline, got one that has been";

interface Step {
  readonly params: { readonly w: Tensor };
  readonly x: Tensor;
}

/** w + x, consuming the old w. */
function addTo(scope: RuntimeScope) {
  return pipeline((ops, { params, x }: Step) => ({ w: ops.add(params.w, x) }), {
    runtime: scope,
    donate: ["params"],
  });
}

describe("a pipeline's donate", () => {
  itOnEachBackend("consumes a runtime's tensors, and uploads others as ever", async (runtime) => {
    using scope = runtime.scope();
    const step = addTo(scope);
    const start = tensor([1, 2]);
    const x = tensor([10, 20]);
    const first = await step({ params: { w: start }, x });
    assertEquals(start.data, new Float32Array([1, 2]));
    const second = await step({ params: first, x });
    assertEquals(await second.w.read(), new Float32Array([21, 42]));
    await assertRejected(() => (first.w as RuntimeTensor).read(), TypeError, DONATED);
    await assertRejected(() => step({ params: first, x }), TypeError, DONATED);
  });

  itOnEachBackend("takes tensors away when the call is accepted", async (runtime) => {
    using scope = runtime.scope();
    const step = addTo(scope);
    const w = scope.put(tensor([1, 2]));
    const pending = step({ params: { w }, x: tensor([1, 1]) });
    await assertRejected(() => w.read(), TypeError, DONATED);
    assertEquals(await (await pending).w.read(), new Float32Array([2, 3]));
  });

  itOnEachBackend("leaves all alive when the call is refused or fails", async (runtime) => {
    using scope = runtime.scope();
    const step = addTo(scope);
    const w = scope.put(tensor([1, 2]));
    await assertRejected(
      () => step({ params: { w }, x: tensor([1, 2, 3]) }),
      TypeError,
      "Cannot add tensors: a and b must broadcast, got (2,) and (3,); counted from the last axis, extents must be equal or 1",
    );
    const failing = pipeline(
      (ops, { w, weights }: { w: Tensor; weights: Tensor }) =>
        ops.moments(w, { axes: [0], batchWeights: weights }),
      { runtime: scope, donate: ["w"] },
    );
    const weights = scope.put(tensor([1, -1]));
    await assertRejected(
      () => failing({ w, weights }),
      RangeError,
      "Cannot take moments: batchWeights must be finite numbers >= 0, got -1",
    );
    assertEquals(await w.read(), new Float32Array([1, 2]));
  });

  itOnEachBackend("leaves alive what is returned unchanged", async (runtime) => {
    using scope = runtime.scope();
    const same = pipeline((ops, { params, x }: Step) => ({ ...params, sum: ops.sum(x) }), {
      runtime: scope,
      donate: ["params"],
    });
    const w = scope.put(tensor([3, 4]));
    const { w: next, sum } = await same({ params: { w }, x: tensor([1, 2]) });
    await assertRejected(() => w.read(), TypeError, DONATED);
    assertEquals([...await next.read(), ...await sum.read()], [3, 4, 3]);
  });

  itOnEachBackend("holds no more after many steps of training", async (runtime, backend) => {
    using scope = runtime.scope();
    type Params = { readonly w: Tensor; readonly b: Tensor };
    interface Input {
      readonly params: Params;
      readonly adam: AdamState<Params>;
      readonly x: Tensor;
    }
    const step = pipeline((ops, { params, adam, x }: Input) => {
      const grads = { w: ops.sub(params.w, x), b: params.b };
      const next = ops.adam(params, grads, adam);
      return { params: next.params, adam: next.state };
    }, { runtime: scope, donate: ["params", "adam"] });
    const params = { w: tensor(new Float32Array(64)), b: tensor(new Float32Array(3).fill(1)) };
    const x = tensor(new Float32Array(64).fill(1));
    let state: FromAnywhere<Omit<Input, "x">> = { params, adam: initAdam(params) };
    for (let i = 0; i < 3; i++) state = await step({ ...state, x });
    const { bytesHeld } = runtime.stats();
    for (let i = 0; i < 30; i++) state = await step({ ...state, x });
    if (backend === "wasm" || backend === "webgpu") {
      assertEquals(runtime.stats().bytesHeld, bytesHeld);
    }
    assertEquals(await (state.adam.step as RuntimeTensor).read(), new Float32Array([33]));
  });

  itOnEachBackend("refuses a tensor that stands at another place too", async (runtime) => {
    using scope = runtime.scope();
    const w = scope.put(tensor([1, 2]));
    const place = "must stand at one place to be donated, got one that is";
    await assertRejected(
      () => addTo(scope)({ params: { w }, x: w }),
      TypeError,
      `Cannot run a pipeline: input.params.w ${place} at input.x too`,
    );
    const capturing = pipeline((ops, { params }: Step) => ops.add(params.w, w), {
      runtime: scope,
      donate: ["params"],
    });
    await assertRejected(
      () => capturing({ params: { w }, x: tensor([1, 2]) }),
      TypeError,
      `Cannot run a pipeline: input.params.w ${place} also captured by fn`,
    );
    const returning = pipeline((_, { params }: Omit<Step, "x">) => ({ params, w }), {
      runtime: scope,
      donate: ["params"],
    });
    await assertRejected(
      () => returning({ params: { w } }),
      TypeError,
      `Cannot run a pipeline: input.params.w ${place} also captured by fn`,
    );
    const { state } = initBatchNorm(2);
    const adjusting = pipeline((ops, { params, x }: Step) => {
      const adjustment = { scale: w, bias: tensor([0]) };
      return ops.batchNorm(x, { gamma: params.w }, state, { adjustment }).y;
    }, { runtime: scope, donate: ["params"] });
    await assertRejected(
      () => adjusting({ params: { w }, x: tensor([[1, 2]]) }),
      TypeError,
      `Cannot run a pipeline: input.params.w ${place} also captured by fn`,
    );
    assertEquals(await w.read(), new Float32Array([1, 2]));
  });

  it("names keys of the input alone, and whole ones", async () => {
    await using runtime: Runtime = await createRuntime({ backend: "wasm" });
    using scope = runtime.scope();
    const fn = (ops: Parameters<Parameters<typeof pipeline>[0]>[0], input: {
      readonly a: Tensor;
      readonly ab: Tensor;
    }) => ops.add(input.a, input.ab);
    const a = scope.put(tensor([1]));
    const ab = scope.put(tensor([2]));
    await pipeline(fn, { runtime: scope, donate: ["a"] })({ a, ab });
    assertThrows(() => a.data, TypeError, DONATED);
    assertEquals([...ab.data], [2]);
    const wrong = pipeline(fn, { donate: ["a", "c"] });
    await assertRejected(
      () => wrong({ a: ab, ab: tensor([1]) }),
      TypeError,
      'Cannot run a pipeline: input must have the donated keys, a, c, got none "c"',
    );
    const list = pipeline(
      (ops, [x]: readonly [Tensor]) => ops.add(x, x),
      { donate: ["0"] },
    );
    await assertRejected(
      () => list([ab]),
      TypeError,
      'Cannot run a pipeline: input must have the donated keys, 0, got none "0"',
    );
    assert(ab.data[0] === 2);
    for (const donate of ["a", [1], {}] as unknown as string[][]) {
      assertThrows(
        () => pipeline(fn, { donate }),
        TypeError,
        "Cannot make a pipeline: donate must be an array of the names of keys, got ",
      );
    }
  });
});

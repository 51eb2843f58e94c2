import {
  createRuntime,
  eager,
  gdnVjp,
  groupNorm,
  initBatchNorm,
  initGdn,
  type PipelineOps,
  runReplicas,
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

describe("eager ops", () => {
  itAtOnce("return data, with the bits of the ops that are awaited", async (runtime) => {
    const ops = eager(runtime);
    const x = randomTensor([3, 5, 4], { seed: 1, mean: 2 });
    const params = { gamma: [1, 2, 3, 4] };
    const y = ops.groupNorm(x, params, { groups: 2 });
    assertEquals(y, await groupNorm(x, params, { groups: 2, runtime }));
    assertEquals(ops.add(ops.scale(tensor([1, 2]), 3), tensor([10])), tensor([13, 16]));
    assertEquals(ops.mean(tensor([[1, 2], [3, 6]])), tensor(3));
  });

  itAtOnce("have ways back that compute at once, from copies", async (runtime) => {
    const ops = eager(runtime);
    const x = randomTensor([7, 4], { seed: 2, mean: 1 });
    const dy = randomTensor([7, 4], { seed: 3 });
    const variables = initGdn(4);
    const direct = await gdnVjp(x, variables, { runtime });
    const expected = await direct.vjp(dy);
    const { y, vjp } = ops.gdnVjp(x, variables);
    assertEquals(y, direct.y);
    x.data.fill(NaN);
    assertEquals(vjp(dy), expected);
    assertEquals(vjp(dy), expected);
    const { moments, vjp: back } = ops.momentsVjp(tensor([[1], [2], [6]]));
    assertEquals(moments.mean, tensor([3]));
    assertEquals([...back({ mean: [3], m2: [0.5] }).x.data], [-1, 0, 4]);
  });

  itAtOnce("call an adjustment once for both ways", (runtime) => {
    let calls = 0;
    const adjustment = () => ({ scale: tensor([++calls]), bias: tensor([0]) });
    const { state } = initBatchNorm(1);
    const options = { adjustment, epsilon: 0 };
    const x = tensor([[1], [3]]);
    for (const factor of [1, 2, 3]) {
      const { y, vjp } = eager(runtime).batchNormVjp(x, {}, state, options);
      assertEquals([...y.data], [-factor, factor]);
      assertEquals([...vjp(tensor([[1], [1]])).adjustment!.scale.data], [0]);
      assertEquals(calls, factor);
    }
  });

  itAtOnce("leave results in a scope", async (runtime) => {
    using scope = runtime.scope();
    const ops = eager(scope);
    const twice = ops.scale(ops.scale(tensor([1, 2]), 2), 2) as Tensor & RuntimeTensor;
    assertEquals([...await twice.read()], [4, 8]);
    const { y, vjp } = ops.activateVjp(twice, "relu");
    assertEquals([...vjp(y).x.data], [4, 8]);
    scope[Symbol.dispose]();
    const text =
      "Cannot use a tensor: its memory must not have been given back, got one whose life";
    assertThrows(() => y.data, TypeError, text);
    assertThrows(() => ops.mean(tensor([1])), Error, "the scope must not have ended");
  });

  itAtOnce("neither check nor record a call of known shapes again", async (runtime) => {
    await using own = await createRuntime({ backend: runtime.stats().backend });
    const ops = eager(own);
    const { state } = initBatchNorm(2);
    const moving = (ops: PipelineOps, value: number) =>
      ops.batchNorm(tensor([[value, 0]]), {}, state, { decay: 0.5 }).state.movingMean.data[0];
    assertEquals(moving(ops, 1), 0.5);
    // Keys of plans are made where they are recorded, and nowhere else.
    const join = Array.prototype.join;
    let joined = 0;
    Array.prototype.join = function (separator) {
      joined++;
      return join.call(this, separator);
    };
    try {
      assertEquals([moving(ops, 2), moving(eager(own), 3)], [1, 1.5]);
    } finally {
      Array.prototype.join = join;
    }
    assertEquals(joined, 0);
    assertEquals(own.stats().plansCompiled, 1);
  });

  it("compute on the calling thread where there are others", async () => {
    await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
    const x = randomTensor([2, 67, 53, 20], { seed: 1 });
    const options = { groups: 5 } as const;
    const pending = [1, 2, 3].map(() => groupNorm(x, {}, { ...options, runtime }));
    const y = eager(runtime).groupNorm(x, {}, options);
    for (const other of await Promise.all(pending)) assertEquals(y, other);
  });

  itAtOnce("throw what ops throw, and reject nothing later", async (runtime) => {
    const ops = eager(runtime);
    const x = tensor([[1, 2]]);
    const many = ops.add as (...args: unknown[]) => Tensor;
    const { vjp } = ops.layerNormVjp(x);
    const options = { runtime } as object;
    assertThrows(
      () => ops.groupNorm(x, {}, { groups: 3 }),
      RangeError,
      "Cannot apply groupNorm: groups must divide the 2 channels of x, got 3",
    );
    const wrong: [() => unknown, string][] = [
      [() => many(x, x, 1), "Cannot run ops.add: arguments must be at most 2, got 3"],
      [
        () => (vjp as (...args: unknown[]) => unknown)(x, x),
        "Cannot run ops.layerNormVjp's vjp: arguments must be at most 1, got 2",
      ],
      [
        () => vjp(tensor([1])),
        "Cannot pull back layerNorm: dy must have shape (1, 2), got (1,)",
      ],
      [
        () => ops.layerNorm(x, {}, options),
        "Cannot run ops.layerNorm: runtime must be given to eager, got one in an op's options",
      ],
    ];
    for (const [call, text] of wrong) {
      for (let i = 0; i < 2; i++) {
        assertEquals(assertThrows(call, TypeError).message, text);
      }
    }
    await new Promise((resolve) => setTimeout(resolve));
  });

  itAtOnce("refuse replicas as pipelines do", async (runtime) => {
    const ops = eager(runtime);
    const { params, state } = initBatchNorm(2);
    await runReplicas(1, (replicas) => {
      assertThrows(
        () => ops.batchNorm(tensor([[1, 2]]), params, state, { replicas }),
        TypeError,
        "replicas must not be given inside of one, which runs in one go, got a group",
      );
      return Promise.resolve();
    });
  });

  it("are refused where results have to be waited for, with the reason", () => {
    const on = (what: string) =>
      `runtime must be on wasm or cpu, where a result need not be waited for, got one on ${what}`;
    const wrong: [unknown, string][] = [
      [
        undefined,
        "runtime must be given, as the shared one is opened by a call that is awaited, got undefined",
      ],
      [runtimeOn("webgpu"), on("webgpu")],
      [runtimeOn("webgl2").scope(), on("webgl2")],
      [runtimeOn("auto"), on("wasm and webgpu (auto)")],
      [
        {},
        "runtime must come from createRuntime, or be a scope of one, got an object of class Object",
      ],
    ];
    for (const [runtime, text] of wrong) {
      const { message } = assertThrows(() => eager(runtime as Runtime), TypeError);
      assertEquals(message, `Cannot make eager ops: ${text}`);
    }
  });

  it("have all the names of a pipeline's", async () => {
    await using runtime = await createRuntime({ backend: "cpu" });
    const names: Record<keyof PipelineOps, unknown> = eager(runtime);
    assert(Object.values(names).every((op) => typeof op === "function"));
    assertEquals(Object.keys(names).length, 51);
  });
});

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  createRuntime,
  eager,
  initBatchNorm,
  pipeline,
  type PipelineOps,
  type Tensor,
  tensor,
  valueAndGrad,
} from "../../../mod.ts";
import { initSgd } from "../../../ops/training/mod.ts";

const w = tensor([[1, 2], [3, 5]]);

/** The error of a gradient of a function that the types may not allow. */
async function errorOf(
  fn: (ops: PipelineOps, w: Tensor) => unknown,
  params: unknown = w,
): Promise<string> {
  const run = fn as (ops: PipelineOps, w: Tensor) => Tensor;
  const { message } = await assertRejects(() => valueAndGrad(run, params as Tensor), TypeError);
  return message;
}

describe("ops.valueAndGrad refuses", () => {
  it("what is no function", async () => {
    assertEquals(
      await errorOf(1 as never),
      "Cannot take a gradient: fn must be a function, got number",
    );
    const run = pipeline((ops: PipelineOps, w: Tensor) => ops.grad(null as never, w));
    const { message } = await assertRejects(() => run(w), TypeError);
    assertEquals(message, "Cannot take a gradient: fn must be a function, got null");
  });

  it("parameters that are no tensors", async () => {
    assertEquals(
      await errorOf((ops, w) => ops.mean(w), { w, rate: 0.1 }),
      "Cannot take a gradient: params.rate must be a tensor, got 0.1",
    );
  });

  it("captured parameters and constants whose data do not fill their shapes", async () => {
    const short = { shape: [3], data: new Float32Array(2) };
    assertEquals(
      await errorOf((ops, w) =>
        ops.mean(ops.add(ops.mean(w), ops.grad(({ v }) => ops.mean(v), { v: short }).v))
      ),
      "Cannot take a gradient: params.v must have 3 elements for shape (3,), got 2",
    );
    assertEquals(
      await errorOf((ops) => ops.mean(ops.stopGradient([short])[0])),
      "Cannot stop a gradient: tree[0] must have 3 elements for shape (3,), got 2",
    );
  });

  it("a loss that is no single number", async () => {
    assertEquals(
      await errorOf((ops, w) => ops.sum(w, [0])),
      "Cannot take a gradient: fn's value must have shape (), got (2,); ops.mean or ops.sum makes one " +
        "number of it",
    );
    assertEquals(
      await errorOf(() => 3),
      "Cannot take a gradient: fn's result must be an object, got 3",
    );
    assertEquals(
      await errorOf((ops, w) => ({ loss: ops.mean(w) })),
      "Cannot take a gradient: fn's result must have keys among value, aux, got loss",
    );
    assertEquals(
      await errorOf((ops, w) => ({ value: ops.mean(w), loss: 1 })),
      "Cannot take a gradient: fn's result must have keys among value, aux, got loss",
    );
  });

  it("a promise, of whose own error nothing is heard", async () => {
    const text = "Cannot take a gradient: fn must be synchronous, got a promise";
    assertEquals(await errorOf((ops, w) => Promise.resolve(ops.mean(w))), text);
    assertEquals(await errorOf(() => Promise.reject(new Error("too late"))), text);
    // An error that nobody has caught would fail this test by now.
    await new Promise((resolve) => setTimeout(resolve, 0));
  });

  it("a way through twins and optimizers", async () => {
    assertEquals(
      await errorOf((ops, w) => ops.mean(ops.layerNormVjp(w).y)),
      "Cannot take a gradient: it must not pass through ops.layerNormVjp, which has none, got arguments " +
        "that depend on the parameters; use ops.layerNorm",
    );
    assertEquals(
      await errorOf((ops, w) =>
        ops.mean(ops.sgd({ w }, { w }, initSgd({ w: tensor([[0, 0], [0, 0]]) })).params.w)
      ),
      "Cannot take a gradient: it must not pass through ops.sgd, which has none, got arguments that depend " +
        "on the parameters; call it after the gradient has been taken",
    );
  });

  it("a way through batch norm's state", async () => {
    const { params, state } = initBatchNorm(2);
    assertEquals(
      await errorOf((ops, w) => {
        const movingMean = ops.sum(w, [0]);
        return ops.mean(ops.batchNorm(w, params, { ...state, movingMean }).y);
      }),
      "Cannot take a gradient: it must not pass through all arguments of ops.batchNorm, which has none for " +
        "some, got one of these that depends on the parameters; ops.stopGradient makes a constant of it",
    );
  });

  it("a way through an adjustment that is a function", async () => {
    const { params, state } = initBatchNorm(2);
    const text =
      "Cannot take a gradient: it must not pass through all arguments of ops.batchNorm, which has none for " +
      "some, got one of these that depends on the parameters; ops.stopGradient makes a constant of it";
    const adjusted = (ops: PipelineOps, x: Tensor, w: Tensor) => {
      const bias = ops.sum(w, [0]);
      const adjustment = () => ({ scale: bias, bias });
      return ops.mean(ops.batchNorm(x, params, state, { adjustment }).y);
    };
    assertEquals(await errorOf((ops, w) => adjusted(ops, w, w)), text);
    assertEquals(await errorOf((ops, w) => adjusted(ops, tensor([[1, 2], [4, 8]]), w)), text);
  });

  it("arguments that have no end, or cannot be read", async () => {
    const cyclic: Record<string, unknown> = {};
    // Were both followed at each depth, there would be no end of it.
    cyclic.gamma = cyclic.beta = cyclic;
    assertEquals(
      await errorOf((ops, w) => ops.mean(ops.layerNorm(w, cyclic))),
      "Cannot apply layerNorm: beta must be a tensor of float32 data, got an object of class Object",
    );
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assertEquals(
      await errorOf((ops, w) => ops.mean(ops.layerNorm(w, proxy))),
      "Cannot trace ops.layerNorm: arguments must be readable, got one that throws",
    );
  });

  it("a gradient of a gradient", async () => {
    assertEquals(
      await errorOf((ops, w) => ops.mean(ops.grad((v) => ops.mean(v), w))),
      "Cannot take a gradient: params must not depend on the parameters of another gradient, got a " +
        "gradient inside of a loss; ops.stopGradient(params) takes it of their numbers",
    );
    assertEquals(
      await errorOf((ops, w) => {
        const inner = ops.grad((v) => ops.mean(ops.mul(v, w)), ops.stopGradient(w));
        return ops.mean(ops.mul(w, inner));
      }),
      "Cannot take a gradient: ops.mul must depend on the parameters of one gradient, got those of 2, one " +
        "inside the other; ops.stopGradient makes constants of tensors",
    );
  });

  it("arguments too many", async () => {
    const many = valueAndGrad as unknown as (...args: unknown[]) => Promise<unknown>;
    const { message } = await assertRejects(() => many(() => {}, {}, {}, 1), TypeError);
    assertEquals(message, "Cannot take a gradient: arguments must be at most 3, got 4");
  });

  it("all of this with eager ops, which then compute as before", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    const ops = eager(runtime);
    assertThrows(
      () => ops.grad((w) => ops.sum(w, [0]), w),
      TypeError,
      "fn's value must have shape (), got (2,)",
    );
    assertEquals(ops.mean(w).data[0], 2.75);
  });
});

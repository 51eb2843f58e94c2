import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { initBatchNorm, pipeline as pipelineAlone, type Tensor, tensor } from "../../mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { pipeline } from "../support/eagerly.ts";
import { assertRejected } from "../support/reject.ts";

describe("an adjustment function in a pipeline", () => {
  const { state } = initBatchNorm(3);
  const x = tensor([[1, 2, 3], [3, 6, 9]]);
  for (const name of ["scale", "bias"] as const) {
    itOnEachBackend(`must not change the size of its ${name}`, async (runtime) => {
      let size = 1;
      const adjustment = () => {
        const pair = { scale: tensor([2]), bias: tensor([1]) };
        return { ...pair, [name]: tensor(new Float32Array(size).fill(3)) };
      };
      const run = pipeline(
        (ops, x: Tensor) => ops.batchNorm(x, {}, state, { adjustment, epsilon: 0 }).y,
        { runtime },
      );
      const before = await run(x);
      size = 3;
      await assertRejected(
        () => run(x),
        TypeError,
        "Cannot apply batchNorm: adjustment must return one shape at every call, got (1,) and (3,)",
      );
      size = 1;
      assertEquals(await run(x), before);
    });
  }

  itOnEachBackend("must not return another shape of the same size", async (runtime) => {
    let shape = [2, 1];
    const adjustment = () => ({ scale: tensor([1, 2], shape), bias: tensor([0]) });
    const { state } = initBatchNorm(2);
    const run = pipeline((ops, x: Tensor) => ops.batchNorm(x, {}, state, { adjustment }).y, {
      runtime,
    });
    const x = tensor([[1, 2], [3, 6]]);
    await run(x);
    shape = [1, 2];
    await assertRejected(
      () => run(x),
      TypeError,
      "Cannot apply batchNorm: adjustment must return one shape at every call, got (2, 1) and (1, 2)",
    );
  });

  const traced = { scale: "bias", bias: "scale" } as const;
  for (const name of ["scale", "bias"] as const) {
    itOnEachBackend(`is asked for its ${name} alone where the other is traced`, async (runtime) => {
      let calls = 0;
      const { state } = initBatchNorm(1);
      const run = pipelineAlone((ops, input: { x: Tensor; two: Tensor }) => {
        const adjustment = () => {
          const pair = { scale: tensor([++calls]), bias: tensor([calls]) };
          return { ...pair, [traced[name]]: input.two };
        };
        return ops.batchNorm(input.x, {}, state, { adjustment, epsilon: 0 }).y;
      }, { runtime });
      const input = { x: tensor([[1], [3]]), two: tensor([2]) };
      for (const call of [1, 2, 3]) {
        const [scale, bias] = name === "scale" ? [call, 2] : [2, call];
        assertEquals([...(await run(input)).data], [bias - scale, bias + scale]);
      }
      assertEquals(calls, 3);
    });
  }

  itOnEachBackend("may return what a scope holds, as it may be given it", async (runtime) => {
    using scope = runtime.scope();
    const pair = { scale: scope.put(tensor([2])), bias: scope.put(tensor([1])) };
    const { state } = initBatchNorm(1);
    const x = tensor([[1], [3]]);
    for (const adjustment of [pair, () => pair]) {
      const run = pipelineAlone(
        (ops, x: Tensor) => ops.batchNorm(x, {}, state, { adjustment, epsilon: 0 }).y,
        { runtime },
      );
      for (let i = 0; i < 2; i++) assertEquals([...(await run(x)).data], [-1, 3]);
    }
  });
});

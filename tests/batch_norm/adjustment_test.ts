import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { initBatchNorm, type Tensor, tensor } from "../../mod.ts";
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
});

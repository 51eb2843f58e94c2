import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { type PipelineOps, type Tensor, tensor } from "../../mod.ts";
import { recordMeanVjp, recordSumVjp } from "../../ops/arithmetic/reduce.ts";
import type { Plan } from "../../ops/plan/plan.ts";
import { averaged, summed } from "../oracle/arithmetic.ts";
import type { NumberArray } from "../oracle/array.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertBothWays, assertShapesBack, listed } from "../support/both_ways.ts";
import { assertClose } from "../support/close.ts";
import { pipeline } from "../support/eagerly.ts";
import { randomTensor } from "../support/random.ts";

/** Sums of at most 120 terms in blocks: a dozen roundings of partial sums. */
const TOLERANCE = 2e-6;

const CASES: readonly (readonly [number[], (readonly number[])?])[] = [
  [[2, 3, 4]],
  [[2, 3, 4], [0]],
  [[2, 3, 4], [1]],
  [[2, 3, 4], [-1]],
  [[2, 3, 4], [2, 0]],
  [[2, 3, 4], [0, 1, 2]],
  [[2, 3, 4], []],
  [[5, 1, 3, 2], [1, 2]],
  [[5, 1, 3, 2], [0, 2]],
  [[17], [0]],
  [[]],
];

const sumOf = (axes?: readonly number[]) => (plan: Plan, x: Tensor) =>
  listed(recordSumVjp(plan, x, axes), ({ x }) => [x]);
const meanOf = (axes?: readonly number[]) => (plan: Plan, x: Tensor) =>
  listed(recordMeanVjp(plan, x, axes), ({ x }) => [x]);

/** Both ops, with what records and what defines them. */
const OPS = [
  { name: "sum", record: sumOf, oracle: summed },
  { name: "mean", record: meanOf, oracle: averaged },
] as const;

describe("a sum and a mean", () => {
  for (const [shape, axes] of CASES) {
    const all = shape.map((_, axis) => axis);
    const what = `of (${shape}) over ${axes === undefined ? "everything" : `[${axes}]`}`;
    itOnEachBackend(`${what} go both ways`, async (runtime) => {
      const x = randomTensor(shape, { seed: 9, mean: 2 });
      for (const { name, record, oracle } of OPS) {
        const both = {
          op: (ops: PipelineOps, x: Tensor) => ops[name](x, axes),
          record: record(axes),
          oracle: (x: NumberArray) => oracle(x, axes ?? all),
        };
        await assertBothWays(runtime, both, [x], TOLERANCE);
      }
    });
  }

  itOnEachBackend("of nothing are zeros, or empty", async (runtime) => {
    const none = tensor(new Float32Array(0), [0, 3]);
    await assertShapesBack(runtime, sumOf([0]), [none], [3]);
    await assertShapesBack(runtime, sumOf(), [none], []);
    await assertShapesBack(runtime, sumOf([1]), [none], [0]);
    await assertShapesBack(runtime, meanOf([1]), [none], [0]);
  });

  itOnEachBackend("lose no digits far from 0, nor overflow where the sum does", async (runtime) => {
    const run = pipeline((ops, x: Tensor) => ops.mean(x, [1]), { runtime });
    const far = randomTensor([3, 400], { seed: 5, mean: 1e4, stddev: 0.1 });
    // Half a unit in the last place of 1e4.
    assertClose((await run(far)).data, averaged(far, [1]).data, 5e-4);
    const large = tensor([[3e38, 3e38, 3e38]]);
    assertEquals(await run(large), tensor([3e38]));
  });
});

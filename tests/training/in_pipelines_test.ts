import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { type Tensor, tensor } from "../../mod.ts";
import {
  l1,
  l2,
  maxNorm,
  minMaxNorm,
  type MinMaxNormOptions,
  nonNeg,
  unitNorm,
} from "../../ops/training/mod.ts";
import { recordPenaltyVjp } from "../../ops/training/penalties.ts";
import { recordProjectionVjp } from "../../ops/training/projections.ts";
import type { Plan } from "../../ops/plan/plan.ts";
import { each, rescaled, summed } from "../oracle/arithmetic.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertBothWays, assertShapesBack, listed, runBothWays } from "../support/both_ways.ts";
import { assertClose } from "../support/close.ts";
import { pipeline } from "../support/eagerly.ts";
import { keepsAll } from "../support/keeps_all.ts";
import { randomTensor } from "../support/random.ts";

/** Sums of at most 24 squares, a root, a quotient and products, on webgpu each off by 2.5 units. */
const TOLERANCE = 3e-6;

const penalty = (name: "l1" | "l2", factor?: number) => (plan: Plan, x: Tensor) =>
  listed(recordPenaltyVjp(plan, name, x, factor), ({ x }) => [x]);

describe("a penalty in a pipeline", () => {
  const x = tensor([[1.5, -3, 0.25], [-0.5, 2, 4]]);
  for (
    const [name, regularizer, f] of [["l1", l1, Math.abs], [
      "l2",
      l2,
      (v: number) => v * v,
    ]] as const
  ) {
    itOnEachBackend(`${name} goes both ways, and is the regularizer`, async (runtime) => {
      for (const factor of [undefined, 0.5, 0]) {
        await assertBothWays(
          runtime,
          {
            op: (ops, x) => ops[name](x, factor),
            record: penalty(name, factor),
            oracle: (x) => each(summed(each(x, f), [0, 1]), (sum) => (factor ?? 0.01) * sum),
          },
          [x],
          TOLERANCE,
        );
      }
      const run = pipeline((ops, x: Tensor) => ops[name](x, 0.3), { runtime });
      assertClose((await run(x)).data, [regularizer(0.3)(x)], 3e-6);
      await assertShapesBack(runtime, penalty(name), [tensor(new Float32Array(0), [0, 2])], []);
    });
  }
});

const projected = (
  name: "maxNorm" | "unitNorm" | "minMaxNorm",
  options?: MinMaxNormOptions,
) =>
(plan: Plan, x: Tensor) => listed(recordProjectionVjp(plan, name, x, options), ({ x }) => [x]);

/** What a constraint makes of a norm. */
function factorOf({ min = 0, max = 1, rate = 1 }: MinMaxNormOptions): (norm: number) => number {
  return (norm) => {
    const wanted = Math.min(Math.max(norm, min), max);
    return (rate * wanted + (1 - rate) * norm) / (1e-7 + norm);
  };
}

describe("a constraint in a pipeline", () => {
  const x = randomTensor([2, 3, 4], { seed: 6, mean: 0.3 });
  const axes = [[0], [2], [-1, 1], [0, 1, 2]];

  itOnEachBackend("nonNeg is the constraint", async (runtime) => {
    const run = pipeline((ops, x: Tensor) => ops.nonNeg(x), { runtime });
    assertEquals(await run(x), nonNeg()(x));
  });

  for (const axis of axes) {
    itOnEachBackend(`along [${axis}] goes both ways, and is the constraint`, async (runtime) => {
      const along = axis.map((axis) => axis < 0 ? axis + 3 : axis);
      const cases = [
        { name: "maxNorm", options: { max: 1.5, axis }, limits: { max: 1.5 } },
        { name: "unitNorm", options: { axis }, limits: { min: 1, max: 1 } },
        {
          name: "minMaxNorm",
          options: { min: 1.2, max: 2, rate: 0.25, axis },
          limits: { min: 1.2, max: 2, rate: 0.25 },
        },
        { name: "minMaxNorm", options: { max: 2, axis }, limits: { max: 2 } },
      ] as const;
      const constraints = { maxNorm, unitNorm, minMaxNorm };
      for (const { name, options, limits } of cases) {
        await assertBothWays(
          runtime,
          {
            op: (ops, x) => ops[name](x, options),
            record: projected(name, options),
            oracle: (x) => rescaled(x, along, factorOf(limits)),
          },
          [x],
          TOLERANCE,
        );
        const run = pipeline((ops, x: Tensor) => ops[name](x, options), { runtime });
        assertClose((await run(x)).data, constraints[name](options)(x).data, TOLERANCE);
      }
    });
  }

  itOnEachBackend("is along axis 0 by default", async (runtime) => {
    const run = pipeline(
      (ops, x: Tensor) => [ops.maxNorm(x), ops.unitNorm(x), ops.minMaxNorm(x)],
      { runtime },
    );
    const y = await run(x);
    for (const [i, constraint] of [maxNorm(), unitNorm(), minMaxNorm()].entries()) {
      assertClose(y[i].data, constraint(x).data, TOLERANCE);
    }
  });

  itOnEachBackend("keeps vectors of zeros, and has a gradient there", async (runtime) => {
    const zeros = tensor([[0, 3], [0, 4]]);
    const dy = tensor([[1, 0], [2, 0]]);
    const { y, back } = await runBothWays(runtime, projected("maxNorm"), [zeros], dy);
    assertClose(y.data, [0, 1.2, 0, 1.6], 1e-6);
    // The factor of a norm of 0 is 0 / 1e-7.
    assertEquals([...back[0].data].map((value) => value + 0), [0, 0, 0, 0]);
  });

  itOnEachBackend("stays finite where squares overflow", async (runtime) => {
    const run = pipeline((ops, x: Tensor) => ops.maxNorm(x), { runtime });
    const { data } = await run(tensor([3e30, 4e30]));
    assert(data.every((value) => Number.isFinite(value) && value < 2), `${data}`);
  }, keepsAll);

  itOnEachBackend("of nothing is nothing", async (runtime) => {
    const none = tensor(new Float32Array(0), [0, 2]);
    await assertShapesBack(runtime, projected("unitNorm"), [none], [0, 2]);
  });
});

import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { type Tensor, tensor } from "../../mod.ts";
import { type BinaryKernel, recordBinaryVjp } from "../../ops/arithmetic/binary.ts";
import type { Plan } from "../../ops/plan/plan.ts";
import { combined } from "../oracle/arithmetic.ts";
import type { NumberArray } from "../oracle/array.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertBothWays, assertShapesBack, listed, runBothWays } from "../support/both_ways.ts";
import { keepsAll } from "../support/keeps_all.ts";
import { randomTensor } from "../support/random.ts";

/** Sums of at most 60 terms, quotients of quotients on webgpu: each off by 2.5 units in the last place. */
const TOLERANCE = 2e-6;

const OPS = {
  add: { kernel: "add", f: (a, b) => a + b },
  sub: { kernel: "subtract", f: (a, b) => a - b },
  mul: { kernel: "multiply", f: (a, b) => a * b },
  div: { kernel: "divide", f: (a, b) => a / b },
} as const satisfies Record<
  string,
  { kernel: BinaryKernel; f: (a: number, b: number) => number }
>;

const SHAPES: readonly (readonly [number[], number[]])[] = [
  [[2, 3], [2, 3]],
  [[2, 3, 5], [5]],
  [[5], [4, 1, 5]],
  [[2, 1, 5], [3, 1]],
  [[3, 4], []],
  [[], [2, 2]],
  [[], []],
  [[1, 1], [7]],
  [[1, 6, 1], [2, 1, 5]],
];

const recorded = (kernel: BinaryKernel) => (plan: Plan, a: Tensor, b: Tensor) =>
  listed(recordBinaryVjp(plan, kernel, a, b), ({ a, b }) => [a, b]);

describe("an op of two tensors", () => {
  for (const name of ["add", "sub", "mul", "div"] as const) {
    const { kernel, f } = OPS[name];
    for (const [a, b] of SHAPES) {
      itOnEachBackend(`${name} of (${a}) and (${b}) goes both ways`, async (runtime) => {
        await assertBothWays(
          runtime,
          {
            op: (ops, a, b) => ops[name](a, b),
            record: recorded(kernel),
            oracle: (a: NumberArray, b: NumberArray) => combined(a, b, f),
          },
          // Divisors far from 0, where a difference says little about a slope.
          [randomTensor(a, { seed: 3 }), randomTensor(b, { seed: 4, mean: 4, stddev: 0.4 })],
          TOLERANCE,
        );
      });
    }

    itOnEachBackend(`${name} without elements has cotangents`, async (runtime) => {
      const none = tensor(new Float32Array(0), [0, 3]);
      await assertShapesBack(runtime, recorded(kernel), [none, tensor([1, 2, 3])], [0, 3]);
      await assertShapesBack(runtime, recorded(kernel), [tensor([[1, 2, 3]]), none], [0, 3]);
    });
  }

  itOnEachBackend("is IEEE's quotient", async (runtime) => {
    const a = tensor([1, -1, 0, Infinity, 1e-45, 3e38, NaN]);
    const b = tensor([0, 0, 0, Infinity, 2, 0.5, 1]);
    const dy = tensor([1, 1, 1, 1, 1, 1, 1]);
    const { y, back } = await runBothWays(runtime, recorded("divide"), [a, b], dy);
    assertEquals([...y.data], [Infinity, -Infinity, NaN, NaN, 0, Infinity, NaN]);
    assertEquals([...back[0].data], [Infinity, Infinity, Infinity, 0, 0.5, 2, 1]);
  }, keepsAll);
});

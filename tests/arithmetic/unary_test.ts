import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { type Tensor, tensor } from "../../mod.ts";
import {
  recordUnaryVjp,
  type UnaryCotangent,
  type UnaryFunction,
} from "../../ops/arithmetic/unary.ts";
import {
  recordBoundedVjp,
  recordPowVjp,
  recordScaleVjp,
} from "../../ops/arithmetic/with_number.ts";
import type { Plan } from "../../ops/plan/plan.ts";
import type { SymbolicVjp } from "../../ops/plan/symbolic.ts";
import { each } from "../oracle/arithmetic.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertBothWays, assertShapesBack, listed, runBothWays } from "../support/both_ways.ts";
import { pipeline } from "../support/eagerly.ts";
import { randomTensor } from "../support/random.ts";

/** exp, log and pow on webgpu are off by up to 2.7e-6 of the result; the rest rounds once or twice. */
const TOLERANCE = 1e-5;

const F: Readonly<Record<Exclude<UnaryFunction, "round">, (x: number) => number>> = {
  abs: Math.abs,
  exp: Math.exp,
  log: Math.log,
  neg: (x) => -x,
  sqrt: Math.sqrt,
  square: (x) => x * x,
};
const NAMES = ["abs", "exp", "log", "neg", "sqrt", "square"] as const;

/** Both signs, or only positive numbers; none near 0, where slopes change or grow without bounds. */
const SIGNED = tensor([-3.25, -2, -0.75, -0.5, 0.5, 1, 1.5, 2.75, 4, 0.6]);
const POSITIVE = tensor([[0.25, 0.5, 1, 1.75, 3], [0.3, 2, 7, 20, 100]]);

/** Where a float32 begins and ends. */
const EXTREMES = [-Infinity, -1, -1e-45, -0, 0, 1e-45, 1, 3e38, Infinity, NaN];

type Recorder = (plan: Plan, x: Tensor) => SymbolicVjp<readonly Tensor[]>;
const xOf = ({ x }: UnaryCotangent) => [x];
const unary = (name: UnaryFunction): Recorder => (plan, x) =>
  listed(recordUnaryVjp(plan, name, x), xOf);

/** The results and the cotangents of numbers, each given a cotangent of 1. */
async function both(
  runtime: Parameters<typeof runBothWays>[0],
  record: Recorder,
  numbers: readonly number[],
) {
  const ones = tensor(new Float32Array(numbers.length).fill(1));
  const { y, back } = await runBothWays(runtime, record, [tensor([...numbers])], ones);
  return { y: [...y.data], x: [...back[0].data] };
}

/** Numbers as float32, told apart to the sign of 0. */
function assertNumbers(actual: readonly number[], expected: readonly number[], what: string) {
  const wanted = expected.map(Math.fround);
  const same = actual.every((value, i) => Object.is(value, wanted[i]));
  assert(same, `${what} must be ${wanted.map(signed)}, got ${actual.map(signed)}`);
}

const signed = (value: number) => Object.is(value, -0) ? "-0" : `${value}`;

describe("a function of every element", () => {
  for (const name of NAMES) {
    itOnEachBackend(`${name} goes both ways`, async (runtime) => {
      const x = name === "log" || name === "sqrt" ? POSITIVE : SIGNED;
      await assertBothWays(
        runtime,
        {
          op: (ops, x) => ops[name](x),
          record: unary(name),
          oracle: (x) => each(x, F[name]),
        },
        [x],
        TOLERANCE,
      );
    });

    itOnEachBackend(`${name} is IEEE's at the ends of float32`, async (runtime, backend) => {
      if (backend === "webgpu" || backend === "webgl2") return; // shaders guarantee none of these
      const { y } = await both(runtime, unary(name), EXTREMES);
      const exact = EXTREMES.map((x) => F[name](Math.fround(x)));
      if (name === "log") {
        // In float64 and rounded: the last bit may differ.
        assert(y.every((v, i) => Object.is(v, exact[i]) || Math.abs(v / exact[i] - 1) < 1e-7));
      } else assertNumbers(y, exact, name);
    });

    itOnEachBackend(`${name} of nothing is nothing`, async (runtime) => {
      await assertShapesBack(runtime, unary(name), [tensor(new Float32Array(0), [0, 2])], [0, 2]);
    });
  }

  itOnEachBackend("abs has the slope 0 at 0", async (runtime) => {
    const { x } = await both(runtime, unary("abs"), [-2, 0, 3]);
    assertEquals(x, [-1, 0, 1]);
  });

  itOnEachBackend("has the slopes that IEEE gives", async (runtime, backend) => {
    if (backend === "webgpu" || backend === "webgl2") return;
    const slopes = async (name: UnaryFunction, numbers: number[]) =>
      (await both(runtime, unary(name), numbers)).x;
    assertNumbers(await slopes("abs", [-Infinity, Infinity, NaN]), [-1, 1, NaN], "abs");
    assertNumbers(await slopes("sqrt", [0, Infinity, -1]), [Infinity, 0, NaN], "sqrt");
    assertNumbers(await slopes("log", [0, Infinity, NaN]), [Infinity, 0, NaN], "log");
    assertNumbers(
      await slopes("exp", [-Infinity, Infinity, NaN]),
      [0, Infinity, NaN],
      "exp",
    );
    assertNumbers(await slopes("square", [3e38, -Infinity, 0]), [Infinity, -Infinity, 0], "square");
  });
});

describe("round", () => {
  itOnEachBackend(
    "takes the even one of two integers, and pulls straight through",
    async (runtime) => {
      const halves = [-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5];
      const near = [-2.75, -0.25, 0.25, 0.75, 4.25, 1e6 + 0.25];
      // The last halves of float32, and the numbers beyond, which are integers.
      const large = [4194303.5, 8388607.5, -8388606.5, 8388609, 16777216, -3e38];
      const { y, x } = await both(runtime, unary("round"), [...halves, ...near, ...large]);
      assertEquals(
        y.map((value) => value + 0),
        [
          ...[-4, -2, -2, 0, 0, 2, 2, 4],
          ...[-3, 0, 0, 1, 4, 1e6],
          ...[4194304, 8388608, -8388606, 8388609, 16777216, Math.fround(-3e38)],
        ],
      );
      assertEquals(x, x.map(() => 1));
    },
  );

  itOnEachBackend("rounds next to a half", async (runtime) => {
    const { y } = await both(runtime, unary("round"), [
      0.49999997,
      0.50000006,
      2.4999998,
      2.5000002,
      -0.49999997,
      -0.50000006,
    ]);
    assertEquals(y.map((value) => value + 0), [0, 1, 2, 3, 0, -1]);
  });

  itOnEachBackend("keeps the sign of 0, infinities and NaN", async (runtime, backend) => {
    if (backend === "webgpu" || backend === "webgl2") return;
    const { y } = await both(runtime, unary("round"), [
      -0,
      -0.5,
      0.5,
      1e-45,
      -Infinity,
      Infinity,
      NaN,
    ]);
    assertNumbers(y, [-0, -0, 0, 0, -Infinity, Infinity, NaN], "round");
  });

  itOnEachBackend("is that of a pipeline", async (runtime) => {
    const run = pipeline((ops, x: Tensor) => ops.round(x), { runtime });
    const x = randomTensor([3, 50], { stddev: 20 });
    const nearest = x.data.map((value) => Math.round(value));
    assertEquals((await run(x)).data.map((value) => value + 0), nearest.map((value) => value + 0));
  });
});

describe("x and a number", () => {
  const scaled = (factor: number): Recorder => (plan, x) =>
    listed(recordScaleVjp(plan, x, factor), xOf);
  const bounded = (side: "max" | "min", bound: number): Recorder => (plan, x) =>
    listed(recordBoundedVjp(plan, side, x, bound), xOf);
  const raised = (exponent: number): Recorder => (plan, x) =>
    listed(recordPowVjp(plan, x, exponent), xOf);

  itOnEachBackend("are multiplied both ways", async (runtime) => {
    await assertBothWays(
      runtime,
      {
        op: (ops, x) => ops.scale(x, -1.5),
        record: scaled(-1.5),
        oracle: (x) => each(x, (v) => -1.5 * v),
      },
      [SIGNED],
      1e-6,
    );
    await assertShapesBack(runtime, scaled(2), [tensor(new Float32Array(0))], [0]);
  });

  for (const side of ["max", "min"] as const) {
    itOnEachBackend(`have a ${side}, both ways`, async (runtime) => {
      for (const bound of [0.25, -1, 0]) {
        await assertBothWays(
          runtime,
          {
            op: (ops, x) => ops[side](x, bound),
            record: bounded(side, bound),
            oracle: (x) => each(x, (v) => Math[side](v, bound)),
          },
          [SIGNED],
          1e-6,
        );
      }
      await assertShapesBack(runtime, bounded(side, 1), [tensor(new Float32Array(0))], [0]);
    });
  }

  itOnEachBackend("give x the cotangent where it is at the bound", async (runtime) => {
    assertEquals((await both(runtime, bounded("max", 0.5), [0.25, 0.5, 0.75])).x, [0, 1, 1]);
    assertEquals((await both(runtime, bounded("min", 0.5), [0.25, 0.5, 0.75])).x, [1, 1, 0]);
  });

  itOnEachBackend("leave NaN and take infinities", async (runtime, backend) => {
    if (backend === "webgpu" || backend === "webgl2") return;
    const numbers = [NaN, -Infinity, Infinity, -1e-45, 1e-45];
    const most = await both(runtime, bounded("max", 0), numbers);
    assertNumbers(most.y, [NaN, 0, Infinity, 0, 1e-45], "max");
    assertNumbers(most.x, [1, 0, 1, 0, 1], "its slopes");
    const least = await both(runtime, bounded("min", 0), numbers);
    assertNumbers(least.y, [NaN, -Infinity, 0, -1e-45, 0], "min");
    assertNumbers(least.x, [1, 1, 0, 1, 0], "its slopes");
  });

  for (const exponent of [0, 1, 2, 3, 4, -1, -2, 0.5, 1.7, -0.4]) {
    itOnEachBackend(`raise to the power of ${exponent}, both ways`, async (runtime) => {
      await assertBothWays(
        runtime,
        {
          op: (ops, x) => ops.pow(x, exponent),
          record: raised(exponent),
          oracle: (x) => each(x, (v) => v ** exponent),
        },
        [Number.isInteger(exponent) ? SIGNED : POSITIVE],
        TOLERANCE,
      );
      await assertShapesBack(runtime, raised(exponent), [tensor(new Float32Array(0))], [0]);
    });

    itOnEachBackend(`raise the ends of float32 to ${exponent}`, async (runtime, backend) => {
      if (backend === "webgpu" || backend === "webgl2") return;
      const { y, x: slopes } = await both(runtime, raised(exponent), EXTREMES);
      const assertPowers = (actual: readonly number[], power: (x: number) => number) => {
        const exact = EXTREMES.map((x) => Math.fround(power(Math.fround(x))));
        const same = actual.every((v, i) => {
          return Object.is(v, exact[i]) || Math.abs(v / exact[i] - 1) < 1e-6;
        });
        assert(same, `must be ${exact.map(signed)}, got ${actual.map(signed)}`);
      };
      const power = Math.fround(exponent);
      assertPowers(y, (x) => x ** power);
      // The slopes of x^0 and x^1 are numbers everywhere, and tested below.
      if (exponent === 0 || exponent === 1) return;
      assertPowers(slopes, (x) => power * Math.fround(x ** Math.fround(power - 1)));
    });
  }

  itOnEachBackend("have exact powers of 0 and 1, with their slopes", async (runtime, backend) => {
    const shaders = backend === "webgpu" || backend === "webgl2";
    const numbers = shaders ? [-2, 0, 0.1, 7] : EXTREMES;
    const rounded = numbers.map(Math.fround);
    const zeroth = await both(runtime, raised(0), numbers);
    assertNumbers(zeroth.y, rounded.map(() => 1), "x^0");
    assertNumbers(zeroth.x, rounded.map(() => 0), "its slopes");
    const first = await both(runtime, raised(1), numbers);
    assertNumbers(first.y, rounded, "x^1");
    assertNumbers(first.x, rounded.map(() => 1), "its slopes");
  });

  itOnEachBackend("make of x^0 a tensor that is the caller's", async (runtime) => {
    const run = pipeline((ops, x: Tensor) => ops.pow(x, 0), { runtime });
    (await run(tensor([5, 6]))).data.fill(9);
    assertEquals(await run(tensor([5, 6])), tensor([1, 1]));
  });

  itOnEachBackend("compile nothing for another number", async (runtime) => {
    const run = pipeline(
      (ops, { x, v }: { x: Tensor; v: number }) => ops.max(ops.pow(ops.min(x, v + 4), v), v),
      { runtime },
    );
    const x = tensor([1.5, 2.5]);
    await run({ x, v: 1.25 });
    const before = runtime.stats().plansCompiled;
    await run({ x, v: 1.5 });
    assertEquals(runtime.stats().plansCompiled, before);
  });
});

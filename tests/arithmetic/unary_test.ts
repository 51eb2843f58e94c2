import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { type Tensor, tensor } from "../../mod.ts";
import { recordUnaryVjp, type UnaryFunction } from "../../ops/arithmetic/unary.ts";
import { each } from "../oracle/arithmetic.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertBothWays, assertShapesBack, listed } from "../support/both_ways.ts";
import { pipeline } from "../support/eagerly.ts";
import { keepsAll } from "../support/keeps_all.ts";
import { randomTensor } from "../support/random.ts";
import { assertNumbers, both, EXTREMES, POSITIVE, type Recorder, SIGNED, xOf } from "./elements.ts";

/** exp and log on webgpu are off by up to 2.7e-6 of the result; the rest rounds once or twice. */
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

const unary = (name: UnaryFunction): Recorder => (plan, x) =>
  listed(recordUnaryVjp(plan, name, x), xOf);

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

    itOnEachBackend(`${name} is IEEE's at the ends of float32`, async (runtime) => {
      const { y } = await both(runtime, unary(name), EXTREMES);
      const exact = EXTREMES.map((x) => F[name](Math.fround(x)));
      if (name === "log") {
        // In float64 and rounded: the last bit may differ.
        assert(y.every((v, i) => Object.is(v, exact[i]) || Math.abs(v / exact[i] - 1) < 1e-7));
      } else assertNumbers(y, exact, name);
    }, keepsAll);

    itOnEachBackend(`${name} of nothing is nothing`, async (runtime) => {
      await assertShapesBack(runtime, unary(name), [tensor(new Float32Array(0), [0, 2])], [0, 2]);
    });
  }

  itOnEachBackend("abs has the slope 0 at 0", async (runtime) => {
    const { x } = await both(runtime, unary("abs"), [-2, 0, 3]);
    assertEquals(x, [-1, 0, 1]);
  });

  itOnEachBackend("has the slopes that IEEE gives", async (runtime) => {
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
  }, keepsAll);
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

  itOnEachBackend("keeps the sign of 0, infinities and NaN", async (runtime) => {
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
  }, keepsAll);

  itOnEachBackend("is that of a pipeline", async (runtime) => {
    const run = pipeline((ops, x: Tensor) => ops.round(x), { runtime });
    const x = randomTensor([3, 50], { stddev: 20 });
    const nearest = x.data.map((value) => Math.round(value));
    assertEquals((await run(x)).data.map((value) => value + 0), nearest.map((value) => value + 0));
  });
});

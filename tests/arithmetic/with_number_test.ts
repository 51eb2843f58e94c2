import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { createRuntime, type Tensor, tensor } from "../../mod.ts";
import {
  recordBoundedVjp,
  recordPowVjp,
  recordScaleVjp,
} from "../../ops/arithmetic/with_number.ts";
import { each } from "../oracle/arithmetic.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertBothWays, assertShapesBack, listed } from "../support/both_ways.ts";
import { pipeline } from "../support/eagerly.ts";
import { keepsAll } from "../support/keeps_all.ts";
import {
  assertNumbers,
  both,
  EXTREMES,
  POSITIVE,
  type Recorder,
  SIGNED,
  signed,
  xOf,
} from "./elements.ts";

/** pow on webgpu is off by up to 2.7e-6 of the result; the rest rounds once or twice. */
const TOLERANCE = 1e-5;

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

  itOnEachBackend("leave NaN and take infinities", async (runtime) => {
    const numbers = [NaN, -Infinity, Infinity, -1e-45, 1e-45];
    const most = await both(runtime, bounded("max", 0), numbers);
    assertNumbers(most.y, [NaN, 0, Infinity, 0, 1e-45], "max");
    assertNumbers(most.x, [1, 0, 1, 0, 1], "its slopes");
    const least = await both(runtime, bounded("min", 0), numbers);
    assertNumbers(least.y, [NaN, -Infinity, 0, -1e-45, 0], "min");
    assertNumbers(least.x, [1, 1, 0, 1, 0], "its slopes");
  }, keepsAll);

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

    itOnEachBackend(`raise the ends of float32 to ${exponent}`, async (runtime) => {
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
    }, keepsAll);
  }

  itOnEachBackend("have exact powers of 0 and 1, with their slopes", async (runtime, backend) => {
    const numbers = keepsAll(backend) ? EXTREMES : [-2, 0, 0.1, 7];
    const rounded = numbers.map(Math.fround);
    const zeroth = await both(runtime, raised(0), numbers);
    assertNumbers(zeroth.y, rounded.map(() => 1), "x^0");
    assertNumbers(zeroth.x, rounded.map(() => 0), "its slopes");
    const first = await both(runtime, raised(1), numbers);
    assertNumbers(first.y, rounded, "x^1");
    assertNumbers(first.x, rounded.map(() => 1), "its slopes");
  });

  itOnEachBackend("launch nothing for x^1", async (_, backend) => {
    await using runtime = await createRuntime({ backend });
    await both(runtime, raised(1), [2, 3]);
    assertEquals(runtime.stats().launches, 0);
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

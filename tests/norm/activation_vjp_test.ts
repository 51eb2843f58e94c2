import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { type Tensor, tensor } from "../../mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { pipeline } from "../support/eagerly.ts";

/** The float32 numbers on both sides of 6, and subnormals apart the smallest on both sides of 0. */
const AROUND_6 = [5.999999523162842, 6, 6.000000476837158];
const AROUND_0 = [-1.1754943508222875e-38, 0, 1.1754943508222875e-38];

describe("the slope of an activation at its kinks", () => {
  const kinks = {
    relu: [[AROUND_0, [0, 0, 1]]],
    relu6: [[AROUND_0, [0, 0, 1]], [AROUND_6, [1, 1, 0]]],
    leakyRelu: [[AROUND_0, [0.2, 0.2, 1]]],
  } as const;
  for (const activation of ["relu", "relu6", "leakyRelu"] as const) {
    itOnEachBackend(`is that on the left: ${activation}`, async (runtime) => {
      const run = pipeline(
        (ops, { x, dy }: { x: Tensor; dy: Tensor }) => ops.activateVjp(x, activation).vjp(dy).x,
        { runtime },
      );
      for (const [x, slopes] of kinks[activation]) {
        const pulled = await run({ x: tensor([...x]), dy: tensor([3, 3, 3]) });
        assertEquals([...pulled.data], slopes.map((slope) => Math.fround(3 * Math.fround(slope))));
      }
    });
  }
});

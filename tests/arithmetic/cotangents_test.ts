import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Tensor, tensor } from "../../mod.ts";
import { recordBinaryVjp } from "../../ops/arithmetic/binary.ts";
import { recordSoftmaxCrossEntropyVjp } from "../../ops/arithmetic/cross_entropy.ts";
import { recordDenseVjp } from "../../ops/arithmetic/dense.ts";
import { recordMeanVjp, recordSumVjp } from "../../ops/arithmetic/reduce.ts";
import { recordUnaryVjp } from "../../ops/arithmetic/unary.ts";
import { recordScaleVjp } from "../../ops/arithmetic/with_number.ts";
import { Plan } from "../../ops/plan/plan.ts";
import { SymbolicTensor } from "../../ops/plan/symbolic.ts";
import { recordPenaltyVjp } from "../../ops/training/penalties.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { runBothWays } from "../support/both_ways.ts";
import { assertClose } from "../support/close.ts";
import { randomTensor } from "../support/random.ts";

const x = randomTensor([4, 3], { seed: 1 });
const b = randomTensor([3], { seed: 2 });

/** A loss from x to a number, as a chain of ops each with its way back. */
type Loss = (plan: Plan, x: Tensor) => { readonly y: Tensor; vjp(dy: Tensor): Tensor };

/** The cotangent of a loss that is the number 1. */
const one = (plan: Plan) => new SymbolicTensor(plan.constant(1, 1), []);

const losses: Record<string, { loss: Loss; launches: readonly string[] }> = {
  "a mean of squares": {
    loss(plan, x) {
      const difference = recordBinaryVjp(plan, "subtract", x, b);
      const squares = recordUnaryVjp(plan, "square", difference.y);
      const mean = recordMeanVjp(plan, squares.y);
      return {
        y: mean.y,
        vjp: (dy) => difference.vjp(squares.vjp(mean.vjp(dy).x).x).a,
      };
    },
    launches: ["spread", "subtract", "squareVjp"],
  },
  "a sum of products": {
    loss(plan, x) {
      const product = recordBinaryVjp(plan, "multiply", x, b);
      const sum = recordSumVjp(plan, product.y);
      return { y: sum.y, vjp: (dy) => product.vjp(sum.vjp(dy).x).a };
    },
    launches: ["spread"],
  },
  "a sum of exponentials": {
    loss(plan, x) {
      const exponentials = recordUnaryVjp(plan, "exp", x);
      const sum = recordSumVjp(plan, exponentials.y);
      return { y: sum.y, vjp: (dy) => exponentials.vjp(sum.vjp(dy).x).x };
    },
    launches: ["elementary"],
  },
  "a penalty": {
    loss(plan, x) {
      const { y, vjp } = recordPenaltyVjp(plan, "l2", x, 0.5);
      return { y, vjp: (dy) => vjp(dy).x };
    },
    launches: ["squareVjp"],
  },
  "a mean of cross entropies": {
    loss(plan, x) {
      const entropies = recordSoftmaxCrossEntropyVjp(plan, x, x);
      const mean = recordMeanVjp(plan, entropies.y);
      return { y: mean.y, vjp: (dy) => entropies.vjp(mean.vjp(dy).x).logits };
    },
    launches: ["largest", "exponentials", "chunkSum", "crossEntropyLogits"],
  },
  "a number's worth of b": {
    loss(plan, x) {
      const difference = recordBinaryVjp(plan, "subtract", b, x);
      const scaled = recordScaleVjp(plan, difference.y, 3);
      const sum = recordSumVjp(plan, scaled.y);
      return { y: sum.y, vjp: (dy) => difference.vjp(scaled.vjp(sum.vjp(dy).x).x).b };
    },
    launches: [],
  },
};

describe("the way back of a number", () => {
  for (const [name, { loss, launches }] of Object.entries(losses)) {
    it(`launches what the formula of ${name} needs`, () => {
      const plan = new Plan();
      const back = loss(plan, x).vjp(one(plan)) as SymbolicTensor;
      const { program } = plan.finish([back.valueIn(plan)]);
      assertEquals(program.launches.map(({ kernel }) => kernel.kernel), [...launches]);
    });

    itOnEachBackend(`gives ${name} the same numbers as a tensor of 1`, async (runtime) => {
      const both = (dy: (plan: Plan, given: Tensor) => Tensor) => (plan: Plan, x: Tensor) => {
        const { y, vjp } = loss(plan, x);
        return { y, vjp: (given: Tensor) => [vjp(dy(plan, given))] };
      };
      const given = await runBothWays(runtime, both((_, dy) => dy), [x], tensor(1));
      const known = await runBothWays(runtime, both(one), [x], tensor(1));
      // A product with 1 and a quotient by the count are the same; only shaders round otherwise.
      assertClose(known.back[0].data, given.back[0].data, 1e-6);
    });
  }

  it("sums what was repeated without a launch", () => {
    const plan = new Plan();
    const { y, vjp } = recordBinaryVjp(plan, "add", x, b);
    const ones = new SymbolicTensor(plan.constant(0.5, 12), y.shape);
    const back = vjp(ones).b as SymbolicTensor;
    const value = back.valueIn(plan);
    assertEquals([plan.numberOf(value), value.length, back.shape], [2, 3, [3]]);
  });

  it("launches nothing for a cotangent that nobody reads", () => {
    const plan = new Plan();
    const kernel = randomTensor([3, 2]);
    const { vjp } = recordDenseVjp(plan, x, { kernel, bias: [1, 2] });
    const { params } = vjp(randomTensor([4, 2]));
    const bias = params.bias as SymbolicTensor;
    const { program } = plan.finish([bias.valueIn(plan)]);
    assertEquals(program.launches.map(({ kernel }) => kernel.kernel), ["chunkSum"]);
  });
});

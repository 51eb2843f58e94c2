import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { createRuntime, type Tensor, tensor } from "../../mod.ts";
import { recordSoftmaxCrossEntropyVjp } from "../../ops/arithmetic/cross_entropy.ts";
import type { Plan } from "../../ops/plan/plan.ts";
import { crossEntropy } from "../oracle/arithmetic.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertBothWays, assertShapesBack, listed, runBothWays } from "../support/both_ways.ts";
import { assertClose } from "../support/close.ts";
import { pipeline } from "../support/eagerly.ts";
import { keepsAll } from "../support/keeps_all.ts";
import { random, randomTensor } from "../support/random.ts";

/** exp and log on webgpu are off by up to 2.7e-6 of the result; sums of 40 terms in blocks. */
const TOLERANCE = 1e-5;

const record = (plan: Plan, logits: Tensor, labels: Tensor) =>
  listed(
    recordSoftmaxCrossEntropyVjp(plan, logits, labels),
    ({ logits, labels }) => [logits, labels],
  );

/** Rows of numbers from 0 that sum to `mass`. */
function probabilities(shape: readonly number[], mass = 1): Tensor {
  const next = random(8);
  const classes = shape[shape.length - 1];
  const { data } = randomTensor(shape);
  for (let row = 0; row < data.length; row += classes) {
    const numbers = Array.from({ length: classes }, () => next() + 0.05);
    const sum = numbers.reduce((a, b) => a + b);
    numbers.forEach((number, k) => data[row + k] = mass * number / sum);
  }
  return { shape: [...shape], data };
}

describe("softmaxCrossEntropy", () => {
  for (const shape of [[3, 4], [5], [1, 1], [2, 3, 2], [2, 40], [19, 7]]) {
    itOnEachBackend(`of (${shape}) goes both ways`, async (runtime) => {
      const logits = randomTensor(shape, { seed: 3, stddev: 2 });
      const both = {
        op: (ops: { softmaxCrossEntropy(a: Tensor, b: Tensor): Tensor }, a: Tensor, b: Tensor) =>
          ops.softmaxCrossEntropy(a, b),
        record,
        oracle: crossEntropy,
      };
      await assertBothWays(runtime, both, [logits, probabilities(shape)], TOLERANCE);
      // The gradient is that of the formula for any labels, not only for those that sum to 1.
      await assertBothWays(runtime, both, [logits, probabilities(shape, 2.5)], TOLERANCE);
    });
  }

  itOnEachBackend(
    "does not overflow, and has softmax - labels for its gradient",
    async (runtime) => {
      const logits = tensor([[1000, 0, -1000], [-3e4, -3e4, -3e4], [0, 88, 90]]);
      const labels = tensor([[0, 1, 0], [1, 0, 0], [0, 0, 1]]);
      const { y, back } = await runBothWays(runtime, record, [logits, labels], tensor([1, 1, 1]));
      const softmax = 1 / (1 + Math.exp(-2));
      assertClose(y.data, [1000, Math.log(3), -Math.log(softmax)], 1e-4);
      const third = 1 / 3;
      assertClose(
        back[0].data,
        [1, -1, 0, third - 1, third, third, 0, 1 - softmax, softmax - 1],
        1e-6,
      );
    },
  );

  itOnEachBackend("leaves out classes that are masked by -Infinity", async (runtime) => {
    const logits = tensor([[1, 1, -Infinity], [Infinity, 0, 0], [NaN, 0, 0], [0, 0, 0]]);
    const labels = tensor([[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]]);
    const { y, back } = await runBothWays(runtime, record, [logits, labels], tensor([1, 1, 1, 1]));
    assertClose([y.data[0], y.data[3]], [Math.log(2), Math.log(3)], 1e-6);
    assert(Number.isNaN(y.data[1]) && Number.isNaN(y.data[2]), "rows of their own");
    assertEquals([...back[0].data.subarray(0, 3)], [-0.5, 0.5, 0]);
  }, keepsAll);

  itOnEachBackend("of no rows is empty", async (runtime) => {
    const none = tensor(new Float32Array(0), [0, 3]);
    await assertShapesBack(runtime, record, [none, none], [0]);
  });

  itOnEachBackend("makes both ways of one softmax", async (_, backend) => {
    await using runtime = await createRuntime({ backend });
    const tensors = [randomTensor([4, 3]), probabilities([4, 3])];
    await runBothWays(
      runtime,
      (plan, logits, labels) => {
        const { y, vjp } = recordSoftmaxCrossEntropyVjp(plan, logits, labels);
        return { y, vjp: (dy) => [vjp(dy).logits] };
      },
      tensors,
      tensor([1, 1, 1, 1]),
    );
    // The largest logits, the sums, the losses; the sums of the labels, and the gradient.
    assertEquals(runtime.stats().launches, 5);
  });

  itOnEachBackend("is a loss with mean", async (runtime) => {
    const run = pipeline(
      (ops, { z, p }: { z: Tensor; p: Tensor }) => ops.mean(ops.softmaxCrossEntropy(z, p)),
      { runtime },
    );
    const z = randomTensor([6, 10], { seed: 2 });
    const p = probabilities([6, 10]);
    const losses = crossEntropy(z, p).data;
    assertClose((await run({ z, p })).data, [losses.reduce((a, b) => a + b) / 6], TOLERANCE);
  });
});

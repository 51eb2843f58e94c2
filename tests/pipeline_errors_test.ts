import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type BatchNormState,
  initBatchNorm,
  layerNorm,
  pipeline,
  type PipelineOps,
  type Tensor,
  tensor,
} from "../mod.ts";
import { broken, runtime, x } from "./refusals.ts";
import { assertRejected } from "./reject.ts";

describe("pipeline", () => {
  const cases: [string, (ops: PipelineOps, x: Tensor) => unknown, string][] = [
    [
      "reads symbolic data",
      (_, x) => x.data[0],
      "Cannot read the data of a tensor inside a pipeline: it must be passed to ops or returned, got a read while the pipeline is traced",
    ],
    [
      "is asynchronous",
      async (ops, x) => await Promise.resolve(ops.layerNorm(x)),
      "Cannot trace a pipeline: fn must be synchronous, got a promise",
    ],
    [
      "names a runtime inside",
      (ops, x) => ops.layerNorm(x, {}, { runtime }),
      "Cannot trace a pipeline: runtime must be given to pipeline, got one in an op's options",
    ],
    [
      "scales by a tensor",
      (ops, x) => ops.scale(x, x as unknown as number),
      "Cannot scale a tensor: factor must be a number, got object",
    ],
    [
      "multiplies matrices that do not fit",
      (ops, x) => ops.matmul(x, tensor([[1, 2]]), { transposeB: false }),
      "Cannot multiply matrices: a and b must agree in the axis that is summed, got (2, 3, 4) and (1, 2)",
    ],
    [
      "multiplies a matrix by a vector",
      (ops, x) => ops.matmul(x, tensor([1, 2])),
      "Cannot multiply matrices: b must have rank >= 2, got shape (2,)",
    ],
    [
      "sums over an axis twice",
      (ops, x) => ops.sum(x, [1, -2]),
      "Cannot take a sum: axes must name every axis once, got [1, -2]",
    ],
    [
      "reshapes to another size",
      (ops, x) => ops.reshape(x, [5, 5]),
      "Cannot reshape a tensor: shape must have the 24 elements of x, got (5, 5)",
    ],
    [
      "activates by an unknown name",
      (ops, x) => ops.activate(x, "softmax" as "relu"),
      "Cannot apply an activation: activation must be one of none, relu, relu6, leakyRelu, elu, sigmoid, tanh, softplus, swish, gelu, got softmax",
    ],
    [
      "pulls back another shape",
      (ops, x) => ops.activateVjp(x, "relu").vjp(tensor([1])),
      "Cannot pull back an activation: dy must have shape (2, 3, 4), got (1,)",
    ],
    [
      "adds what does not fit",
      (ops, x) => ops.add(x, tensor([1, 2, 3])),
      "Cannot add tensors: a and b must broadcast, got (2, 3, 4) and (3,)",
    ],
  ];
  for (const [what, fn, text] of cases) {
    it(`rejects where its function ${what}`, async () => {
      await assertRejected(() => pipeline(fn, { runtime })(x), TypeError, text);
    });
  }

  it("refuses a tensor that has outlived its trace", async () => {
    let kept: Tensor | undefined;
    const run = pipeline((ops, x: Tensor) => {
      kept ??= x;
      return ops.layerNorm(kept);
    }, { runtime });
    await run(x);
    await assertRejected(
      () => run(tensor([[1, 2]])),
      TypeError,
      "Cannot use a tensor of a pipeline elsewhere: it must be passed to that pipeline's own ops or returned, got one outside its trace",
    );
  });

  it("refuses the ops outside it for its tensors", async () => {
    let direct: Promise<unknown> | undefined;
    await pipeline((ops, x: Tensor) => {
      direct = layerNorm(x, {}, { runtime });
      direct.catch(() => {});
      return ops.layerNorm(x);
    }, { runtime })(x);
    await assertRejected(
      () => direct!,
      TypeError,
      "Cannot use a tensor of a pipeline elsewhere: it must be passed to that pipeline's own ops or returned, got one outside its trace",
    );
  });

  it("refuses a broken input, a swapped capture, and no function", async () => {
    const gamma = { shape: [4], data: new Float32Array(4) };
    const run = pipeline((ops, x: Tensor) => ops.layerNorm(x, { gamma }), { runtime });
    await assertRejected(
      () => run(broken),
      TypeError,
      "Cannot run a pipeline: input must have 8 elements for shape (2, 4), got 7",
    );
    await run(x);
    gamma.data = new Float32Array(3);
    await assertRejected(
      () => run(x),
      TypeError,
      "Cannot run a pipeline: gamma must keep its 4 elements, got 3",
    );
    assertEquals(
      assertThrows(() => pipeline(1 as unknown as () => Tensor), TypeError).message,
      "Cannot make a pipeline: fn must be a function, got number",
    );
  });

  it("checks weights that it is given at every call", async () => {
    const { state } = initBatchNorm(4);
    const run = pipeline(
      (ops, input: { x: Tensor; weights: Float32Array; state: BatchNormState }) =>
        ops.batchNorm(input.x, {}, input.state, { batchWeights: input.weights }).y,
      { runtime },
    );
    await run({ x, state, weights: new Float32Array([1, 1]) });
    await assertRejected(
      () => run({ x, state, weights: new Float32Array([1, -1]) }),
      RangeError,
      "Cannot apply batchNorm: batchWeights must be finite numbers >= 0, got -1",
    );
  });

  it("refuses the mean of nothing", async () => {
    const run = pipeline((ops, x: Tensor) => ops.mean(x), { runtime });
    const none = tensor(new Float32Array(0), [0, 2]);
    await assertRejected(
      () => run(none),
      RangeError,
      "Cannot take a mean: x must have elements, got none",
    );
  });
});

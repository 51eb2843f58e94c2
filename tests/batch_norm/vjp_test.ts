import {
  type AdjustmentTensors,
  batchNorm,
  type BatchNormCotangents,
  batchNormVjp,
  initBatchNorm,
  moments,
  pipeline as pipelineAlone,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { itOnEachBackend } from "../support/backends.ts";
import { pipeline } from "../support/eagerly.ts";
import { randomTensor } from "../support/random.ts";
import { assertRejected } from "../support/reject.ts";
import { adjustment } from "./vjp_cases.ts";
import { assertCotangents } from "./vjp_loss.ts";

describe("batchNormVjp", () => {
  itOnEachBackend("goes through moments of several batches in a pipeline", async (runtime) => {
    // What a replica does: moments of all, cotangents of its own part.
    const x = randomTensor([6, 4], { mean: 3 });
    const dy = randomTensor([6, 4], { seed: 2 });
    const { state } = initBatchNorm(4);
    const step = pipeline((ops, { x, dy }: { x: Tensor; dy: Tensor }) => {
      const { count, mean, m2 } = ops.moments(x);
      const { y, vjp } = ops.batchNormVjp(x, {}, state, { moments: { count, mean, m2 } });
      const back = vjp(dy);
      // d mean = dx / n, d m2 = 2 (x - mean) dx.
      const through = ops.add(
        ops.scale(back.moments!.mean, 1 / 6),
        ops.scale(ops.mul(ops.sub(x, mean), back.moments!.m2), 2),
      );
      return { y, x: ops.add(back.x, through) };
    }, { runtime });
    const both = await step({ x, dy });
    const { y, vjp } = await batchNormVjp(x, {}, state, { runtime });
    assertCotangents(both.y.data, y.data, "y");
    assertCotangents(both.x.data, (await vjp(dy)).x.data, "x");
  });

  itOnEachBackend("calls an adjustment once for both ways", async (runtime) => {
    const x = randomTensor([3, 4], { seed: 1 });
    const dy = randomTensor([3, 4], { seed: 2 });
    let calls = 0;
    const options = {
      adjustment: ([samples]: readonly number[]): AdjustmentTensors => {
        calls++;
        return adjustment([samples, 1], [samples, 1]);
      },
      runtime,
    };
    const { state } = initBatchNorm(4);
    const { y, vjp } = await batchNormVjp(x, {}, state, options);
    const back = await vjp(dy);
    assertEquals(calls, 1);
    const fixed = { runtime, adjustment: adjustment([3, 1], [3, 1]) };
    const other = await batchNormVjp(x, {}, state, fixed);
    assertEquals([y, back], [other.y, await other.vjp(dy)]);
    const step = pipelineAlone(
      (ops, { x, dy }: { x: Tensor; dy: Tensor }) =>
        ops.batchNormVjp(x, {}, state, { adjustment: options.adjustment }).vjp(dy),
      { runtime },
    );
    calls = 0;
    for (let i = 0; i < 3; i++) assertEquals(await step({ x, dy }), back);
    assertEquals(calls, 3);
  });

  itOnEachBackend("gives what inference does not look at no cotangent", async (runtime) => {
    const x = randomTensor([3, 4], { seed: 1 });
    const boom = () => {
      throw new Error("called");
    };
    const options = { training: false, batchWeights: [1, 2, 3], adjustment: boom, runtime };
    const { vjp } = await batchNormVjp(x, {}, initBatchNorm(4).state, options);
    assertEquals(Object.keys(await vjp(x)), ["x", "params"]);
  });

  it("refuses adjustments that are none, as batchNorm does", async () => {
    const x = randomTensor([3, 4], { seed: 1 });
    const { state } = initBatchNorm(4);
    const options = { adjustment: () => undefined as unknown as AdjustmentTensors };
    const message = "Cannot apply batchNorm: adjustment must be an object, got undefined";
    await assertRejected(() => batchNorm(x, {}, state, options), TypeError, message);
    await assertRejected(() => batchNormVjp(x, {}, state, options), TypeError, message);
  });

  itOnEachBackend("gives zeros for an empty batch", async (runtime) => {
    const empty = tensor(new Float32Array(0), [0, 2, 4]);
    const { params, state } = initBatchNorm(4, { scale: true });
    const { y, vjp, ...rest } = await batchNormVjp(empty, params, state, { runtime });
    const nothing = tensor([0, 0, 0, 0]);
    assertEquals([y, rest.state], [empty, state]);
    const expected: BatchNormCotangents = { x: empty, params: { beta: nothing, gamma: nothing } };
    assertEquals(await vjp(empty), expected);
    // What does not count has no cotangent.
    const shifted = await batchNormVjp(empty, params, state, { scale: false, runtime });
    assertEquals(await shifted.vjp(empty), { x: empty, params: { beta: nothing } });
    const scaled = await batchNormVjp(empty, params, state, { center: false, runtime });
    assertEquals(await scaled.vjp(empty), { x: empty, params: { gamma: nothing } });
  });

  itOnEachBackend("keeps its own copies", async (runtime) => {
    const x = randomTensor([3, 4], { seed: 1 });
    const dy = randomTensor([3, 4], { seed: 2 });
    const weights = Float32Array.of(1, 2, 3);
    const { state } = initBatchNorm(4);
    const { vjp } = await batchNormVjp(x, {}, state, { batchWeights: weights, runtime });
    const first = await vjp(dy);
    x.data.fill(NaN);
    weights.fill(NaN);
    assertEquals(await vjp(dy), first);
  });

  it("refuses what batchNorm refuses, and a cotangent of another shape", async () => {
    const { state } = initBatchNorm(2);
    const x = tensor([[1, 2], [3, 4]]);
    await assertRejected(
      () => batchNormVjp(x, {}, state, { decay: 2 }),
      RangeError,
      "Cannot apply batchNorm: decay must be from 0 to 1, got 2",
    );
    const { vjp } = await batchNormVjp(x, {}, state);
    await assertRejected(
      () => vjp(tensor([[1, 2]])),
      TypeError,
      "Cannot pull back batchNorm: dy must have shape (2, 2), got (1, 2)",
    );
    const { count } = await moments(x);
    assertEquals(count, tensor(2));
  });
});

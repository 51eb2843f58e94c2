import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe } from "@std/testing/bdd";
import {
  activations,
  batchNorm,
  createRuntime,
  gdn,
  groupNorm,
  initBatchNorm,
  initGdn,
  layerNorm,
  moments,
  pipeline as pipelineAlone,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { activate } from "../oracle/activations.ts";
import { pipeline } from "../support/eagerly.ts";
import { isCollected } from "../support/garbage.ts";
import { randomTensor } from "../support/random.ts";

describe("pipeline", () => {
  itOnEachBackend("of three ops with state equals the three calls", async (runtime, backend) => {
    await using own = await createRuntime({ backend });
    const variables = initGdn(4);
    const { params, state } = initBatchNorm(4, { scale: true });
    const run = pipeline((ops, { x, state }: { x: Tensor; state: typeof start }) => {
      const h = ops.gdn(x, variables);
      const { y, state: next } = ops.batchNorm(h, params, state, { decay: 0.9 });
      return { y: ops.groupNorm(y, {}, { groups: 2 }), state: next };
    }, { runtime: own });
    const start = state;
    let a = start;
    let b = start;
    for (const seed of [1, 2, 3]) {
      const x = randomTensor([3, 5, 4], { seed, mean: 2 });
      const together = await run({ x, state: a });
      const h = await gdn(x, variables, { runtime });
      const n = await batchNorm(h, params, b, { decay: 0.9, runtime });
      const y = await groupNorm(n.y, {}, { groups: 2, runtime });
      assertClose(together.y.data, y.data, 2e-6);
      assertClose(together.state.movingVariance.data, n.state.movingVariance.data, 1e-7);
      a = together.state;
      b = n.state;
    }
    const stats = own.stats();
    assertEquals([stats.plansCompiled, stats.runs[backend]], [1, 3]);
  });

  itOnEachBackend("compiles nothing new for a schedule", async (_, backend) => {
    await using runtime = await createRuntime({ backend });
    const { state } = initBatchNorm(2, { renorm: true });
    type Input = { x: Tensor; decay: number; rmax: number; epsilon: number };
    const run = pipeline((ops, { x, decay, rmax, epsilon }: Input) =>
      ops.batchNorm(x, {}, state, {
        decay,
        epsilon,
        renorm: true,
        renormClipping: { rmax, dmax: rmax - 1 },
      }), { runtime });
    const x = randomTensor([6, 2], { seed: 5 });
    const means = new Set<number>();
    for (const [i, decay] of [0.5, 0.75, 1, 0, 0.125].entries()) {
      const result = await run({ x, decay, rmax: 1 + i, epsilon: 1e-3 * (i + 1) });
      means.add(result.state.movingMean.data[0]);
    }
    assertEquals(means.size, 5);
    assertEquals(runtime.stats().plansCompiled, 1);
    await batchNorm(x, {}, state, { decay: 0.1, runtime });
    await batchNorm(x, {}, state, { decay: 0.2, epsilon: 1, runtime });
    assertEquals(runtime.stats().plansCompiled, 2);
  });

  itOnEachBackend("is traced once per set of input shapes", async (runtime) => {
    let traces = 0;
    const run = pipelineAlone((ops, x: Tensor) => {
      traces++;
      return ops.layerNorm(x);
    }, { runtime });
    for (const seed of [1, 2, 3]) await run(randomTensor([2, 3], { seed }));
    assertEquals(traces, 1);
    await run(randomTensor([4, 3]));
    await run(randomTensor([2, 3], { seed: 9 }));
    assertEquals(traces, 2);
  });

  itOnEachBackend("takes null where an object was", async (runtime) => {
    const run = pipelineAlone(
      (ops, input: { x: Tensor } | null) => input === null ? null : ops.abs(input.x),
      { runtime },
    );
    const x = tensor([-2]);
    for (let call = 0; call < 2; call++) {
      assertEquals(await run({ x }), tensor([2]));
      assertEquals(await run(null), null);
    }
  });

  itOnEachBackend("reads captured tensors anew at every call", async (runtime) => {
    const gamma = tensor([1, 1]);
    const beta = new Float32Array(2);
    const run = pipeline((ops, x: Tensor) => ops.layerNorm(x, { gamma, beta }), { runtime });
    const x = tensor([[1, 3]]);
    const before = await run(x);
    gamma.data.fill(2);
    beta.fill(5);
    const after = await run(x);
    assertClose(after.data, before.data.map((v) => 2 * v + 5), 1e-6);
  });

  itOnEachBackend("calls an adjustment function at every execution", async (runtime) => {
    let calls = 0;
    const adjustment = () => ({ scale: tensor([++calls]), bias: tensor([0]) });
    const { state } = initBatchNorm(1);
    const run = pipelineAlone(
      (ops, x: Tensor) => ops.batchNorm(x, {}, state, { adjustment, epsilon: 0 }).y,
      { runtime },
    );
    const x = tensor([[1], [3]]);
    for (const factor of [1, 2, 3]) assertEquals([...(await run(x)).data], [-factor, factor]);
    assertEquals(calls, 3);
  });

  itOnEachBackend("has the arithmetic of losses and updates", async (runtime) => {
    const run = pipeline((ops, { a, b }: { a: Tensor; b: Tensor }) => ({
      sum: ops.add(a, b),
      difference: ops.sub(a, b),
      product: ops.mul(b, a),
      half: ops.scale(a, 0.5),
      mean: ops.mean(ops.mul(a, a)),
      plusMean: ops.add(a, ops.mean(a)),
    }), { runtime });
    const result = await run({ a: tensor([[1, 2], [3, 4]]), b: tensor([10, 20]) });
    assertEquals(result, {
      sum: tensor([[11, 22], [13, 24]]),
      difference: tensor([[-9, -18], [-7, -16]]),
      product: tensor([[10, 40], [30, 80]]),
      half: tensor([[0.5, 1], [1.5, 2]]),
      mean: tensor(7.5),
      plusMean: tensor([[3.5, 4.5], [5.5, 6.5]]),
    });
  });

  itOnEachBackend("takes sums over any axes", async (runtime) => {
    const run = pipeline((ops, x: Tensor) => ({
      all: ops.sum(x),
      outer: ops.sum(x, [0]),
      middle: ops.sum(x, [1]),
      ends: ops.sum(x, [0, -1]),
      none: ops.sum(x, []),
    }), { runtime });
    const x = randomTensor([7, 5, 33], { seed: 2, mean: 10 });
    const { all, outer, middle, ends, none } = await run(x);
    const over = (keep: (i: number, j: number, k: number) => number, length: number) => {
      const sums = new Float64Array(length);
      x.data.forEach((value, at) => {
        sums[keep(Math.floor(at / 165), Math.floor(at / 33) % 5, at % 33)] += value;
      });
      return sums;
    };
    assertEquals([all, outer, middle, ends].map(({ shape }) => shape), [[], [5, 33], [7, 33], [5]]);
    // Sums of up to a thousand numbers about 10, each of about a tenth of the terms at once.
    assertClose(all.data, over(() => 0, 1), 2e-3);
    assertClose(outer.data, over((_, j, k) => 33 * j + k, 165), 1e-4);
    assertClose(middle.data, over((i, _, k) => 33 * i + k, 231), 1e-4);
    assertClose(ends.data, over((_, j) => j, 5), 1e-3);
    assertEquals(none, x);
  });

  itOnEachBackend("multiplies matrices, and their cotangents", async (runtime) => {
    const x = randomTensor([2, 9, 37], { seed: 1 });
    const w = randomTensor([37, 6], { seed: 2 });
    const dy = randomTensor([2, 9, 6], { seed: 3 });
    const run = pipeline((ops, { x, w, dy }: { x: Tensor; w: Tensor; dy: Tensor }) => ({
      y: ops.matmul(x, w),
      x: ops.matmul(dy, w, { transposeB: true }),
      w: ops.matmul(x, dy, { transposeA: true }),
      swapped: ops.matmul(w, x, { transposeA: true, transposeB: true }),
    }), { runtime });
    const result = await run({ x, w, dy });
    const sum = (
      rows: number,
      columns: number,
      inner: number,
      term: (i: number, j: number, k: number) => number,
    ) =>
      Float64Array.from({ length: rows * columns }, (_, at) => {
        let total = 0;
        for (let k = 0; k < inner; k++) total += term(Math.floor(at / columns), at % columns, k);
        return total;
      });
    const X = x.data;
    const W = w.data;
    const G = dy.data;
    assertClose(result.y.data, sum(18, 6, 37, (i, j, k) => X[37 * i + k] * W[6 * k + j]), 1e-5);
    assertClose(result.x.data, sum(18, 37, 6, (i, j, k) => G[6 * i + k] * W[6 * j + k]), 1e-5);
    assertClose(result.w.data, sum(37, 6, 18, (i, j, k) => X[37 * k + i] * G[6 * k + j]), 1e-5);
    assertClose(
      result.swapped.data,
      sum(6, 18, 37, (i, j, k) => W[6 * k + i] * X[37 * j + k]),
      1e-5,
    );
    assertEquals(Object.values(result).map(({ shape }) => shape), [
      [2, 9, 6],
      [2, 9, 37],
      [37, 6],
      [6, 18],
    ]);
  });

  itOnEachBackend("reshapes", async (runtime) => {
    const run = pipeline((ops, x: Tensor) => {
      const pairs = ops.reshape(x, [3, 2]);
      return { pairs, doubled: ops.scale(pairs, 2), sums: ops.sum(pairs, [1]) };
    }, { runtime });
    assertEquals(await run(tensor([[1, 2, 3], [4, 5, 6]])), {
      pairs: tensor([[1, 2], [3, 4], [5, 6]]),
      doubled: tensor([[2, 4], [6, 8], [10, 12]]),
      sums: tensor([3, 7, 11]),
    });
  });

  itOnEachBackend("activates, and back", async (runtime) => {
    for (const activation of activations) {
      const run = pipeline((ops, { x, dy }: { x: Tensor; dy: Tensor }) => {
        const { y, vjp } = ops.activateVjp(x, activation);
        return { y, again: ops.activate(x, activation), back: vjp(dy).x };
      }, { runtime });
      const x = tensor([[-7, -1.5, -0.25, 0.5, 2, 9]]);
      const dy = tensor([[1, 2, -3, 1, 1, 0.5]]);
      const f = (value: number) => activation === "none" ? value : activate(value, activation);
      const { y, again, back } = await run({ x, dy });
      assertEquals(y, again);
      assertClose(y.data, x.data.map(f), 2e-6, activation);
      const slopes = x.data.map((value, i) =>
        dy.data[i] * (f(value + 1e-5) - f(value - 1e-5)) / 2e-5
      );
      assertClose(back.data, slopes, 5e-6, `the slope of ${activation}`);
    }
  });

  itOnEachBackend("reads one tensor in different views", async (runtime) => {
    const x = randomTensor([2, 3, 4, 8], { seed: 21, mean: 1 });
    const run = pipeline((ops, x: Tensor) => {
      const a = ops.layerNorm(x, {}, { axes: [2, 3] });
      const b = ops.groupNorm(a, {}, { groups: 2, dataFormat: "NCHW", reductionAxes: [3] });
      return ops.gdn(b, initGdn(8));
    }, { runtime });
    const a = await layerNorm(x, {}, { axes: [2, 3], runtime });
    const options = { groups: 3, channelsAxis: 1, reductionAxes: [3], runtime };
    const run3 = pipeline((ops, x: Tensor) => {
      const a = ops.layerNorm(x, {}, { axes: [2, 3] });
      const b = ops.groupNorm(a, {}, { groups: 3, channelsAxis: 1, reductionAxes: [3] });
      return ops.gdn(b, initGdn(8));
    }, { runtime });
    const b = await groupNorm(a, {}, options);
    const c = await gdn(b, initGdn(8), { runtime });
    assertClose((await run3(x)).data, c.data, 2e-6);
    const error = await run(x).catch((error) => error);
    assertStringIncludes(String(error), "groups must divide the 3 channels of x, got 2");
  });

  itOnEachBackend("computes nothing that no result needs", async (_, backend) => {
    await using runtime = await createRuntime({ backend });
    const run = pipeline((ops, x: Tensor) => {
      ops.groupNorm(x, {}, { groups: 1 });
      return [ops.scale(x, 2), x, 5, null];
    }, { runtime });
    const x = tensor([[1, 2]]);
    assertEquals(await run(x), [tensor([[2, 4]]), x, 5, null]);
    assertEquals(runtime.stats().launches, 1);
  });

  itOnEachBackend("takes weighted moments into batchNorm", async (runtime) => {
    const x = randomTensor([5, 4, 2], { seed: 31 });
    const weights = new Float32Array([1, 0, 2, 1, 0.5]);
    const { state } = initBatchNorm(2);
    const run = pipeline((ops, input: { x: Tensor; weights: Float32Array }) => {
      const summary = ops.moments(input.x, { batchWeights: input.weights });
      return ops.batchNorm(input.x, {}, state, { moments: summary, fused: false }).y;
    }, { runtime });
    const direct = await batchNorm(x, {}, state, { batchWeights: weights, runtime });
    assertClose((await run({ x, weights })).data, direct.y.data, 2e-6);
    const { count } = await moments(x, { batchWeights: weights, runtime });
    assertEquals(count, tensor(18));
  });

  itOnEachBackend("keeps no input after a run", async (runtime) => {
    const run = pipeline((ops, x: Tensor) => ops.scale(x, 2), { runtime });
    const runOnce = async () => {
      const x = tensor(new Float32Array(64));
      await run(x);
      return new WeakRef(x);
    };
    assertEquals(await isCollected(await runOnce()), true);
  });

  itOnEachBackend("passes empty tensors through", async (runtime) => {
    const run = pipeline((ops, x: Tensor) => ops.layerNorm(ops.scale(x, 2)), { runtime });
    assertEquals(await run(tensor(new Float32Array(0), [0, 3])), {
      shape: [0, 3],
      data: new Float32Array(0),
    });
  });
});

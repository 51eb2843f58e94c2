import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  allMergeMoments,
  allReduceTree,
  batchNorm,
  type BatchNormState,
  batchNormVjp,
  initBatchNorm,
  type Moments,
  runReplicas,
  type Runtime,
  type Tensor,
  tensor,
} from "../../mod.ts";
import type { BatchNormState64 } from "../oracle/batch_norm.ts";
import { joined, split, SPLITS, summed } from "../replicas/parts.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose, largest } from "../support/close.ts";
import { pipeline } from "../support/eagerly.ts";
import { randomTensor } from "../support/random.ts";
import { CASES, expectedOf, inputsOf } from "./replicas_cases.ts";

/** Of the largest: deviations are right to 1e-7 of the spread, and rounded some times more. */
const TOLERANCE = 5e-6;
/** Of the largest cotangent: sums over the batch round some dozens of times. */
const BACK = 2e-5;

/** A software driver compiles each plan for a second: one mean and one split will do there. */
const isSlow = ({ backend }: Runtime) => backend === "webgpu" || backend === "webgl2";

describe("batchNorm over replicas", () => {
  for (const [name, test] of Object.entries(CASES)) {
    itOnEachBackend(`is that of the whole batch: ${name}`, async (runtime) => {
      const slow = isSlow(runtime);
      for (const mean of slow ? [1e3] : [0, 1e3, -4e4]) {
        const inputs = inputsOf(test, mean);
        const expected = expectedOf(test, inputs);
        for (const sizes of slow ? SPLITS.slice(1, 2) : SPLITS) {
          const part = (x: Tensor | undefined) => x && split(x, sizes);
          const xs = part(inputs.x)!;
          const dys = part(inputs.dy)!;
          const weights = part(inputs.weights);
          const scales = part(inputs.scale);
          const biases = part(inputs.bias);
          const found = await runReplicas(sizes.length, async (group) => {
            const { rank } = group;
            const options = {
              ...test.options,
              decay: 0.9,
              ...(weights && { batchWeights: weights[rank] }),
              ...(scales && { adjustment: { scale: scales[rank], bias: biases![rank] } }),
              replicas: group,
              runtime,
            };
            const { params, state } = inputs;
            const { y, state: next, vjp } = await batchNormVjp(xs[rank], params, state, options);
            assertEquals({ y, state: next }, await batchNorm(xs[rank], params, state, options));
            return { y, state: next, back: await vjp(dys[rank]) };
          });
          const what = `of ${sizes} at ${mean}`;
          const of = (pick: (one: typeof found[number]) => Tensor | undefined) =>
            found.map((one) => pick(one)!);
          const close = (
            actual: ArrayLike<number>,
            wanted: ArrayLike<number>,
            tolerance: number,
            label: string,
          ) => assertClose(actual, wanted, tolerance * Math.max(1, largest(wanted)), label);
          close(joined(of(({ y }) => y)), expected.y, TOLERANCE, `y ${what}`);
          for (const { state } of found) assertEquals(state, found[0].state, `state ${what}`);
          assertStates(found[0].state, expected.state, what);
          const { back } = expected;
          close(joined(of(({ back }) => back.x)), back.dx, BACK, `dx ${what}`);
          if (!test.bare) {
            close(summed(of(({ back }) => back.params.beta)), back.dBeta, BACK, `beta ${what}`);
            close(summed(of(({ back }) => back.params.gamma)), back.dGamma, BACK, `gamma ${what}`);
          }
          if (weights) {
            const all = joined(of(({ back }) => back.batchWeights));
            close(all, back.dWeights, BACK, `weights ${what}`);
          }
          if (scales) {
            close(
              joined(of(({ back }) => back.adjustment?.scale)),
              back.dScale,
              BACK,
              `scale ${what}`,
            );
            close(
              summed(of(({ back }) => back.adjustment?.bias)),
              back.dBias,
              BACK,
              `bias ${what}`,
            );
          }
        }
      }
    });
  }

  itOnEachBackend("in a group of one is batchNorm, bit for bit", async (runtime) => {
    const cases = Object.values(CASES);
    for (const test of isSlow(runtime) ? cases.slice(0, 1) : cases) {
      const { x, dy, params, state, weights, scale, bias } = inputsOf(test, 1e3);
      const options = {
        ...test.options,
        ...(weights && { batchWeights: weights }),
        ...(scale && { adjustment: { scale, bias: bias! } }),
        runtime,
      };
      const alone = await batchNormVjp(x, params, state, options);
      const [found] = await runReplicas(1, async (replicas) => {
        const all = { ...options, replicas };
        const { y, state: next, vjp } = await batchNormVjp(x, params, state, all);
        assertEquals(await batchNorm(x, params, state, all), { y, state: next });
        return { y, state: next, back: await vjp(dy) };
      });
      assertEquals(found.y, alone.y);
      assertEquals(found.state, alone.state);
      assertEquals(found.back, await alone.vjp(dy));
    }
  });

  itOnEachBackend("can be cut by hand out of a pipeline", async (runtime) => {
    const { x, dy, params, state } = inputsOf(CASES["NHWC"], 1e3);
    const sizes = SPLITS[0];
    const xs = split(x, sizes);
    const dys = split(dy, sizes);
    interface Part {
      readonly x: Tensor;
      readonly dy: Tensor;
      readonly moments: Moments;
    }
    const before = pipeline((ops, x: Tensor) => ops.moments(x), { runtime });
    const middle = pipeline((ops, { x, dy, moments }: Part) => {
      const { y, state: next, vjp } = ops.batchNormVjp(x, params, state, { moments });
      return { y, state: next, back: vjp(dy) };
    }, { runtime });
    const after = pipeline((ops, { x, dx, totals, moments }: {
      readonly x: Tensor;
      readonly dx: Tensor;
      readonly totals: { readonly mean: Tensor; readonly m2: Tensor };
      readonly moments: Moments;
    }) => ops.add(dx, ops.momentsVjp(x).vjp(totals, moments).x), { runtime });
    await runReplicas(sizes.length, async (group) => {
      const part = { x: xs[group.rank], dy: dys[group.rank] };
      const moments = await allMergeMoments(group, await before(part.x));
      const { y, state: next, back } = await middle({ ...part, moments });
      const { mean, m2 } = await allReduceTree(group, back.moments!);
      const dx = await after({ x: part.x, dx: back.x, totals: { mean, m2 }, moments });
      const whole = await batchNormVjp(part.x, params, state, { replicas: group, runtime });
      assertEquals({ y, state: next }, { y: whole.y, state: whole.state });
      const expected = (await whole.vjp(part.dy)).x.data;
      assertClose(dx.data, expected, BACK * largest(expected), "dx");
    });
  });

  itOnEachBackend("leaves nothing in a scope but its results", async (runtime) => {
    const { params, state } = initBatchNorm(4096);
    using scope = runtime.scope();
    const x = [1, 2].map((seed) => scope.put(randomTensor([2, 4096], { seed })));
    let afterThree = 0;
    for (let call = 0; call < 20; call++) {
      await runReplicas(2, async (replicas) => {
        const own = x[replicas.rank];
        const found = await batchNormVjp(own, params, state, { replicas, runtime: scope });
        const back = await found.vjp(own);
        const { movingMean, movingVariance } = found.state;
        for (const one of [found.y, movingMean, movingVariance, back.x, back.params.beta]) {
          one[Symbol.dispose]();
        }
      });
      if (call === 2) afterThree = runtime.stats().bytesHeld;
    }
    assertEquals(runtime.stats().bytesHeld, afterThree);
  });

  it("takes more channels than a call takes arguments", async () => {
    const channels = 200_000;
    const { params, state } = initBatchNorm(channels);
    const rows = [1, 3].map((value) =>
      tensor(new Float32Array(channels).fill(value), [1, channels])
    );
    await runReplicas(2, async (replicas) => {
      const x = rows[replicas.rank];
      const options = { replicas, decay: 0 };
      const { state: next, vjp } = await batchNormVjp(x, params, state, options);
      assertEquals(next.movingMean.data[channels - 1], 2);
      assertEquals((await vjp(x)).x.data.length, channels);
    });
  });

  it("does nothing where all parts are empty", async () => {
    const { params, state } = initBatchNorm(2);
    const none = tensor(new Float32Array(0), [0, 2]);
    await runReplicas(3, async (replicas) => {
      const found = await batchNormVjp(none, params, state, { replicas });
      assertEquals(found.y, none);
      assertEquals(found.state, (await batchNorm(none, params, state)).state);
      assertEquals((await found.vjp(none)).x, none);
    });
  });

  it("meets nobody in inference", async () => {
    const { params, state } = initBatchNorm(2);
    const x = tensor([[1, 2], [3, 4]]);
    const options = { training: false } as const;
    await runReplicas(2, async (replicas) => {
      if (replicas.rank === 0) return;
      const found = await batchNorm(x, params, state, { ...options, replicas });
      assertEquals(found, await batchNorm(x, params, state, options));
    });
  });

  it("takes calls that are made together in the order in which they were made", async () => {
    const { params, state } = initBatchNorm(1);
    await runReplicas(2, async (replicas) => {
      // The first call of replica 0 is the longer one, and so is the second of replica 1.
      const rows = replicas.rank === 0 ? [4000, 1] : [1, 4000];
      const both = await Promise.all(
        rows.map((count, i) =>
          batchNorm(tensor(new Float32Array(count).fill(i + 1), [count, 1]), params, state, {
            replicas,
            decay: 0,
          })
        ),
      );
      assertEquals(both.map(({ state }) => state.movingMean.data[0]), [1, 2]);
    });
  });
});

/** States with as many numbers, each right to the tolerance. */
function assertStates(
  { movingMean, movingVariance, renorm, debias }: BatchNormState<Tensor>,
  expected: BatchNormState64,
  what: string,
): void {
  const close = (actual: Tensor, wanted: ArrayLike<number>, name: string) =>
    assertClose(actual.data, wanted, TOLERANCE * Math.max(1, largest(wanted)), `${name} ${what}`);
  close(movingMean, expected.movingMean, "movingMean");
  close(movingVariance, expected.movingVariance, "movingVariance");
  assertEquals(renorm !== undefined, expected.renorm !== undefined);
  if (renorm !== undefined) {
    close(renorm.renormMean, expected.renorm!.renormMean, "renormMean");
    close(renorm.renormStddev, expected.renorm!.renormStddev, "renormStddev");
    close(renorm.movingStddev, expected.renorm!.movingStddev, "movingStddev");
  }
  assertEquals(debias !== undefined, expected.debias !== undefined);
  if (debias !== undefined) {
    close(debias.biased, expected.debias!.biased, "biased");
    assertEquals(debias.localStep.data[0], expected.debias!.localStep);
  }
}

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  mergeMoments,
  type MomentsGradients,
  type MomentsOptions,
  momentsVjp,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { moments as oracle } from "../oracle/moments.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose, largest } from "../support/close.ts";
import { pipeline } from "../support/eagerly.ts";
import { randomTensor } from "../support/random.ts";
import { assertRejected } from "../support/reject.ts";
import { dot, gradientOf } from "../support/slope.ts";

const SHAPE = [4, 3, 2, 6];
const WEIGHTS = [0.5, 0, 2, 1];
/** Sums of up to 24 rounded terms, and the differences of the oracle; of the largest cotangent. */
const TOLERANCE = 3e-6;

type Split = { readonly groups?: number; readonly channelsAxis?: number };

const CASES: Record<string, [MomentsOptions, axes: readonly number[], Split]> = {
  "per channel, last": [{}, [0, 1, 2], {}],
  "per channel, first": [{ dataFormat: "NCHW" }, [0, 2, 3], {}],
  "over an axis": [{ axes: [1] }, [1], {}],
  "over the items": [{ axes: [0] }, [0], {}],
  "over two axes apart": [{ axes: [-1, 1] }, [1, 3], {}],
  "over everything": [{ axes: [0, 1, 2, 3] }, [0, 1, 2, 3], {}],
  "over nothing": [{ axes: [] }, [], {}],
  "per group": [{ groups: 3 }, [1, 2], { groups: 3 }],
  "per group, first": [{ groups: 3, channelsAxis: 1 }, [2, 3], { groups: 3, channelsAxis: 1 }],
  "per group, batch too": [{ groups: 2, reductionAxes: [0, 1] }, [0, 1], { groups: 2 }],
};

/** Cotangents of moments, with those of the counts if there are weights. */
function gradientsFor(
  { count, mean }: { count: Tensor; mean: Tensor },
): Required<MomentsGradients> & {
  mean: Tensor;
  m2: Tensor;
  count: Tensor;
} {
  return {
    count: randomTensor(count.shape, { seed: 5, mean: 0.2 }),
    mean: randomTensor(mean.shape, { seed: 3 }),
    m2: randomTensor(mean.shape, { seed: 4 }),
  };
}

describe("momentsVjp", () => {
  for (const [name, [options, axes, split]] of Object.entries(CASES)) {
    for (const weights of [undefined, WEIGHTS]) {
      const how = weights === undefined ? "" : ", weighted";
      itOnEachBackend(`is the slope of moments ${name}${how}`, async (runtime) => {
        for (const mean of [0, 1000, -4e4]) {
          const x = randomTensor(SHAPE, { seed: 1, mean });
          const all = { ...options, ...(weights && { batchWeights: weights }), runtime };
          const { moments, vjp } = await momentsVjp(x, all);
          const dm = gradientsFor(moments);
          const perItem = moments.count.data.length > 1;
          const loss = (data: ArrayLike<number>, weights: ArrayLike<number> | undefined) => {
            const at = oracle({ shape: SHAPE, data }, axes, { ...split, weights });
            // One count for all sets, or for those of an item.
            const sets = at.mean.length / moments.count.data.length;
            const counts = Array.from(dm.count.data, (_, i) => at.count[i * sets]);
            const means = at.mean.map((m, i) => m - mean * (at.count[i] === 0 ? 0 : 1));
            return dot(dm.count.data, counts) + dot(dm.mean.data, means) +
              dot(dm.m2.data, at.m2);
          };
          const found = await vjp(dm);
          assertEquals(found.x.shape, SHAPE);
          const centred = Float64Array.from(x.data);
          const slopes = gradientOf((x) => loss(x, weights), centred);
          if (perItem) {
            // The oracle's mean of a set without weight is 0; the mean itself does not depend on weights.
            const item = x.data.length / SHAPE[0];
            const own = gradientOf((x) => loss(x, undefined), centred);
            const withoutM2 = { ...dm, m2: tensor(dm.m2.data.map(() => 0), dm.m2.shape) };
            const ofMean = (await vjp(withoutM2)).x.data;
            for (let i = 0; i < own.length; i++) {
              if (WEIGHTS[Math.floor(i / item)] === 0) slopes[i] = ofMean[i];
            }
          }
          assertClose(found.x.data, slopes, TOLERANCE * largest(slopes), `x at ${mean}`);
          assertEquals(found.batchWeights !== undefined, weights !== undefined);
          if (weights === undefined) continue;
          const pulled = gradientOf((moved) => loss(centred, moved), weights);
          if (perItem) pulled[1] = found.batchWeights!.data[1];
          assertClose(
            found.batchWeights!.data,
            pulled,
            TOLERANCE * largest(pulled),
            `weights at ${mean}`,
          );
        }
      });
    }
  }

  itOnEachBackend("goes back through a merge", async (runtime) => {
    for (const mean of [0, 1000, -4e4]) {
      const parts = [[3, 5, 2], [1, 5, 2], [4, 5, 2]].map((shape, i) =>
        randomTensor(shape, { seed: i, mean: mean + i })
      );
      const weights = [[1, 0.5, 2], [3], [0, 1, 1, 0.25]];
      const each = await Promise.all(
        parts.map((part, i) => momentsVjp(part, { batchWeights: weights[i], runtime })),
      );
      const whole = each.map(({ moments }) => moments).reduce(mergeMoments);
      const dm = gradientsFor(whole);
      const x = {
        shape: [8, 5, 2],
        data: Float64Array.from(parts.flatMap(({ data }) => [...data])),
      };
      const loss = (data: ArrayLike<number>, weights: ArrayLike<number>) => {
        const at = oracle({ ...x, data }, [0, 1], { weights });
        return dm.count.data[0] * at.count[0] + dot(dm.mean.data, at.mean.map((m) => m - mean)) +
          dot(dm.m2.data, at.m2);
      };
      const found = await Promise.all(each.map(({ vjp }) => vjp(dm, whole)));
      const slopes = gradientOf((moved) => loss(moved, weights.flat()), x.data);
      assertClose(
        found.flatMap(({ x }) => [...x.data]),
        slopes,
        TOLERANCE * largest(slopes),
        `x at ${mean}`,
      );
      const pulled = gradientOf((moved) => loss(x.data, moved), weights.flat());
      assertClose(
        found.flatMap(({ batchWeights }) => [...batchWeights!.data]),
        pulled,
        TOLERANCE * largest(pulled),
        `weights at ${mean}`,
      );
    }
  });

  itOnEachBackend(
    "is the same in a pipeline, and takes what is left out for 0",
    async (runtime) => {
      const x = randomTensor(SHAPE, { seed: 1, mean: 7 });
      const dm = { mean: randomTensor([6], { seed: 2 }) };
      const { moments, vjp } = await momentsVjp(x, { runtime });
      const piped = await pipeline((ops, { x, dm }: { x: Tensor; dm: { mean: Tensor } }) => {
        const { moments, vjp } = ops.momentsVjp(x);
        return { moments, back: vjp(dm), none: vjp({}) };
      }, { runtime })({ x, dm });
      assertEquals(piped.moments, moments);
      assertEquals(piped.back, await vjp(dm));
      assertEquals(piped.none.x, tensor(new Float32Array(x.data.length), SHAPE));
    },
  );

  itOnEachBackend("of nothing is nothing", async (runtime) => {
    const none = tensor(new Float32Array(0), [0, 2]);
    const { moments, vjp } = await momentsVjp(none, { batchWeights: [], runtime });
    assertEquals(moments.count, tensor(0));
    const back = await vjp({ count: tensor(1), mean: [1, 2], m2: [3, 4] });
    assertEquals(back, { x: none, batchWeights: tensor(new Float32Array(0)) });
  });

  itOnEachBackend(
    "of items without elements takes the cotangent of their counts",
    async (runtime) => {
      const x = tensor(new Float32Array(0), [2, 0]);
      const { moments, vjp } = await momentsVjp(x, { axes: [1], batchWeights: [1, 2], runtime });
      assertEquals(await vjp({ count: moments.count }), { x, batchWeights: tensor([0, 0]) });
    },
  );

  it("refuses cotangents that do not fit", async () => {
    const { moments, vjp } = await momentsVjp(tensor([[1, 2], [3, 5]]));
    const refused: [unknown[], typeof TypeError | typeof RangeError, string][] = [
      [[{ mean: [1] }], TypeError, "cotangents.mean must have shape (2,), got (1,)"],
      [[{ m2: [1, 2, 3] }], TypeError, "cotangents.m2 must have shape (2,), got (3,)"],
      [[{ count: [1] }], TypeError, "cotangents.count must have shape (), got (1,)"],
      [
        [{ low: [1, 2] }],
        TypeError,
        "cotangents must have keys among count, mean, m2, got low",
      ],
      [[], TypeError, "cotangents must be an object, got undefined"],
      [
        [{}, { ...moments, mean: tensor([1]) }],
        TypeError,
        "whole.mean must have shape (2,), got (1,)",
      ],
      [
        [{}, { ...moments, count: tensor(0) }],
        RangeError,
        "whole.count must be a finite number > 0, got 0",
      ],
    ];
    for (const [args, type, text] of refused) {
      const call = () => (vjp as (...args: unknown[]) => Promise<unknown>)(...args);
      await assertRejected(call, type, `Cannot pull back moments: ${text}`);
    }
  });
});

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { rmsNorm, rmsNormVjp, type Tensor, tensor } from "../../mod.ts";
import { rmsNorm as oracle, rmsNormVjp as oracleVjp } from "../oracle/rms_norm.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose, largest } from "../support/close.ts";
import { pipeline } from "../support/eagerly.ts";
import { randomTensor } from "../support/random.ts";
import { dot, gradientOf } from "../support/slope.ts";

/** Of the largest number: two sums in nested loops, and factors that are rounded a few times. */
const BUDGET = 3e-6;

const SHAPES = [
  { shape: [4, 7], dataFormat: "NHWC" },
  { shape: [2, 3, 4, 5], dataFormat: "NHWC" },
  { shape: [2, 5, 3, 4], dataFormat: "NCHW" },
  { shape: [3, 6, 5], dataFormat: "NCW" },
  { shape: [70, 96], dataFormat: "NHWC" },
  { shape: [2, 96, 40, 9], dataFormat: "NCHW" },
] as const;

const channelsAxisOf = (dataFormat: string) => dataFormat === "NHWC" ? -1 : 1;

function argumentsOf(shape: readonly number[], channelsAxis: number, mean: number) {
  return {
    x: randomTensor(shape, { seed: 1, mean }),
    dy: randomTensor(shape, { seed: 2, mean: 0.3 }),
    gamma: randomTensor([shape.at(channelsAxis)!], { seed: 3, mean: 1, stddev: 0.5 }),
  };
}

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assertClose(actual, expected, BUDGET * Math.max(1, largest(expected)), what);
}

describe("the oracle of rmsNormVjp", () => {
  for (const { shape, dataFormat } of SHAPES.slice(0, 4)) {
    it(`is the slope of the oracle's rmsNorm on (${shape}) in ${dataFormat}`, () => {
      const channelsAxis = channelsAxisOf(dataFormat);
      const { x, dy, gamma } = argumentsOf(shape, channelsAxis, 0.5);
      const loss = (data: ArrayLike<number>, gamma: ArrayLike<number>) =>
        dot(oracle({ data, shape }, { gamma, channelsAxis }).data, dy.data);
      const back = oracleVjp(x, dy.data, { gamma: gamma.data, channelsAxis });
      assertClose(back.x, gradientOf((moved) => loss(moved, gamma.data), x.data), 1e-8);
      assertClose(back.gamma, gradientOf((moved) => loss(x.data, moved), gamma.data), 1e-8);
    });
  }
});

describe("rmsNormVjp", () => {
  for (const { shape, dataFormat } of SHAPES) {
    for (const mean of [0.5, 1000]) {
      const what = `on (${shape}) in ${dataFormat} about ${mean}`;
      itOnEachBackend(`matches the oracle ${what}`, async (runtime) => {
        const channelsAxis = channelsAxisOf(dataFormat);
        const { x, dy, gamma } = argumentsOf(shape, channelsAxis, mean);
        const options = { dataFormat, runtime };
        const { y, vjp } = await rmsNormVjp(x, { gamma }, options);
        assertEquals(y, await rmsNorm(x, { gamma }, options));
        const back = await vjp(dy);
        const expected = oracleVjp(x, dy.data, { gamma: gamma.data, channelsAxis });
        close(back.x.data, expected.x, "x");
        close(back.params.gamma.data, expected.gamma, "gamma");
        assertEquals([back.x.shape, back.params.gamma.shape], [[...shape], [gamma.data.length]]);
        const plain = await (await rmsNormVjp(x, {}, options)).vjp(dy);
        close(plain.x.data, oracleVjp(x, dy.data, { channelsAxis }).x, "x without gamma");
        assertEquals(plain.params, {});
      });
    }
  }

  itOnEachBackend("is one plan in a pipeline, with the same numbers", async (runtime) => {
    const { x, dy, gamma } = argumentsOf([4, 5, 6], -1, 1);
    const step = pipeline((ops, { x, dy }: { x: Tensor; dy: Tensor }) => {
      const { y, vjp } = ops.rmsNormVjp(x, { gamma });
      return { y, back: vjp(dy) };
    }, { runtime });
    const { y, back } = await step({ x, dy });
    const apart = await rmsNormVjp(x, { gamma }, { runtime });
    assertEquals(y, apart.y);
    assertEquals(back, await apart.vjp(dy));
  });

  itOnEachBackend("gives nothing back along x, without epsilon", async (runtime) => {
    const { x, dy } = argumentsOf([30, 64], -1, 2);
    const { vjp } = await rmsNormVjp(x, {}, { epsilon: 0, runtime });
    const back = await vjp(dy);
    for (let row = 0; row < 30; row++) {
      const at = (data: Float32Array) => data.subarray(row * 64, row * 64 + 64);
      const along = dot(at(back.x.data), at(x.data));
      assertClose([along], [0], 1e-4 * Math.sqrt(dot(at(dy.data), at(dy.data))), `row ${row}`);
    }
  });

  itOnEachBackend("keeps its own copies, and gives zeros for nothing", async (runtime) => {
    const { x, dy, gamma } = argumentsOf([3, 4], -1, 0);
    const { vjp } = await rmsNormVjp(x, { gamma }, { runtime });
    const expected = await vjp(dy);
    x.data.fill(7);
    gamma.data.fill(7);
    assertEquals(await vjp(dy), expected);
    const empty = tensor(new Float32Array(0), [0, 4]);
    const nothing = await (await rmsNormVjp(empty, { gamma }, { runtime })).vjp(empty);
    assertEquals(nothing, { x: empty, params: { gamma: tensor([0, 0, 0, 0]) } });
  });
});

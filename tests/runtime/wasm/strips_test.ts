import { assert, assertEquals } from "@std/assert";
import { after, describe, it } from "@std/testing/bdd";
import {
  batchNorm,
  createRuntime,
  gdn,
  type GdnOptions,
  groupNorm,
  type GroupNormOptions,
  instanceNorm,
  layerNorm,
  pipeline,
  rmsNorm,
  type Runtime,
  type Tensor,
  tensor,
} from "../../../mod.ts";
import { DEFAULT_PLAN_LIMIT, openRuntime } from "../../../ops/runtime/open.ts";
import { stripsOf } from "../../../ops/runtime/wasm/strips/strips.ts";
import { batchNormOf, gdnOf, groupNormOf } from "../../support/programs.ts";
import { random, randomTensor } from "../../support/random.ts";
import { assertSameBits } from "../../support/same_bits.ts";
import { GuardedArena } from "../../support/guarded_arena.ts";

const inStrips = await openRuntime("wasm", DEFAULT_PLAN_LIMIT, {
  window: 512,
  arena: GuardedArena,
});
const asWhole = await openRuntime("wasm", DEFAULT_PLAN_LIMIT, { window: 0, arena: GuardedArena });
after(async () => {
  await inStrips.dispose();
  await asWhole.dispose();
});

const next = random(1);

/** Numbers about 100, with what is hard among them. */
function hostile(shape: readonly number[]): Tensor {
  const x = randomTensor(shape, { seed: 1, mean: 100 });
  for (const value of [NaN, Infinity, -Infinity, 1e30, -0, 1e-40]) {
    x.data[Math.floor(next() * x.data.length)] = value;
  }
  return x;
}

function paramsOf(channels: number) {
  return {
    beta: randomTensor([channels], { seed: 2 }).data,
    gamma: randomTensor([channels], { seed: 3 }).data,
  };
}

type Op = (x: Tensor, channels: number, options: object) => Promise<unknown>;

const ops: Readonly<Record<string, Op>> = {
  "batch norm, inference"(x, channels, options) {
    const movingVariance = randomTensor([channels], { seed: 4, mean: 9 }).data;
    const state = { movingMean: new Float32Array(channels).fill(100), movingVariance };
    return batchNorm(x, paramsOf(channels), state, { ...options, training: false });
  },
  "batch norm, training"(x, channels, options) {
    const state = {
      movingMean: new Float32Array(channels),
      movingVariance: new Float32Array(channels),
    };
    return batchNorm(x, paramsOf(channels), state, options);
  },
  "group norm": (x, channels, options) => {
    return groupNorm(x, paramsOf(channels), { ...options, groups: 2 });
  },
  "group norm of one group"(x, channels, options) {
    return groupNorm(x, paramsOf(channels), { ...options, groups: 1, activation: "gelu" });
  },
  "group norm about zero"(x, channels, options) {
    const more: GroupNormOptions = { groups: channels, meanCloseToZero: true };
    return groupNorm(x, paramsOf(channels), { ...options, ...more });
  },
  "group norm over positions of a row"(x, channels, options) {
    const first = "dataFormat" in options && options.dataFormat === "NCHW";
    const more: GroupNormOptions = { groups: 2, reductionAxes: [first ? 3 : 2] };
    return groupNorm(x, paramsOf(channels), { ...options, ...more });
  },
  "instance norm": (x, _, options) => instanceNorm(x, {}, options),
  gdn(x, channels, options) {
    const gamma = randomTensor([channels, channels], { seed: 5, mean: 6 });
    return gdn(x, { beta: new Float32Array(channels).fill(1), gamma }, options);
  },
  "inverse gdn with other exponents"(x, channels, options) {
    const gamma = randomTensor([channels, channels], { seed: 5, mean: 6 });
    const more: GdnOptions = { inverse: true, alphaParameter: 1, epsilonParameter: 1 };
    return gdn(x, { beta: new Float32Array(channels).fill(1), gamma }, { ...options, ...more });
  },
};

describe("strips", () => {
  for (const dataFormat of ["NHWC", "NCHW"] as const) {
    for (const [name, op] of Object.entries(ops)) {
      it(`give ${name} in ${dataFormat} the same bits as a whole`, async () => {
        for (const [n, h, w, c] of [[5, 3, 5, 4], [2, 9, 4, 12], [13, 2, 2, 2], [1, 17, 6, 6]]) {
          const x = hostile(dataFormat === "NHWC" ? [n, h, w, c] : [n, c, h, w]);
          assertSameBits(
            await op(x, c, { dataFormat, runtime: inStrips }),
            await op(x, c, { dataFormat, runtime: asWhole }),
          );
        }
      });
    }
  }

  it("give norms of rows the same bits as a whole", async () => {
    for (const shape of [[41, 24], [64, 7], [7, 3, 50]]) {
      const x = hostile(shape);
      const params = paramsOf(shape.at(-1)!);
      const { gamma } = params;
      const both = [inStrips, asWhole].map((runtime) =>
        Promise.all([layerNorm(x, params, { runtime }), rmsNorm(x, { gamma }, { runtime })])
      );
      assertSameBits(await both[0], await both[1]);
    }
  });

  it("give products of few columns the same bits as a whole", async () => {
    // A row is more than a window, and all that all rows read.
    const w = randomTensor([300, 2], { seed: 6 });
    const x = randomTensor([9, 300], { seed: 7, mean: 1 });
    const run = (runtime: Runtime) => pipeline((ops, x: Tensor) => ops.matmul(x, w), { runtime });
    assertSameBits(await run(inStrips)(x), await run(asWhole)(x));
  });

  it("give a pipeline the same bits as a whole", async () => {
    const params = paramsOf(6);
    const gamma = randomTensor([6, 6], { seed: 5, mean: 6 });
    const run = (runtime: Runtime) =>
      pipeline((ops, x: Tensor) => {
        const a = ops.groupNorm(x, params, { groups: 3, activation: "relu" });
        const b = ops.gdn(a, { beta: new Float32Array(6).fill(1), gamma });
        return { sum: ops.add(x, b), half: ops.scale(a, 0.5) };
      }, { runtime });
    const x = hostile([7, 5, 3, 6]);
    assertSameBits(await run(inStrips)(x), await run(asWhole)(x));
  });

  it("are not used where each sample needs all others", () => {
    assertEquals(stripsOf(batchNormOf([64, 8, 8, 16]), 512), undefined);
  });

  it("are samples, groups, channels or rows, whatever is the least that needs no other", () => {
    const inference = { training: false } as const;
    const units = [
      batchNormOf([4, 8, 8, 16], inference),
      batchNormOf([4, 16, 8, 8], { ...inference, dataFormat: "NCHW" }),
      gdnOf([4, 8, 8, 16]),
      groupNormOf([4, 8, 8, 16], { groups: 4 }),
      groupNormOf([4, 16, 8, 8], { groups: 4, dataFormat: "NCHW" }),
      groupNormOf([64, 32], { groups: 4 }),
    ].map((program) => stripsOf(program, 256)?.units);
    assertEquals(units, [4 * 8 * 8, 4 * 16, 4 * 8 * 8, 4, 4 * 4, 64 * 4]);
  });

  it("end where a channel's parameters end", () => {
    const program = batchNormOf([4, 12, 5, 5], { training: false, dataFormat: "NCHW" });
    // Five channels would fit, and do not divide twelve.
    assertEquals(stripsOf(program, 5 * 25 * 2 * 4)?.height, 4);
  });

  it("are no matter to other batches: these compile nothing", async () => {
    const runtime = await createRuntime({ backend: "wasm" });
    try {
      for (const n of [8, 7, 3, 20]) {
        const x = randomTensor([n, 32, 32, 64]);
        await groupNorm(x, paramsOf(64), { runtime });
        assertEquals(runtime.stats().plansCompiled, 1);
      }
    } finally {
      await runtime.dispose();
    }
  });

  it("hold little more than a sample", async () => {
    const sample = 64 * 64 * 64 * 4;
    for (const dataFormat of ["NHWC", "NCHW"] as const) {
      const runtime = await createRuntime({ backend: "wasm" });
      try {
        const x = randomTensor([8, 64, 64, 64]);
        for (const op of ["batch norm, inference", "group norm", "instance norm", "gdn"]) {
          await ops[op](x, 64, { dataFormat, runtime });
        }
        assert(runtime.stats().bytesHeld < sample + 2 * 2 ** 20, `${runtime.stats().bytesHeld}`);
      } finally {
        await runtime.dispose();
      }
    }
  });

  it("read parameters where a scope holds them", async () => {
    using scope = inStrips.scope();
    const x = hostile([16, 8, 4, 4]);
    const params = paramsOf(8);
    const there = { beta: scope.put(tensor(params.beta)), gamma: scope.put(tensor(params.gamma)) };
    const options = { groups: 2, dataFormat: "NCHW" } as const;
    assertSameBits(
      await groupNorm(x, there, { ...options, runtime: inStrips }),
      await groupNorm(x, params, { ...options, runtime: asWhole }),
    );
  });

  it("are left alone by tensors that a scope holds", async () => {
    using scope = inStrips.scope();
    const x = hostile([16, 4, 4, 8]);
    const there = scope.put(x);
    const params = paramsOf(8);
    assertSameBits(
      await groupNorm(there, params, { groups: 2, runtime: scope }),
      await groupNorm(x, params, { groups: 2, runtime: asWhole }),
    );
  });
});

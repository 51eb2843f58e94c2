import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { clipByGlobalNorm } from "../../ops/training/mod.ts";
import { pipeline, type PipelineOps, tensor } from "../../mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { randomTensor } from "../support/random.ts";
import { assertSameBits } from "../support/same_bits.ts";

const grads = {
  dense: { kernel: randomTensor([7, 5], { seed: 1, mean: 100 }), none: tensor([]) },
  list: [randomTensor([3], { seed: 2, stddev: 1e-3 }), tensor(-0)],
};
const all = [...grads.dense.kernel.data, ...grads.list[0].data];
const norm = Math.sqrt(all.reduce((sum, value) => sum + value ** 2, 0));

describe("clipByGlobalNorm", () => {
  itOnEachBackend("scales gradients to the norm", async (runtime) => {
    const clipped = await clipByGlobalNorm(grads, 3, { runtime });
    // Sums of squares of float32 are right to some 1e-7.
    assertAlmostEquals(clipped.norm.data[0] / norm, 1, 1e-6);
    grads.dense.kernel.data.forEach((value, i) => {
      assertAlmostEquals(clipped.grads.dense.kernel.data[i] / (value * 3 / norm), 1, 1e-6);
    });
    grads.list[0].data.forEach((value, i) => {
      assertAlmostEquals(clipped.grads.list[0].data[i] / (value * 3 / norm), 1, 1e-6);
    });
    assertEquals(clipped.grads.dense.none.data.length, 0);
  });

  itOnEachBackend("leaves shorter ones as they are", async (runtime) => {
    assertSameBits((await clipByGlobalNorm(grads, 1e5, { runtime })).grads, grads);
    assertSameBits((await clipByGlobalNorm([tensor([3, 4])], 5, { runtime })).grads, [
      tensor([3, 4]),
    ]);
  });

  itOnEachBackend("shows norms that are not finite", async (runtime, backend) => {
    for (const value of [NaN, Infinity, 1e30]) {
      const clipped = await clipByGlobalNorm({ a: tensor([1]), b: tensor([value]) }, 1, {
        runtime,
      });
      assert(!Number.isFinite(clipped.norm.data[0]));
      // WGSL lets drivers take every number for finite.
      if (backend === "webgpu") continue;
      assert(Number.isNaN(clipped.grads.a.data[0]) && Number.isNaN(clipped.grads.b.data[0]));
    }
  });

  itOnEachBackend("clips inside of a pipeline", async (runtime) => {
    const run = pipeline(
      (ops: PipelineOps, input: typeof grads) => ops.clipByGlobalNorm(input, 3),
      { runtime },
    );
    assertSameBits(await run(grads), await clipByGlobalNorm(grads, 3, { runtime }));
  });

  it("takes gradients of zeros, and none", async () => {
    const zeros = await clipByGlobalNorm([tensor([0, 0])], 1e-30);
    assertEquals([...zeros.grads[0].data, zeros.norm.data[0]], [0, 0, 0]);
    assertEquals((await clipByGlobalNorm({}, 1)).norm.data[0], 0);
  });

  it("refuses other norms, and trees of something else", async () => {
    for (const most of [0, -1, NaN, Infinity, 2 ** -127, 2 ** 127, "1" as never]) {
      const { message } = await assertRejects(() => clipByGlobalNorm(grads, most), RangeError);
      assert(
        message.startsWith(
          "Cannot clip gradients: maxNorm must be a number from 2^-126 to 2^126, got ",
        ),
        message,
      );
    }
    const { message } = await assertRejects(
      () => clipByGlobalNorm({ w: 1 as never }, 1),
      TypeError,
    );
    assertEquals(message, "Cannot clip gradients: grads.w must be a tensor, got 1");
  });
});

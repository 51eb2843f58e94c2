import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { createRuntime, type DenseParams, type Tensor, tensor } from "../../mod.ts";
import { recordDenseVjp } from "../../ops/arithmetic/dense.ts";
import { recordMatmulVjp } from "../../ops/arithmetic/matmul.ts";
import { recordReshapeVjp, recordTransposeVjp } from "../../ops/arithmetic/shape.ts";
import type { Plan } from "../../ops/plan/plan.ts";
import { combined, each, multiplied, swapped } from "../oracle/arithmetic.ts";
import { array64, type NumberArray, sizeOf } from "../oracle/array.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertBothWays, assertShapesBack, listed, runBothWays } from "../support/both_ways.ts";
import { assertClose, largest } from "../support/close.ts";
import { pipeline } from "../support/eagerly.ts";
import { randomTensor } from "../support/random.ts";

/** Sums of at most 35 products: a dozen roundings of partial sums. */
const TOLERANCE = 2e-6;

describe("transpose", () => {
  const record = (plan: Plan, x: Tensor) => listed(recordTransposeVjp(plan, x), ({ x }) => [x]);
  for (const shape of [[2, 3], [1, 5], [5, 1], [4, 4], [2, 3, 5], [2, 1, 3, 4], [33, 65]]) {
    itOnEachBackend(`swaps the last axes of (${shape}), both ways`, async (runtime) => {
      await assertBothWays(
        runtime,
        {
          op: (ops, x) => ops.transpose(x),
          record,
          oracle: swapped,
        },
        // Slopes of many numbers take long.
        [randomTensor(sizeOf(shape) > 1000 ? [9, 17] : shape)],
        1e-6,
      );
      const x = randomTensor(shape, { seed: 2 });
      const run = pipeline((ops, x: Tensor) => ops.transpose(x), { runtime });
      const { data, shape: swappedShape } = swapped(x);
      assertEquals(await run(x), { shape: swappedShape, data: Float32Array.from(data) });
    });
  }

  itOnEachBackend("moves nothing for a row or a column", async (_, backend) => {
    await using runtime = await createRuntime({ backend });
    const run = pipeline((ops, x: Tensor) => ops.transpose(x), { runtime });
    assertEquals(await run(tensor([[1, 2, 3]])), tensor([[1], [2], [3]]));
    assertEquals(await run(tensor([[[1], [2]]])), tensor([[[1, 2]]]));
    assertEquals(runtime.stats().launches, 0);
  });

  itOnEachBackend("of nothing is nothing", async (runtime) => {
    await assertShapesBack(runtime, record, [tensor(new Float32Array(0), [2, 0, 3])], [2, 3, 0]);
  });
});

describe("reshape", () => {
  const record = (shape: readonly number[]) => (plan: Plan, x: Tensor) =>
    listed(recordReshapeVjp(plan, x, shape), ({ x }) => [x]);
  itOnEachBackend("gives a cotangent the old shape", async (runtime) => {
    await assertBothWays(
      runtime,
      {
        op: (ops, x) => ops.reshape(x, [4, 1, 3]),
        record: record([4, 1, 3]),
        oracle: (x) => array64(x.data, [4, 1, 3]),
      },
      [randomTensor([2, 6])],
      1e-6,
    );
    await assertShapesBack(runtime, record([0]), [tensor(new Float32Array(0), [3, 0])], [0]);
  });
});

describe("matmul", () => {
  const record =
    (options: { transposeA?: boolean; transposeB?: boolean }) =>
    (plan: Plan, a: Tensor, b: Tensor) =>
      listed(recordMatmulVjp(plan, a, b, options), ({ a, b }) => [a, b]);
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      const flags = { transposeA, transposeB };
      const what = [transposeA ? "a transposed" : "a", transposeB ? "b transposed" : "b"];
      itOnEachBackend(`of ${what.join(" and ")} goes both ways`, async (runtime) => {
        // All axes of either but the last are its rows.
        const shapes: readonly (readonly [number[], number[]])[] = [
          [transposeA ? [7, 3] : [3, 7], transposeB ? [5, 7] : [7, 5]],
          [transposeA ? [2, 3, 4] : [2, 4, 6], transposeB ? [5, 6] : [6, 5]],
          [transposeA ? [6, 4] : [4, 6], transposeB ? [2, 2, 6] : [2, 3, 5]],
          [[1, 1], [1, 1]],
        ];
        for (const [a, b] of shapes) {
          await assertBothWays(
            runtime,
            {
              op: (ops, a, b) => ops.matmul(a, b, flags),
              record: record(flags),
              oracle: (a, b) => multiplied(a, b, flags),
            },
            [randomTensor(a, { seed: 1 }), randomTensor(b, { seed: 2 })],
            TOLERANCE,
          );
        }
      });
    }
  }

  itOnEachBackend("has cotangents where nothing is multiplied", async (runtime) => {
    const none = (shape: number[]) => tensor(new Float32Array(0), shape);
    await assertShapesBack(runtime, record({}), [none([0, 3]), randomTensor([3, 2])], [0, 2]);
    await assertShapesBack(runtime, record({}), [none([2, 0]), none([0, 4])], [2, 4]);
  });
});

describe("dense", () => {
  const layer = (x: NumberArray, kernel: NumberArray, bias?: NumberArray) => {
    const inputs = kernel.shape[0];
    const product = multiplied(array64(x.data, [x.data.length / inputs, inputs]), kernel);
    const y = array64(product.data, [...x.shape.slice(0, -1), kernel.shape[1]]);
    return bias === undefined ? y : combined(y, bias, (a, b) => a + b);
  };
  const biased = (plan: Plan, x: Tensor, kernel: Tensor, bias: Tensor) =>
    listed(
      recordDenseVjp(plan, x, { kernel, bias }),
      ({ x, params: { kernel, bias } }) => [x, kernel, bias],
    );
  const plain = (plan: Plan, x: Tensor, kernel: Tensor) =>
    listed(recordDenseVjp(plan, x, { kernel }), ({ x, params }) => {
      assertEquals(Object.keys(params), ["kernel"]);
      return [x, params.kernel];
    });

  for (const leading of [[], [1], [4], [2, 3], [2, 1, 3]]) {
    itOnEachBackend(`of (${[...leading, 5]}) goes both ways`, async (runtime) => {
      const x = randomTensor([...leading, 5], { seed: 1 });
      const kernel = randomTensor([5, 6], { seed: 2 });
      const bias = randomTensor([6], { seed: 3 });
      await assertBothWays(
        runtime,
        {
          op: (ops, x, kernel, bias) => ops.dense(x, { kernel, bias }),
          record: biased,
          oracle: layer,
        },
        [x, kernel, bias],
        TOLERANCE,
      );
      await assertBothWays(
        runtime,
        {
          op: (ops, x, kernel) => ops.dense(x, { kernel }),
          record: plain,
          oracle: layer,
        },
        [x, kernel],
        TOLERANCE,
      );
    });
  }

  itOnEachBackend("takes a list for its bias, and captured parameters", async (runtime) => {
    const kernel = tensor([[1, 2], [3, 4]]);
    const run = pipeline((ops, x: Tensor) => ops.dense(x, { kernel, bias: [10, 20] }), { runtime });
    assertEquals(await run(tensor([1, 1])), tensor([14, 26]));
    kernel.data[0] = 2;
    assertEquals(await run(tensor([1, 1])), tensor([15, 26]));
  });

  itOnEachBackend("has cotangents without samples or inputs", async (runtime) => {
    const none = (shape: number[]) => tensor(new Float32Array(0), shape);
    const kernel = randomTensor([3, 2]);
    const bias = randomTensor([2]);
    await assertShapesBack(runtime, biased, [none([0, 3]), kernel, bias], [0, 2]);
    const dy = tensor([[1, 2], [3, 4]]);
    const { y, back } = await runBothWays(runtime, biased, [none([2, 0]), none([0, 2]), bias], dy);
    assertEquals(y.data, Float32Array.from([...bias.data, ...bias.data]));
    assertEquals(back[2], tensor([4, 6]));
  });

  itOnEachBackend("is a network of two layers", async (runtime) => {
    const params = {
      hidden: { kernel: randomTensor([3, 8], { seed: 4 }), bias: randomTensor([8], { seed: 5 }) },
      out: { kernel: randomTensor([8, 2], { seed: 6 }) } as DenseParams & { kernel: Tensor },
    };
    const run = pipeline((ops, x: Tensor) => {
      const h = ops.activate(ops.dense(x, params.hidden), "relu");
      return ops.dense(h, params.out);
    }, { runtime });
    const x = randomTensor([5, 3], { seed: 7 });
    const h = each(layer(x, params.hidden.kernel, params.hidden.bias), (v) => Math.max(v, 0));
    const y = layer(h, params.out.kernel);
    const actual = await run(x);
    assertEquals(actual.shape, y.shape);
    // Of two products, each off by TOLERANCE of its largest number.
    assertClose(actual.data, y.data, 2 * TOLERANCE * Math.max(1, largest(y.data)));
  });
});

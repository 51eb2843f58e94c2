import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  batchNorm,
  cast,
  createRuntime,
  gdn,
  gdnInverse,
  gdnVjp,
  groupNorm,
  initBatchNorm,
  initGdn,
  instanceNorm,
  layerNorm,
  layerNormVjp,
  moments,
  pipeline,
  rmsNorm,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { initSgd, sgd } from "../../ops/training/mod.ts";
import { runtime } from "../support/refusals.ts";
import { assertRejected } from "../support/reject.ts";

const data = new Float32Array(4);

/** A shape that is none, where a type would allow it or not, and what is said of it. */
const WRONG: readonly [what: string, shape: unknown, text: string][] = [
  ["fractions whose product fits", [2.5, 1.6], "integers >= 0, got (2.5, 1.6)"],
  ["negative extents whose product fits", [-2, -2], "integers >= 0, got (-2, -2)"],
  ["strings", ["2", "2"], 'integers >= 0, got ("2", "2")'],
  ["booleans", [true, 4], "integers >= 0, got (true, 4)"],
  ["nested extents", [[2], 2], "integers >= 0, got ([2], 2)"],
  ["holes", [, 4], "integers >= 0, got (undefined, 4)"],
  ["NaN", [NaN, 4], "integers >= 0, got (NaN, 4)"],
  ["what is no safe integer", [2 ** 60, 0], "integers >= 0, got (1152921504606847000, 0)"],
];

/** Every op that takes a tensor of any shape, with where its message names it. */
const ENTRIES: readonly [
  action: string,
  name: string,
  run: (x: Tensor) => Promise<unknown>,
][] = [
  ["apply gdn", "x", (x) => gdn(x, initGdn(2), { runtime })],
  ["invert gdn", "y", (y) => gdnInverse(y, initGdn(2), { runtime })],
  ["apply gdnVjp", "x", (x) => gdnVjp(x, initGdn(2), { runtime })],
  ["apply groupNorm", "x", (x) => groupNorm(x, {}, { groups: 1, runtime })],
  ["apply instanceNorm", "x", (x) => instanceNorm(x, {}, { runtime })],
  ["apply layerNorm", "x", (x) => layerNorm(x, {}, { runtime })],
  ["apply layerNorm", "x", (x) => layerNormVjp(x, {}, { runtime })],
  ["apply rmsNorm", "x", (x) => rmsNorm(x, {}, { runtime })],
  [
    "apply batchNorm",
    "x",
    (x) => batchNorm(x, {}, initBatchNorm(2).state, { runtime }),
  ],
  ["take moments", "x", (x) => moments(x, { runtime })],
  [
    "step sgd",
    "grads[0]",
    (x) => sgd([tensor(data)], [x], initSgd([tensor(data)]), { runtime }),
  ],
  ["run a pipeline", "input", pipeline((ops, x: Tensor) => ops.layerNorm(x), { runtime })],
  ["cast", "x", (x) => Promise.resolve().then(() => cast(x, "uint8"))],
];

describe("the shape of a tensor", () => {
  for (const [action, name, run] of ENTRIES) {
    for (const [what, shape, text] of WRONG) {
      it(`refuses ${what} for ${name} where it must ${action}`, async () => {
        const error = await run({ shape: shape as number[], data }).then(() => "none", (e) => e);
        assertEquals(error.name, "TypeError");
        assertEquals(error.message, `Cannot ${action}: ${name} must have a shape of ${text}`);
      });
    }
  }

  it("may be called dims, and is checked alike", async () => {
    for (const [, shape, text] of WRONG) {
      await assertRejected(
        () => layerNorm({ dims: shape as number[], data }, {}, { runtime }),
        TypeError,
        `Cannot apply layerNorm: x must have a shape of ${text}`,
      );
    }
  });

  it("is refused where the product overflows", async () => {
    await assertRejected(
      () => layerNorm({ shape: [2 ** 40, 2 ** 40], data }, {}, { runtime }),
      TypeError,
      "Cannot apply layerNorm: x must have 1.2089258196146292e+24 elements for shape " +
        "(1099511627776, 1099511627776), got 4",
    );
  });

  it("counts as it was checked, whatever it says later", async () => {
    let reads = 0;
    const shifty = {
      get shape() {
        return reads++ % 2 === 0 ? [2, 2] : [1000, 1000];
      },
      data,
    };
    await using fresh = await createRuntime({ backend: "wasm" });
    for (let i = 0; i < 4; i++) {
      const y = await layerNorm(shifty, {}, { runtime: fresh }).catch((error) => error);
      if (y instanceof Error) {
        assertEquals(
          y.message,
          "Cannot apply layerNorm: x must have 1000000 elements for shape (1000, 1000), got 4",
        );
      } else assertEquals([y.shape, y.data.length], [[2, 2], 4]);
      reads = i;
    }
  });

  it("is checked in what a pipeline returns", async () => {
    await assertRejected(
      () => pipeline(() => ({ shape: [2.5, 1.6], data }), { runtime })(tensor([1])),
      TypeError,
      "Cannot run a pipeline: output must have a shape of integers >= 0, got (2.5, 1.6)",
    );
  });
});

describe("the data of a tensor", () => {
  const cases: readonly [what: string, x: unknown, text: string][] = [
    ["float64", { shape: [4], data: new Float64Array(4) }, "float64 data"],
    ["int32", { shape: [4], data: new Int32Array(4) }, "int32 data"],
    ["uint32", { shape: [4], data: new Uint32Array(4) }, "uint32 data"],
    ["64-bit integers", { shape: [4], data: new BigInt64Array(4) }, "bigint64 data"],
    ["plain numbers", { shape: [4], data: [1, 2, 3, 4] }, "data in an array"],
  ];
  for (const [what, x, text] of cases) {
    it(`says of ${what} what they are, and the way out`, async () => {
      await assertRejected(
        () => layerNorm(x as Tensor, {}, { runtime }),
        TypeError,
        `Cannot apply layerNorm: x must be a tensor of float32 data, got ${text}; ` +
          "tensor(data, shape) rounds numbers to float32",
      );
    });
  }

  it("does not speak of data where a shape is missing", async () => {
    for (const numbers of [data, new Float64Array(4)]) {
      await assertRejected(
        () => layerNorm({ data: numbers } as unknown as Tensor, {}, { runtime }),
        TypeError,
        "Cannot apply layerNorm: x must be a tensor of float32 data, got an object of class Object",
      );
    }
  });

  it("says how numbers without a shape become a tensor", async () => {
    await assertRejected(
      () => layerNorm([[1, 2]] as unknown as Tensor, {}, { runtime }),
      TypeError,
      "Cannot apply layerNorm: x must be a tensor of float32 data, got an array; " +
        "tensor(data, shape) makes one of it",
    );
  });
});

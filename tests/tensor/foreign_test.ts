import {
  batchNorm,
  batchNormVjp,
  cast,
  gdn,
  gdnInverse,
  groupNormVjp,
  initBatchNorm,
  initGdn,
  layerNorm,
  layerNormVjp,
  moments,
  type Tensor,
  tensor,
  type TensorLike,
} from "../../mod.ts";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { itOnEachBackend } from "../support/backends.ts";
import { fromFloat16, toBfloat16, toFloat16 } from "../../ops/tensor/half.ts";
import { pipeline } from "../support/eagerly.ts";
import { assertRejected } from "../support/reject.ts";

const NUMBERS = [0, 1, -2.5, 0.125, 3, 100, -7, 0.75, 12, 9, -1, 4];
const SHAPE = [1, 3, 4];
const ours = tensor(Float32Array.from(NUMBERS), SHAPE);
const whole = tensor(NUMBERS.map((value) => Math.abs(Math.trunc(value)))).data;
const integers = tensor(whole, SHAPE);

/** The same numbers as other libraries hold them, and the tensor that they are. */
const FOREIGN: Readonly<Record<string, readonly [given: TensorLike, same: Tensor]>> = {
  "onnxruntime's dims": [{ dims: SHAPE, data: ours.data, type: "float32" }, ours],
  "a class with getters": [
    new class {
      get dims() {
        return SHAPE;
      }
      get data() {
        return ours.data;
      }
    }(),
    ours,
  ],
  "float16 bits": [
    { dims: SHAPE, data: Uint16Array.from(NUMBERS, toFloat16), type: "float16" },
    ours,
  ],
  "bfloat16 bits": [
    { shape: SHAPE, data: Uint16Array.from(NUMBERS, toBfloat16), type: "bfloat16" },
    ours,
  ],
  "uint8": [{ shape: SHAPE, data: Uint8Array.from(whole) }, integers],
  "clamped uint8, as of a canvas": [
    { shape: SHAPE, data: Uint8ClampedArray.from(whole) },
    integers,
  ],
  "int16": [{ shape: SHAPE, data: Int16Array.from(whole) }, integers],
  "uint16 that are integers": [{ shape: SHAPE, data: Uint16Array.from(whole) }, integers],
};

const { Float16Array: Half } = globalThis as {
  Float16Array?: { from(data: readonly number[]): ArrayLike<number> & ArrayBufferView };
};

describe("tensors of other libraries", () => {
  const all = Half === undefined
    ? FOREIGN
    : { ...FOREIGN, "Float16Array": [{ shape: SHAPE, data: Half.from(NUMBERS) }, ours] as const };
  for (const [name, [given, same]] of Object.entries(all)) {
    itOnEachBackend(`are taken as ours by every op: ${name}`, async (runtime) => {
      const { state } = initBatchNorm(4);
      const options = { runtime };
      // Twice: the second call is remembered.
      for (let i = 0; i < 2; i++) {
        assertEquals(await layerNorm(given, {}, options), await layerNorm(same, {}, options));
      }
      assertEquals(await gdn(given, initGdn(4), options), await gdn(same, initGdn(4), options));
      assertEquals(
        await batchNorm(given, {}, state, options),
        await batchNorm(same, {}, state, options),
      );
      assertEquals(await moments(given, options), await moments(same, options));
      const { x } = await gdnInverse(given, initGdn(4), { ...options, maxSteps: 5 });
      assertEquals(x, (await gdnInverse(same, initGdn(4), { ...options, maxSteps: 5 })).x);
    });

    itOnEachBackend(`go there and back: ${name}`, async (runtime) => {
      const { state } = initBatchNorm(4);
      const mine = await groupNormVjp(given, {}, { groups: 2, runtime });
      const others = await groupNormVjp(same, {}, { groups: 2, runtime });
      assertEquals(await mine.vjp(given), await others.vjp(same));
      const batch = await batchNormVjp(given, {}, state, { runtime });
      assertEquals(
        await batch.vjp(given),
        await (await batchNormVjp(same, {}, state, { runtime })).vjp(same),
      );
    });

    itOnEachBackend(`are inputs of pipelines: ${name}`, async (runtime) => {
      const run = pipeline((ops, x: Tensor) => ops.scale(x, 2), { runtime });
      const doubled = same.data.map((value) => 2 * value);
      for (let i = 0; i < 2; i++) {
        assertEquals(await run(given as Tensor), tensor(doubled, SHAPE));
      }
    });
  }

  it("are read anew by a remembered call", async () => {
    const given = { dims: [1, 2], data: new Uint8Array([1, 2]) };
    const first = await layerNorm(given);
    given.data.reverse();
    assertEquals((await layerNorm(given)).data, first.data.toReversed());
  });

  it("are refused where float32 does not hold their numbers", async () => {
    const types = [Float64Array, Int32Array, Uint32Array, BigInt64Array] as const;
    const names = ["float64", "int32", "uint32", "bigint64"];
    for (const [i, Type] of types.entries()) {
      await assertRejected(
        () => layerNorm({ shape: [4], data: new Type(4) as unknown as Uint8Array }),
        TypeError,
        `Cannot apply layerNorm: x must be a tensor of float32 data, got ${names[i]} data; ` +
          "tensor(data, shape) rounds numbers to float32",
      );
    }
  });

  it("must fill their shape", async () => {
    await assertRejected(
      () => layerNorm({ dims: [5], data: new Uint8Array(4) }),
      TypeError,
      "Cannot apply layerNorm: x must have 5 elements for shape (5,), got 4",
    );
  });

  it("are copied for the way back", async () => {
    const given = { shape: [1, 3], data: new Uint8Array([1, 2, 4]) };
    const { vjp } = await layerNormVjp(given);
    const dy = tensor([[1, 0, 0]]);
    const first = await vjp(dy);
    given.data.fill(0);
    assertEquals(await vjp(dy), first);
  });
});

describe("cast", () => {
  const x = tensor([1, -0.1, 1e6, 300.5, NaN, -3]);

  it("gives the nearest numbers of each type", () => {
    const { data, type, shape } = cast(x, "bfloat16");
    assertEquals([data, type, shape], [Uint16Array.from(x.data, toBfloat16), "bfloat16", [6]]);
    const half = cast(x, "float16");
    const values = half.data instanceof Uint16Array
      ? Array.from(half.data, fromFloat16)
      : Array.from(half.data);
    assertEquals(values, Array.from(x.data, (value) => fromFloat16(toFloat16(value))));
    assertEquals(cast(x, "uint8").data, new Uint8ClampedArray([1, 0, 255, 255, 0, 0]));
    const same = cast(x, "float32");
    assertEquals(same.data, x.data);
    assert(same.data !== x.data);
  });

  it("gives what ops take again", async () => {
    const y = tensor([[1, 2, 4]]);
    for (const type of ["float16", "bfloat16", "uint8", "float32"] as const) {
      assertEquals(await layerNorm(cast(y, type)), await layerNorm(y));
    }
  });

  it("refuses what is no tensor, and types that it does not know", () => {
    assertThrows(
      () => cast([1] as unknown as Tensor, "uint8"),
      TypeError,
      "Cannot cast: x must be a tensor of float32 data, got an array; tensor(data, shape) makes one of it",
    );
    assertThrows(
      () => cast(x, "int4" as "uint8"),
      TypeError,
      "Cannot cast: type must be one of float32, float16, bfloat16, uint8, got int4",
    );
    assertStrictEquals(cast(tensor([]), "uint8").data.length, 0);
  });
});

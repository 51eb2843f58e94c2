import { assertEquals } from "@std/assert";
import { after, describe, it } from "@std/testing/bdd";
import {
  createRuntime,
  gdn,
  type GdnOptions,
  gdnVjp,
  type MatmulOptions,
  pipeline,
  type Runtime,
  type Tensor,
  tensor,
} from "../../../mod.ts";
import { Engine } from "../../../ops/runtime/engine.ts";
import { EngineRuntime } from "../../../ops/runtime/engine_runtime.ts";
import { Module } from "../../../ops/runtime/wasm/compiler/module.ts";
import type { Tile } from "../../../ops/runtime/wasm/compiler/tiles.ts";
import { createWasmExecutor } from "../../../ops/runtime/wasm/executor.ts";
import { hasRelaxedMultiplyAdd } from "../../../ops/runtime/wasm/support.ts";
import { random } from "../../support/random.ts";
import { assertSameBits } from "../../support/same_bits.ts";
import { GuardedArena } from "../../support/guarded_arena.ts";

/** A vector at a time, in the order of the cells, and nothing is laid out. */
const simpleTile = (): Tile => ({
  quads: 1,
  rows: 1,
  unroll: 1,
  inner: "lane",
  block: { lane: 4, row: 1 },
});

const runtimeOf = (tile?: () => Tile) => {
  // What is read or written outside of a block of memory is seen.
  const executor = createWasmExecutor({ arena: GuardedArena, window: 0, ...(tile && { tile }) });
  return new EngineRuntime(new Engine(executor, 64), "wasm", executor.device, []);
};
const blocked = runtimeOf();
const simple = runtimeOf(simpleTile);

const next = random(11);
const draw = (shape: readonly number[], scale = 1, offset = 0) => {
  const length = shape.reduce((product, size) => product * size, 1);
  return tensor(Float32Array.from({ length }, () => (next() - 0.5) * scale + offset), shape);
};

const CHANNELS = [1, 2, 3, 4, 5, 12, 17, 31, 64, 127, 192, 319, 320, 321, 511, 512, 513];
const MANY_CHANNELS = [1023, 1024, 1025, 1100];

function gdnOf(channels: number, samples: number, positions: number, dataFormat: "NHWC" | "NCHW") {
  const shape = dataFormat === "NHWC"
    ? [samples, positions, 1, channels]
    : [samples, channels, positions, 1];
  const x = draw(shape, 4);
  const beta = draw([channels], 1, 1);
  const gamma = draw([channels, channels], 0.1, 0.06);
  return { x, params: { beta: beta.data, gamma }, dy: draw(shape) };
}

/** Runs GDN of random numbers on both. */
async function assertGdnAlike(
  channels: number,
  samples: number,
  positions: number,
  options: GdnOptions & { readonly dataFormat: "NHWC" | "NCHW" },
): Promise<void> {
  const { x, params } = gdnOf(channels, samples, positions, options.dataFormat);
  const expected = await gdn(x, params, { ...options, runtime: simple });
  assertSameBits(await gdn(x, params, { ...options, runtime: blocked }), expected);
}

const productOn = (runtime: Runtime, options: MatmulOptions = {}) =>
  pipeline(
    (ops, { a, b }: { a: Tensor; b: Tensor }) => ops.matmul(a, b, options),
    { runtime },
  );

describe("contractions in blocks give the bits of a simple loop", () => {
  after(async () => {
    await blocked.dispose();
    await simple.dispose();
  });

  for (const dataFormat of ["NHWC", "NCHW"] as const) {
    for (const channels of CHANNELS) {
      it(`gdn ${dataFormat}, ${channels} channels, few positions and many`, async () => {
        for (const [samples, positions] of [[1, 1], [1, 3], [3, 5], [1, 17], [2, 66]]) {
          await assertGdnAlike(channels, samples, positions, { dataFormat });
        }
      });
    }

    it(`gdn ${dataFormat}, more channels than one block has`, async () => {
      for (const channels of MANY_CHANNELS) {
        await assertGdnAlike(channels, 1, 2, { dataFormat });
        await assertGdnAlike(channels, 3, 20, { dataFormat });
      }
    });

    it(`gdn ${dataFormat}, more positions than one block has`, async () => {
      await assertGdnAlike(65, 1, 5001, { dataFormat });
      await assertGdnAlike(200, 1, 2001, { dataFormat });
    });

    it(`gdn ${dataFormat} with other exponents, and inverse`, async () => {
      for (const alphaParameter of [1, 2, 1.5]) {
        for (const inverse of [false, true]) {
          const options = { dataFormat, alphaParameter, inverse, rectify: inverse };
          await assertGdnAlike(70, 2, 90, options);
        }
      }
    });

    it(`gdnVjp ${dataFormat}`, async () => {
      for (const [channels, samples, positions] of [[33, 2, 70], [130, 3, 41], [319, 1, 300]]) {
        const { x, params, dy } = gdnOf(channels, samples, positions, dataFormat);
        const options = { dataFormat, alphaParameter: 2 } as const;
        const [expected, actual] = await Promise.all([simple, blocked].map(async (runtime) => {
          const { y, vjp } = await gdnVjp(x, params, { ...options, runtime });
          return { y, cotangents: await vjp(dy) };
        }));
        assertSameBits(actual, expected);
      }
    });
  }

  it("matmul, each matrix as it is and transposed", async () => {
    for (
      const [rows, inner, columns] of [[1, 700, 90], [66, 33, 67], [130, 515, 71], [700, 70, 4]]
    ) {
      for (const transposeA of [false, true]) {
        for (const transposeB of [false, true]) {
          const a = draw(transposeA ? [inner, rows] : [rows, inner]);
          const b = draw(transposeB ? [columns, inner] : [inner, columns]);
          const options = { transposeA, transposeB };
          const expected = await productOn(simple, options)({ a, b });
          assertSameBits(await productOn(blocked, options)({ a, b }), expected);
        }
      }
    }
  });

  it("matmul strip by strip", async () => {
    await using inStrips = await createRuntime({ backend: "wasm" });
    for (const [rows, inner, columns] of [[200, 4100, 4], [96, 9000, 8]]) {
      const a = draw([rows, inner]);
      const b = draw([inner, columns]);
      const expected = await productOn(simple)({ a, b });
      assertSameBits(await productOn(inStrips)({ a, b }), expected);
    }
  });
});

/** `a * b + c` by the engine's relaxed multiply-add, which may round once or twice. */
function relaxedMultiplyAdd(a: number, b: number, c: number): number {
  const module = new Module();
  const addresses = [0, 16, 32];
  module.add(["i32"], [], (code) => {
    code.get(0);
    for (const address of addresses) code.get(0).access("v128.load", address);
    code.do("f32x4.relaxed_madd").access("v128.store", 0);
  }, "run");
  const limits = { pages: 1, shared: false };
  const memory = new WebAssembly.Memory({ initial: limits.pages, maximum: limits.pages });
  const compiled = new WebAssembly.Module(module.bytes(limits));
  const { run } = new WebAssembly.Instance(compiled, { env: { memory } }).exports;
  const numbers = new Float32Array(memory.buffer);
  [a, b, c].forEach((number, i) => numbers.fill(number, 4 * i, 4 * i + 4));
  (run as (base: number) => void)(0);
  return numbers[0];
}

describe("terms of contractions", () => {
  it("are rounded as the engine does, for few rows as for many, or twice", async () => {
    // (1 + 2^-12)^2 - (1 + 2^-11) is 2^-24; the square alone rounds to 1 + 2^-11.
    const factor = 1 + 2 ** -12;
    const first = -1 - 2 ** -11;
    const inner = 7;
    const columns = 8;
    const b = new Float32Array(inner * columns);
    b.fill(1, 0, columns).fill(factor, columns, 2 * columns);
    for (const deterministic of [false, true]) {
      await using runtime = await createRuntime({ backend: "wasm", deterministic });
      const expected = !deterministic && hasRelaxedMultiplyAdd()
        ? relaxedMultiplyAdd(factor, factor, first)
        : 0;
      for (const rows of [2, 40]) {
        const a = new Float32Array(rows * inner);
        for (let row = 0; row < rows; row++) a.set([first, factor], row * inner);
        const factors = { a: tensor(a, [rows, inner]), b: tensor(b, [inner, columns]) };
        const y = await productOn(runtime)(factors);
        assertEquals(y.data, new Float32Array(rows * columns).fill(expected));
      }
    }
  });
});

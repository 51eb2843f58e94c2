import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type BatchNormState,
  initBatchNorm,
  layerNorm,
  pipeline,
  type PipelineOps,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { broken, runtime, x } from "../support/refusals.ts";
import { assertRejected } from "../support/reject.ts";

describe("pipeline", () => {
  const cases: [string, (ops: PipelineOps, x: Tensor) => unknown, string][] = [
    [
      "reads symbolic data",
      (_, x) => x.data[0],
      "Cannot read the data of a tensor inside a pipeline: it must be passed to ops or returned, got a read while the pipeline is traced",
    ],
    [
      "is asynchronous",
      async (ops, x) => await Promise.resolve(ops.layerNorm(x)),
      "Cannot trace a pipeline: fn must be synchronous, got a promise",
    ],
    [
      "names a runtime inside",
      (ops, x) => ops.layerNorm(x, {}, { runtime }),
      "Cannot trace a pipeline: runtime must be given to pipeline, got one in an op's options",
    ],
    [
      "activates by an unknown name",
      (ops, x) => ops.activate(x, "softmax" as "relu"),
      "Cannot apply an activation: activation must be one of none, relu, relu6, leakyRelu, elu, sigmoid, tanh, softplus, swish, gelu, got softmax",
    ],
    [
      "pulls back another shape",
      (ops, x) => ops.activateVjp(x, "relu").vjp(tensor([1])),
      "Cannot pull back an activation: dy must have shape (2, 3, 4), got (1,)",
    ],
  ];
  for (const [what, fn, text] of cases) {
    it(`rejects where its function ${what}`, async () => {
      const any = fn as (ops: PipelineOps, x: Tensor) => Tensor;
      await assertRejected(() => pipeline(any, { runtime })(x), TypeError, text);
    });
  }

  /** Its name is another one in a page that is minified. */
  class Layer {
    constructor(readonly inner: object) {}
  }
  const hiding: Record<string, [hide: (y: Tensor) => object, path: string, what: string]> = {
    "an instance of a class": [(y) => new Layer({ y }), "", Layer.name],
    "an instance in an instance": [(y) => [new Layer(new Layer([y]))], "[0]", Layer.name],
    "a Map": [(y) => ({ y, all: new Map([["y", y]]) }), ".all", "Map"],
    "a key of a Map": [(y) => ({ all: new Map([[y, 1]]) }), ".all", "Map"],
    "a Set": [(y) => [new Set([undefined, y])], "[0]", "Set"],
    "a symbol's field": [(y) => ({ [Symbol("y")]: y }), "", "Object"],
  };
  for (const [what, [hide, path, name]] of Object.entries(hiding)) {
    it(`refuses an output that has its tensors in ${what}`, async () => {
      await assertRejected(
        () => pipeline((ops, x: Tensor) => hide(ops.neg(x)), { runtime })(x),
        TypeError,
        `Cannot run a pipeline: output${path} must hold tensors in plain objects and arrays ` +
          `without symbols, got an object of class ${name}`,
      );
    });
  }

  it("returns other objects as they are", async () => {
    const cyclic = new Layer([]);
    Object.assign(cyclic, { inner: [cyclic, null, new Map([[1, cyclic]])] });
    const rest = { cyclic, names: new Uint8Array(2), call: () => 3 };
    const output = await pipeline((ops, x: Tensor) => ({ y: ops.neg(x), rest }), { runtime })(x);
    assertEquals(output.rest.cyclic === cyclic && output.rest.call === rest.call, true);
  });

  it("refuses an output without an end", async () => {
    const endless: Record<string, unknown> = {};
    endless.self = endless;
    await assertRejected(
      () => pipeline((ops, x: Tensor) => ({ y: ops.neg(x), endless }), { runtime })(x),
      TypeError,
      "Cannot run a pipeline: trees must be nested at most 100 deep, got a deeper or cyclic one",
    );
  });

  it("refuses a tensor that has outlived its trace", async () => {
    let kept: Tensor | undefined;
    const run = pipeline((ops, x: Tensor) => {
      kept ??= x;
      return ops.layerNorm(kept);
    }, { runtime });
    await run(x);
    await assertRejected(
      () => run(tensor([[1, 2]])),
      TypeError,
      "Cannot use a tensor of a pipeline elsewhere: it must be passed to that pipeline's own ops or returned, got one outside its trace",
    );
  });

  it("refuses the ops outside it for its tensors", async () => {
    let direct: Promise<unknown> | undefined;
    await pipeline((ops, x: Tensor) => {
      direct = layerNorm(x, {}, { runtime });
      direct.catch(() => {});
      return ops.layerNorm(x);
    }, { runtime })(x);
    await assertRejected(
      () => direct!,
      TypeError,
      "Cannot use a tensor of a pipeline elsewhere: it must be passed to that pipeline's own ops or returned, got one outside its trace",
    );
  });

  it("refuses a broken input, a swapped capture, and no function", async () => {
    const gamma = { shape: [4], data: new Float32Array(4) };
    const run = pipeline((ops, x: Tensor) => ops.layerNorm(x, { gamma }), { runtime });
    await assertRejected(
      () => run(broken),
      TypeError,
      "Cannot run a pipeline: input must have 8 elements for shape (2, 4), got 7",
    );
    await run(x);
    gamma.data = new Float32Array(3);
    await assertRejected(
      () => run(x),
      TypeError,
      "Cannot run a pipeline: gamma must keep its 4 elements, got 3",
    );
    assertEquals(
      assertThrows(() => pipeline(1 as unknown as () => Tensor), TypeError).message,
      "Cannot make a pipeline: fn must be a function, got number",
    );
  });

  it("checks weights that it is given at every call", async () => {
    const { state } = initBatchNorm(4);
    const run = pipeline(
      (ops, input: { x: Tensor; weights: Float32Array; state: BatchNormState }) =>
        ops.batchNorm(input.x, {}, input.state, { batchWeights: input.weights }).y,
      { runtime },
    );
    await run({ x, state, weights: new Float32Array([1, 1]) });
    await assertRejected(
      () => run({ x, state, weights: new Float32Array([1, -1]) }),
      RangeError,
      "Cannot apply batchNorm: batchWeights must be finite numbers >= 0, got -1",
    );
  });

  class Settings {
    decay = 0.5;
  }
  const cyclic: { again?: unknown } = {};
  cyclic.again = cyclic;
  const tree = "must be a tensor, a plain value, or a plain object or array of these, got ";
  const inputs: [string, unknown, string][] = [
    [
      "an instance",
      { settings: new Settings() },
      `input.settings ${tree}an object of class ${Settings.name}`,
    ],
    ["a Map", { a: [new Map()] }, `input.a[0] ${tree}an object of class Map`],
    ["a Date", new Date(0), `input ${tree}an object of class Date`],
    ["float64 data", { a: new Float64Array(2) }, `input.a ${tree}an object of class Float64Array`],
    [
      "bytes",
      { "two words": new Uint8Array(2) },
      `input["two words"] ${tree}an object of class Uint8Array`,
    ],
    ["a symbol", { a: Symbol("s") }, `input.a ${tree}symbol`],
    [
      "a key that is a symbol",
      { a: { [Symbol("s")]: 1 } },
      `input.a ${tree}an object of class Object`,
    ],
    ["a function", { a: () => 1 }, `input.a ${tree}function`],
    [
      "an inherited key",
      { a: Object.create({ decay: 1 }) },
      `input.a ${tree}an object of class Object`,
    ],
    ["a cycle", cyclic, "trees must be nested at most 100 deep, got a deeper or cyclic one"],
  ];
  for (const [what, input, text] of inputs) {
    it(`refuses ${what} in its input, where a change would go unnoticed`, async () => {
      let traced = 0;
      const run = pipeline((ops, _: unknown) => (traced++, ops.layerNorm(x)), { runtime });
      await assertRejected(() => run(input), TypeError, `Cannot run a pipeline: ${text}`);
      assertEquals(traced, 0);
    });
  }

  it("refuses long lists of plain values in its input, before it looks at them", async () => {
    let traced = 0;
    const run = pipeline((ops, _: unknown) => (traced++, ops.layerNorm(x)), { runtime });
    let looked = 0;
    const long = new Proxy(new Array(16385).fill(1), {
      get(list, key) {
        if (key === "0") looked++;
        return Reflect.get(list, key);
      },
    });
    const rule = "must be a tensor or a Float32Array (tensor(data) makes one), as lists may have " +
      "16384 entries in all, got";
    const rows = Array.from({ length: 100 }, () => new Array(200).fill(1));
    const inputs = [
      [{ gamma: long }, `input.gamma ${rule} 16385`],
      [
        { a: new Array(16000).fill(1), "a b": new Array(600).fill(1) },
        `input["a b"] ${rule} 16600`,
      ],
      [{ rows: [rows] }, `input.rows ${rule} 16501`],
      [rows, `input ${rule} 16500`],
    ] as const;
    for (const [input, text] of inputs) {
      await assertRejected(() => run(input), TypeError, `Cannot run a pipeline: ${text}`);
    }
    assertEquals([traced, looked], [0, 0]);
    await run({ list: new Array(16384).fill(1), data: new Float32Array(20000) });
    assertEquals(traced, 1);
  });

  it("reads an input's getters once", async () => {
    let reads = 0;
    const input = {
      get decay() {
        return ++reads;
      },
    };
    const run = pipeline((ops, { decay }: typeof input) => ops.scale(tensor([1]), decay), {
      runtime,
    });
    assertEquals([(await run(input)).data[0], (await run(input)).data[0], reads], [1, 2, 2]);
  });

  it("tells 0 from -0", async () => {
    const run = pipeline((ops, factor: number) => ops.scale(tensor([1]), factor), { runtime });
    assertEquals([(await run(0)).data[0], (await run(-0)).data[0]], [0, -0]);
    const constants = pipeline((ops) => [ops.scale(tensor([3]), 0), ops.scale(tensor([3]), -0)], {
      runtime,
    });
    assertEquals((await constants(undefined)).map(({ data }) => data[0]), [0, -0]);
  });

  it("refuses options that are none", () => {
    const fn = (ops: PipelineOps, x: Tensor) => ops.layerNorm(x);
    const wrong: [unknown, string][] = [
      [null, "options must be an object, got null"],
      [{ runtimes: runtime }, "options must have keys among runtime, donate, sync, got runtimes"],
    ];
    for (const [options, text] of wrong) {
      const { message } = assertThrows(() => pipeline(fn, options as object), TypeError);
      assertEquals(message, `Cannot make a pipeline: ${text}`);
    }
  });

  it("refuses an asynchronous function when it is compiled, where types are checked", () => {
    // @ts-expect-error: a promise is no tree of tensors.
    pipeline(async (ops, x: Tensor) => await Promise.resolve(ops.layerNorm(x)), { runtime });
    pipeline((ops, x: Tensor) => ({ y: [ops.layerNorm(x)], n: 1 }), { runtime });
  });
});

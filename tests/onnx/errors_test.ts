import { assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  createRuntime,
  initBatchNorm,
  initGdn,
  type PipelineOps,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { toOnnx } from "../../ops/onnx/mod.ts";
import { skipOf } from "../support/backends.ts";

const skip = skipOf("webgpu");
const withGpu = skip === undefined ? it : it.skip;
const suffix = skip === undefined ? "" : `: ${skip}`;

const x = tensor([[1, 2], [3, 4]]);
const w = { w: x };
const { params, state } = initBatchNorm(2);

/** Its name is another one in a page that is minified. */
class Layer {
  readonly scale = x;
}

/** A wrong call, and what is said of it. */
type Wrong = readonly [
  what: string,
  call: () => unknown,
  type: typeof TypeError | typeof RangeError,
  text: string,
];

/** A function that calls one op. */
function calling<I = Tensor>(call: (ops: PipelineOps, x: I) => unknown, input: unknown = x) {
  return () => toOnnx(call as (ops: PipelineOps, x: I) => Tensor, input as I);
}

const FORWARD = "fn must only call ops that go forward, got a call of ops.";
const CAPTURED = { m: x, single: tensor(1) };

const back: Wrong[] = ([
  ["gdnVjp", (ops) => ops.gdnVjp(x, initGdn(2)).y],
  ["groupNormVjp", (ops) => ops.groupNormVjp(x).y],
  ["instanceNormVjp", (ops) => ops.instanceNormVjp(x).y],
  ["layerNormVjp", (ops) => ops.layerNormVjp(x).y],
  ["rmsNormVjp", (ops) => ops.rmsNormVjp(x).y],
  ["batchNormVjp", (ops) => ops.batchNormVjp(x, params, state).y],
  ["momentsVjp", (ops) => ops.momentsVjp(x).moments],
  ["activateVjp", (ops) => ops.activateVjp(x, "relu").y],
  ["valueAndGrad", (ops) => ops.valueAndGrad(({ w }) => ops.sum(w), w)],
  ["grad", (ops) => ops.grad(({ w }) => ops.sum(w), w)],
  ["clipByGlobalNorm", (ops) => ops.clipByGlobalNorm(w, 1)],
  ["sgd", (ops) => ops.sgd(w, w, { step: 0, velocity: undefined } as never)],
  ["adam", (ops) => ops.adam(w, w, { m: w, v: w, step: tensor(0) } as never)],
  ["adamw", (ops) => ops.adamw(w, w, { m: w, v: w, step: tensor(0) } as never)],
] as readonly [string, (ops: PipelineOps) => unknown][]).map(([name, call]) => [
  `ops.${name}`,
  calling(call),
  TypeError,
  `${FORWARD}${name}`,
]);

const wrong: readonly Wrong[] = [
  ...back,
  [
    "batch norm in training",
    calling((ops, x) => ops.batchNorm(x, params, state).y),
    TypeError,
    "ops.batchNorm must have training: false, as its state would move, got none, which is true",
  ],
  [
    "batch norm that is told to train",
    calling((ops, x) => ops.batchNorm(x, params, state, { training: true }).y),
    TypeError,
    "ops.batchNorm must have training: false, as its state would move, got true",
  ],
  ["no function", () => toOnnx(3 as never, x), TypeError, "fn must be a function, got number"],
  [
    "a function that is not synchronous",
    calling(() => Promise.resolve(x)),
    TypeError,
    "fn must be synchronous, got a promise",
  ],
  [
    "a result that is no tensor",
    calling((ops, x) => ({ y: ops.neg(x), n: 3 })),
    TypeError,
    "output.n must be a tensor, got 3",
  ],
  ["no result", calling(() => undefined), TypeError, "output must be a tensor, got undefined"],
  [
    "no tensors in the result",
    calling(() => ({})),
    TypeError,
    "fn must return at least one tensor, got none",
  ],
  [
    "no tensors in the input",
    calling((ops) => ops.neg(x), { a: 3 }),
    TypeError,
    "input must hold at least one tensor, got an object of class Object",
  ],
  [
    "an input that hides tensors in an instance of a class",
    calling<{ x: Tensor; layer: Layer }>(
      (ops, { x, layer }) => ops.mul(x, layer.scale),
      { x, layer: new Layer() },
    ),
    TypeError,
    "input.layer must be a tensor, a plain value, or a plain object or array of these, got an object of " +
    `class ${Layer.name}`,
  ],
  [
    "an input that hides tensors in a Map",
    calling<{ x: Tensor; list: Map<string, Tensor>[] }>(
      (ops, { x, list }) => ops.mul(x, list[0].get("w")!),
      { x, list: [new Map([["w", x]])] },
    ),
    TypeError,
    "input.list[0] must be a tensor, a plain value, or a plain object or array of these, got an object of " +
    "class Map",
  ],
  [
    "an empty input",
    calling((ops, x) => ops.neg(x), { a: tensor([], [0, 2]) }),
    TypeError,
    "input.a must have elements, got shape (0, 2)",
  ],
  [
    "an input that does not fill its shape",
    calling((ops, x) => ops.neg(x), { a: { shape: [3], data: new Float32Array(2) } }),
    TypeError,
    "input.a must have 3 elements for shape (3,), got 2",
  ],
  [
    "another operator set",
    () => toOnnx((ops, x) => ops.neg(x), x, { opset: 18 as never }),
    RangeError,
    "opset must be 17 or 21, got 18",
  ],
  [
    "a precision that is no flag",
    () => toOnnx((ops, x) => ops.neg(x), x, { precise: 1 as never }),
    TypeError,
    "precise must be a boolean, got 1",
  ],
  [
    "an unknown option",
    () => toOnnx((ops, x) => ops.neg(x), x, { opsets: 17 } as never),
    TypeError,
    "options must have keys among opset, precise, batch, got opsets",
  ],
  [
    "another word for the batch",
    () => toOnnx((ops, x) => ops.neg(x), x, { batch: "open" as never }),
    TypeError,
    'batch must be "free", "fixed" or an array of names of inputs, got open',
  ],
  [
    "a batch of what is no input",
    () => toOnnx((ops, { m }) => ops.neg(m), CAPTURED, { batch: ["x"] }),
    TypeError,
    'batch must name inputs that have axes, "m", got x',
  ],
  [
    "batches of unlike sizes",
    () =>
      toOnnx((ops, { a, b }) => ops.add(a, b), { a: x, b: tensor([[1, 2]]) }, {
        batch: ["a", "b"],
      }),
    TypeError,
    "batch must name inputs whose axis 0 is equally long, got 2, 1",
  ],
  [
    "a free batch where there is none",
    () => toOnnx((ops, x) => ops.neg(x), tensor(1), { batch: "free" }),
    RangeError,
    'batch must be "fixed" for this fn, got free; no input has an axis',
  ],
];

describe("toOnnx", () => {
  it("refuses initializers of 2 GiB, of which no file can be made", () => {
    const data = new Float32Array(2 ** 24);
    const many = Array.from({ length: 32 }, () => ({ shape: [data.length], data }));
    const text = (bytes: number) =>
      `Cannot write an ONNX model: initializers must take less than ${
        2 ** 31 - 2 ** 20
      } bytes, got ${bytes}`;
    assertThrows(
      () => toOnnx((ops, x: Tensor) => many.map((one) => ops.add(x, one)), tensor([1])),
      RangeError,
      text(2 ** 31),
    );
  });

  for (const [what, call, type, text] of wrong) {
    it(`refuses ${what}`, () => {
      assertThrows(call, type, `Cannot write an ONNX model: ${text}`);
    });
  }

  it("says of a wrong call of an op what a pipeline says", () => {
    assertThrows(
      calling((ops, x) => ops.groupNorm(x, {}, { groups: 3 })),
      RangeError,
      "Cannot apply groupNorm: groups must divide the 2 channels of x, got 3",
    );
    assertThrows(
      calling((ops, x) => ops.add(x, tensor([1, 2, 3]))),
      TypeError,
      "Cannot add tensors: a and b must broadcast, got (2, 2) and (3,)",
    );
    assertThrows(
      calling((ops, x) => (ops.neg as (...args: unknown[]) => Tensor)(x, 1)),
      TypeError,
      "Cannot trace ops.neg: arguments must be at most 1, got 2",
    );
    assertThrows(
      calling((ops, x) => ops.groupNorm(x, { gamma: [1, "2"] as never }, { groups: 1 })),
      TypeError,
      "Cannot apply groupNorm: gamma must hold numbers, got string",
    );
    assertThrows(
      calling((ops, x) => ops.moments(x, { batchWeights: [1, -1] })),
      RangeError,
      "Cannot take moments: batchWeights must be finite numbers >= 0, got -1",
    );
    assertThrows(
      calling((ops, x) => ops.stopGradient({ x, n: 3 } as never)),
      TypeError,
      "Cannot stop a gradient: tree.n must be a tensor, got 3",
    );
  });

  it("refuses tensors of another trace, and reads of their data", () => {
    let kept: Tensor | undefined;
    toOnnx((ops, x) => kept = ops.neg(x), x);
    assertThrows(
      calling((ops) => ops.neg(kept!)),
      TypeError,
      "Cannot use a tensor of a pipeline elsewhere",
    );
    assertThrows(
      calling((_, x) => tensor(x.data)),
      TypeError,
      "Cannot read the data of a tensor inside a pipeline",
    );
  });

  withGpu(`refuses captured tensors on a GPU${suffix}`, async () => {
    await using runtime = await createRuntime({ backend: "webgpu" });
    using scope = runtime.scope();
    const captured = scope.put(x);
    assertThrows(
      calling((ops, x) => ops.mul(x, captured as unknown as Tensor)),
      TypeError,
      "Cannot write an ONNX model: b must be in memory, where its read() brings it, got ",
    );
  });
});

import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { initBatchNorm, initGdn, type PipelineOps, type Tensor, tensor } from "../../mod.ts";
import { type OnnxOptions, toOnnx } from "../../ops/onnx/mod.ts";
import {
  bytes,
  type Field,
  float,
  integer,
  joined,
  message,
  text,
} from "../../ops/onnx/protobuf.ts";
import { randomTensor } from "../support/random.ts";
import { type Model, readModel } from "./read_model.ts";

const nhwc = randomTensor([2, 3, 4, 6]);
const nchw = randomTensor([2, 6, 3, 4]);
const six = { gamma: [1, 2, 3, 4, 5, 6], beta: [6, 5, 4, 3, 2, 1] };

function modelOf(
  x: Tensor,
  fn: (ops: PipelineOps, x: Tensor) => Tensor,
  options?: OnnxOptions,
): Model {
  return readModel(toOnnx(fn, x, options));
}

function typesOf(...args: Parameters<typeof modelOf>): string {
  return modelOf(...args).nodes.map(({ type }) => type).join(" ");
}

describe("the graph of a model", () => {
  it("has the versions of its operator set", () => {
    const fn = (ops: PipelineOps, x: Tensor) => ops.neg(x);
    const versions = ([17, 21] as const).map((opset) => {
      const { irVersion, opset: written } = modelOf(nhwc, fn, { opset });
      return [irVersion, written];
    });
    assertEquals(versions, [[8, 17], [10, 21]]);
    assertEquals(modelOf(nhwc, fn).opset, 21);
  });

  it("has GDN as a product where channels are last, and as a convolution where they are second", () => {
    const params = initGdn(6);
    assertEquals(
      typesOf(nhwc, (ops, x) => ops.gdn(x, params)),
      "Mul Reshape Gemm Reshape Sqrt Div",
    );
    assertEquals(
      typesOf(nchw, (ops, x) => ops.gdn(x, params, { dataFormat: "NCHW", inverse: true })),
      "Mul Conv Sqrt Mul",
    );
    assertEquals(
      typesOf(
        tensor([[1, 2]]),
        (ops, x) =>
          ops.gdn(x, { beta: [1, 1], gamma: tensor([[1, 2], [3, 4]]) }, {
            alphaParameter: 1,
            epsilonParameter: 1,
          }),
      ),
      "Abs Gemm Div",
    );
  });

  it("has the effective parameters of GDN, and gamma by its outputs in a convolution", () => {
    const variables = { reparamBeta: [1.5, -1], reparamGamma: tensor([[0.5, 1], [2, 3]]) };
    const { constants } = modelOf(
      randomTensor([1, 2, 3, 3]),
      (ops, x) =>
        ops.gdn(x, variables, { dataFormat: "NCHW", betaMin: 0.0625, reparamOffset: 0.75 }),
    );
    const found = Object.values(constants).map(({ shape, numbers }) => ({ shape, numbers }));
    const pedestal = 0.75 ** 2;
    assertEquals(found, [
      { shape: [2, 2, 1, 1], numbers: [0.75 ** 2, 4, 1, 9].map((square) => square - pedestal) },
      { shape: [2], numbers: [1.5 ** 2 - pedestal, 0.0625] },
    ]);
  });

  it("has norms as operators where their options fit", () => {
    const norm = "InstanceNormalization";
    assertEquals(
      typesOf(nchw, (ops, x) => ops.groupNorm(x, six, { groups: 2, dataFormat: "NCHW" })),
      "GroupNormalization",
    );
    assertEquals(
      typesOf(nchw, (ops, x) => ops.groupNorm(x, six, { groups: 2, dataFormat: "NCHW" }), {
        opset: 17,
      }),
      `Reshape ${norm} Reshape Mul Add`,
    );
    assertEquals(
      typesOf(nchw, (ops, x) => ops.instanceNorm(x, six, { dataFormat: "NCHW" }), { opset: 17 }),
      norm,
    );
    assertEquals(typesOf(nhwc, (ops, x) => ops.layerNorm(x, six)), "LayerNormalization");
    assertEquals(
      typesOf(
        nchw,
        (ops, x) =>
          ops.groupNorm(x, six, { groups: -1, channelsAxis: 1, reductionAxes: [0, 2, 3] }),
      ),
      `Reshape Transpose Reshape ${norm} Reshape Transpose Reshape`,
    );
    const { state } = initBatchNorm(6);
    const options = { training: false, dataFormat: "NCHW" } as const;
    assertEquals(
      typesOf(nchw, (ops, x) => ops.batchNorm(x, six, state, options).y),
      "BatchNormalization",
    );
    assertEquals(
      typesOf(nhwc, (ops, x) => ops.batchNorm(x, six, state, { training: false }).y),
      "Mul Add",
    );
  });

  it("has norms as primitives where they do not fit, and where precision is asked for", () => {
    const batch = { groups: -1, reductionAxes: [0, 1, 2] };
    assertEquals(
      typesOf(nhwc, (ops, x) => ops.groupNorm(x, six, batch)),
      "ReduceMean Sub Mul ReduceMean Add Sqrt Div Mul Add",
    );
    assertEquals(
      typesOf(nhwc, (ops, x) => ops.layerNorm(x), { precise: true }),
      "ReduceMean Sub ReduceMean Sub Mul ReduceMean Add Sqrt Div",
    );
  });

  it("has no transposes between norms whose channels are last", () => {
    assertEquals(
      typesOf(nhwc, (ops, x) => {
        const h = ops.groupNorm(x, six, { groups: 2, activation: "relu" });
        return ops.instanceNorm(h, six, { activation: "sigmoid" });
      }),
      "Transpose GroupNormalization Relu InstanceNormalization Sigmoid Transpose",
    );
  });

  it("has an operator for gelu where there is one", () => {
    const fn = (ops: PipelineOps, x: Tensor) => ops.activate(x, "gelu");
    assertEquals(typesOf(nhwc, fn), "Gelu");
    assertEquals(typesOf(nhwc, fn, { opset: 17 }), "Mul Erf Add Mul Mul");
  });

  it("has only what the outputs need", () => {
    assertEquals(
      typesOf(nhwc, (ops, x) => {
        ops.exp(ops.abs(x));
        return ops.neg(x);
      }),
      "Neg",
    );
  });

  it("names inputs and outputs by their paths", () => {
    const input = { image: nhwc, more: [tensor([1]), { "a b": new Float32Array(3) }] } as const;
    const { inputs, outputs } = readModel(
      toOnnx((ops, { image, more: [first] }) => ({
        image: ops.neg(image),
        list: [ops.neg(first), image],
      }), input),
    );
    assertEquals(inputs, { "image": ["N", 3, 4, 6], "more[0]": [1], 'more[1]["a b"]': [3] });
    assertEquals(outputs, {
      "output.image": ["N", 3, 4, 6],
      "list[0]": [1],
      "list[1]": ["N", 3, 4, 6],
    });
    const { inputs: x, outputs: y } = modelOf(nhwc, (ops, x) => ops.neg(x), { batch: "fixed" });
    assertEquals([x, y], [{ x: [2, 3, 4, 6] }, { y: [2, 3, 4, 6] }]);
  });

  it("has a captured tensor once, with its numbers as they are now", () => {
    const shared = tensor([1, 2]);
    const fn = (ops: PipelineOps, x: Tensor) => ops.div(ops.add(x, shared), shared);
    const first = modelOf(tensor([[3, 4]]), fn);
    shared.data[0] = 5;
    const second = modelOf(tensor([[3, 4]]), fn);
    const numbers = [first, second].map(({ constants }) => Object.values(constants));
    assertEquals(numbers, [[{ shape: [2], numbers: [1, 2] }], [{ shape: [2], numbers: [5, 2] }]]);
  });

  it("is the same every time", () => {
    const fn = (ops: PipelineOps, x: Tensor) => ops.groupNorm(x, six, { groups: 3 });
    assertEquals(toOnnx(fn, nhwc), toOnnx(fn, nhwc));
  });

  it("is read once from what has getters", () => {
    let reads = 0;
    const options = {
      get groups() {
        return reads++ % 2 === 0 ? 2 : 3;
      },
    };
    const fn = (ops: PipelineOps, x: Tensor) => ops.groupNorm(x, {}, options);
    const { nodes } = modelOf(nchw, fn, { batch: "fixed" });
    assertEquals(nodes.length > 0 && reads, 1);
  });
});

describe("fields of a protocol buffer", () => {
  it("are written as the encoding says", () => {
    const bytesOf = (field: Field) => [...joined([field])];
    // The examples of the format's documentation: 150, "testing", and a message with the former.
    assertEquals(bytesOf(integer(1, 150)), [0x08, 0x96, 0x01]);
    assertEquals(bytesOf(text(2, "testing")), [0x12, 7, ...new TextEncoder().encode("testing")]);
    assertEquals(bytesOf(message(3, [integer(1, 150)])), [0x1a, 3, 0x08, 0x96, 0x01]);
    assertEquals(bytesOf(integer(8, -2)), [0x40, 0xfe, ...new Array(8).fill(0xff), 1]);
    assertEquals(bytesOf(float(2, 1)), [0x15, 0, 0, 0x80, 0x3f]);
  });

  it("keep large contents as they are until all are joined", () => {
    const content = new Uint8Array(300);
    assertEquals(message(1, [bytes(2, content)]).at(-1) === content, true);
  });
});

describe("a free batch", () => {
  const w = tensor([[1, 2, 3], [4, 5, 6]]);

  it("is what is left open where the function allows it", () => {
    const { inputs, outputs, constants } = modelOf(
      tensor([[1, 2], [3, 4], [5, 6]]),
      (ops, x) => ops.reshape(ops.matmul(x, w), [x.shape[0] * 3, 1]),
    );
    assertEquals([inputs, outputs], [{ x: ["N", 2] }, { y: ["?", 1] }]);
    assertEquals(Object.values(constants).at(-1)!.numbers, [-1, 1]);
  });

  const fixing: Readonly<Record<string, (ops: PipelineOps, x: Tensor) => Tensor>> = {
    "a product that sums it": (ops, x) => ops.matmul(w, ops.reshape(x, [3, 2])),
    "a constant that is as long": (ops, x) => ops.add(x, tensor([[1], [2], [3]])),
    "a number that follows from it": (ops, x) => ops.scale(x, 1 / x.shape[0]),
    "a reshape to literal extents": (ops, x) => ops.reshape(x, [6]),
    "two extents that follow from it": (ops, x) =>
      ops.reshape(ops.add(ops.reshape(x, [x.shape[0], 1, 2]), ops.reshape(x, [1, x.shape[0], 2])), [
        x.shape[0],
        x.shape[0] * 2,
      ]),
    "an attribute that follows from it": (ops, x) =>
      ops.layerNorm(x, {}, { epsilon: 1 / x.shape[0] }),
    "an op for each of its items": (ops, x) => x.shape[0] > 3 ? ops.neg(ops.neg(x)) : ops.neg(x),
  };
  for (const [what, fn] of Object.entries(fixing)) {
    it(`is fixed by ${what}, which is an error if it must be free`, () => {
      const x = tensor([[1, 2], [3, 4], [5, 6]]);
      assertEquals(modelOf(x, fn).inputs, { x: [3, 2] });
      assertThrows(
        () => toOnnx(fn, x, { batch: "free" }),
        RangeError,
        'Cannot write an ONNX model: batch must be "fixed" for this fn, got free; ',
      );
    });
  }

  it("is that of a batch of one as well", () => {
    const { inputs, outputs } = modelOf(tensor([[1, 2]]), (ops, x) => ops.matmul(x, w));
    assertEquals([inputs, outputs], [{ x: ["N", 2] }, { y: ["N", 3] }]);
    const row = tensor([[1, 2], [3, 4]]);
    assertEquals(modelOf(tensor([[1, 2]]), (ops, x) => ops.add(x, row)).inputs, { x: [1, 2] });
  });

  it("is that of all inputs that are as long as the first, or of the first alone", () => {
    const square = tensor([[1, 2], [3, 4]]);
    const both = readModel(toOnnx((ops, { a, b }) => ops.add(a, b), { a: square, b: square }));
    assertEquals(both.inputs, { a: ["N", 2], b: ["N", 2] });
    const one = readModel(toOnnx((ops, { a, b }) => ops.matmul(a, b), { a: square, b: square }));
    assertEquals(one.inputs, { a: ["N", 2], b: [2, 2] });
  });

  it("is that of the inputs that are named", () => {
    const input = { weights: tensor([[1, 2]]), x: tensor([[1, 2], [3, 4]]) };
    const fn = (ops: PipelineOps, { weights, x }: typeof input) => ops.mul(x, weights);
    assertEquals(readModel(toOnnx(fn, input)).inputs, { weights: [1, 2], x: [2, 2] });
    const { inputs, outputs } = readModel(toOnnx(fn, input, { batch: ["x"] }));
    assertEquals(inputs, { weights: [1, 2], x: ["N", 2] });
    assertEquals(outputs, { y: ["N", 2] });
  });
});

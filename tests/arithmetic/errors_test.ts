import { describe, it } from "@std/testing/bdd";
import { pipeline, type PipelineOps, type Tensor, tensor } from "../../mod.ts";
import { runtime } from "../support/refusals.ts";
import { assertRejected } from "../support/reject.ts";

const x = tensor(new Float32Array(24), [2, 3, 4]);
const wrong = (value: unknown) => value as never;

type Case = readonly [
  what: string,
  fn: (ops: PipelineOps, x: Tensor) => Tensor,
  type: typeof TypeError | typeof RangeError,
  text: string,
];

const cases: readonly Case[] = [
  [
    "add of shapes that would fit with an axis more",
    (ops, x) => ops.add(x, tensor([1, 2, 3])),
    TypeError,
    "Cannot add tensors: a and b must broadcast, got (2, 3, 4) and (3,); (3, 1) would fit, as axes are " +
    "counted from the last",
  ],
  [
    "sub, with the smaller one first",
    (ops, x) => ops.sub(tensor([1, 2]), x),
    TypeError,
    "Cannot subtract tensors: a and b must broadcast, got (2,) and (2, 3, 4); (2, 1, 1) would fit, as " +
    "axes are counted from the last",
  ],
  [
    "div of shapes that never fit",
    (ops, x) => ops.div(x, tensor([1, 2, 3, 4, 5])),
    TypeError,
    "Cannot divide tensors: a and b must broadcast, got (2, 3, 4) and (5,); counted from the last axis, " +
    "extents must be equal or 1",
  ],
  [
    "a sum that no array holds",
    (ops) => {
      const row = tensor(new Float32Array(2 ** 20));
      return ops.add(row, ops.reshape(row, [2 ** 20, 1]));
    },
    RangeError,
    "Cannot add tensors: the result must have at most 2147483647 elements, got 1099511627776",
  ],
  [
    "mul by a number",
    (ops, x) => ops.mul(x, wrong(2)),
    TypeError,
    "Cannot multiply tensors: b must be a tensor of float32 data, got number",
  ],
  [
    "scale by a tensor",
    (ops, x) => ops.scale(x, wrong(x)),
    TypeError,
    "Cannot scale a tensor: factor must be a number, got object",
  ],
  [
    "pow by a tensor",
    (ops, x) => ops.pow(x, wrong(x)),
    RangeError,
    `Cannot apply pow: exponent must be a finite number, got an object of class SymbolicTensor`,
  ],
  [
    "a square of a number, under the name that was called",
    (ops) => ops.pow(wrong(3), 2),
    TypeError,
    "Cannot apply pow: x must be a tensor of float32 data, got number",
  ],
  [
    "pow by infinity",
    (ops, x) => ops.pow(x, Infinity),
    RangeError,
    "Cannot apply pow: exponent must be a finite number, got Infinity",
  ],
  [
    "max without a bound",
    (ops, x) => ops.max(x, wrong(undefined)),
    RangeError,
    "Cannot apply max: bound must be a finite number, got undefined",
  ],
  [
    "min with NaN",
    (ops, x) => ops.min(x, NaN),
    RangeError,
    "Cannot apply min: bound must be a finite number, got NaN",
  ],
  [
    "exp of a list",
    (ops) => ops.exp(wrong([1, 2])),
    TypeError,
    "Cannot apply exp: x must be a tensor of float32 data, got an array; tensor(data, shape) makes one " +
    "of it",
  ],
  [
    "mean over an axis that is not there",
    (ops, x) => ops.mean(x, [3]),
    RangeError,
    "Cannot take a mean: axes must be an integer from -3 to 2, got 3",
  ],
  [
    "mean of nothing",
    (ops) => ops.mean(tensor(new Float32Array(0), [0, 2]), [0]),
    RangeError,
    "Cannot take a mean: x must have elements, got none",
  ],
  [
    "sum over an axis twice",
    (ops, x) => ops.sum(x, [1, -2]),
    TypeError,
    "Cannot take a sum: axes must name every axis once, got [1, -2]",
  ],
  [
    "reshape to another size",
    (ops, x) => ops.reshape(x, [5, 5]),
    TypeError,
    "Cannot reshape a tensor: shape must have the 24 elements of x, got (5, 5)",
  ],
  [
    "reshape of a list",
    (ops) => ops.reshape(wrong([1, 2]), [2]),
    TypeError,
    "Cannot reshape a tensor: x must be a tensor of float32 data, got an array; tensor(data, shape) makes " +
    "one of it",
  ],
  [
    "transpose of nothing",
    (ops) => ops.transpose(wrong(undefined)),
    TypeError,
    "Cannot transpose a tensor: x must be a tensor of float32 data, got undefined",
  ],
  [
    "transpose of a vector",
    (ops) => ops.transpose(tensor([1, 2, 3])),
    TypeError,
    "Cannot transpose a tensor: x must have rank >= 2, got shape (3,)",
  ],
  [
    "matmul with flags that are none",
    (ops, x) => ops.matmul(x, x, { transposeA: wrong(1) }),
    TypeError,
    "Cannot multiply matrices: transposeA must be a boolean, got 1",
  ],
  [
    "matmul with another flag that is none",
    (ops, x) => ops.matmul(x, x, { transposeB: wrong("yes") }),
    TypeError,
    "Cannot multiply matrices: transposeB must be a boolean, got yes",
  ],
  [
    "matmul of what does not fit",
    (ops, x) => ops.matmul(x, tensor([[1, 2]]), { transposeB: false }),
    TypeError,
    "Cannot multiply matrices: a and b must agree in the axis that is summed (all but the last are " +
    "rows), got (2, 3, 4) and (1, 2)",
  ],
  [
    "matmul of what fits transposed",
    (ops, x) => ops.matmul(x, tensor([[1, 2, 3, 4]])),
    TypeError,
    "Cannot multiply matrices: a and b must agree in the axis that is summed (all but the last are " +
    "rows), got (2, 3, 4) and (1, 4); transposeB: true would make them fit",
  ],
  [
    "matmul of what would fit as it was",
    (ops, x) => ops.matmul(tensor([[1, 2, 3, 4]]), ops.reshape(x, [4, 6]), { transposeA: true }),
    TypeError,
    "Cannot multiply matrices: a and b must agree in the axis that is summed (all but the last are " +
    "rows), got (1, 4) transposed and (4, 6); transposeA: false would make them fit",
  ],
  [
    "a matmul that no array holds",
    (ops) => {
      const row = tensor(new Float32Array(2 ** 20), [1, 2 ** 20]);
      return ops.matmul(row, row, { transposeA: true });
    },
    RangeError,
    "Cannot multiply matrices: the result must have at most 2147483647 elements, got 1099511627776",
  ],
  [
    "a matmul of nothing that no array holds",
    (ops) => ops.matmul(tensor([], [2 ** 20, 0]), tensor([], [0, 2 ** 20])),
    RangeError,
    "Cannot multiply matrices: the result must have at most 2147483647 elements, got 1099511627776",
  ],
  [
    "matmul with a vector",
    (ops, x) => ops.matmul(x, tensor([1, 2])),
    TypeError,
    "Cannot multiply matrices: b must have rank >= 2, got shape (2,)",
  ],
  [
    "dense with a kernel of PyTorch's",
    (ops, x) => ops.dense(x, { kernel: tensor(new Float32Array(20), [5, 4]) }),
    TypeError,
    "Cannot apply dense: params.kernel must have shape (4, units) for x of shape (2, 3, 4), got (5, 4); " +
    "transposed it would fit: PyTorch keeps (units, inputs)",
  ],
  [
    "dense with a kernel of another rank",
    (ops, x) => ops.dense(x, { kernel: tensor([1, 2, 3, 4]) }),
    TypeError,
    "Cannot apply dense: params.kernel must have shape (4, units) for x of shape (2, 3, 4), got (4,)",
  ],
  [
    "dense with a bias that does not fit",
    (ops, x) => ops.dense(x, { kernel: tensor(new Float32Array(20), [4, 5]), bias: [1, 2] }),
    TypeError,
    "Cannot apply dense: params.bias must have shape (5,), got (2,)",
  ],
  [
    "dense without a kernel",
    (ops, x) => ops.dense(x, wrong({})),
    TypeError,
    "Cannot apply dense: params.kernel must be a tensor of float32 data, got undefined",
  ],
  [
    "dense with weights under other names",
    (ops, x) => ops.dense(x, wrong({ weight: x })),
    TypeError,
    "Cannot apply dense: params must have keys among kernel, bias, got weight",
  ],
  [
    "dense of a number",
    (ops) => ops.dense(tensor(1), { kernel: tensor([[1]]) }),
    TypeError,
    "Cannot apply dense: x must have an axis of inputs, got shape ()",
  ],
  [
    "softmaxCrossEntropy of numbers of classes",
    (ops, x) => ops.softmaxCrossEntropy(x, ops.sum(x, [2])),
    TypeError,
    "Cannot take a cross entropy: labels must hold probabilities in the shape of logits, (2, 3, 4), got " +
    "shape (2, 3); the number of a class is given as a row with a 1 in its place",
  ],
  [
    "softmaxCrossEntropy of a number for labels",
    (ops, x) => ops.softmaxCrossEntropy(x, wrong(3)),
    TypeError,
    "Cannot take a cross entropy: labels must be a tensor of float32 data, got number",
  ],
  [
    "softmaxCrossEntropy of other labels",
    (ops, x) => ops.softmaxCrossEntropy(x, tensor([1, 2])),
    TypeError,
    "Cannot take a cross entropy: labels must hold probabilities in the shape of logits, (2, 3, 4), got " +
    "shape (2,)",
  ],
  [
    "softmaxCrossEntropy without classes",
    (ops) => ops.softmaxCrossEntropy(tensor(1), tensor(1)),
    TypeError,
    "Cannot take a cross entropy: logits must have a last axis of at least one class, got shape ()",
  ],
  [
    "l1 with a negative factor",
    (ops, x) => ops.l1(x, -1),
    RangeError,
    "Cannot apply l1: factor must be a finite number >= 0, got -1",
  ],
  [
    "l2 of no tensor",
    (ops) => ops.l2(wrong(3)),
    TypeError,
    "Cannot apply l2: x must be a tensor of float32 data, got number",
  ],
  [
    "maxNorm with an unknown option",
    (ops, x) => ops.maxNorm(x, wrong({ maximum: 2 })),
    TypeError,
    "Cannot apply maxNorm: options must have keys among max, axis, got maximum",
  ],
  [
    "minMaxNorm with limits in the wrong order",
    (ops, x) => ops.minMaxNorm(x, { min: 2, max: 1 }),
    RangeError,
    "Cannot apply minMaxNorm: max must be >= min, got 1 and 2",
  ],
  [
    "unitNorm along an axis that is not there",
    (ops, x) => ops.unitNorm(x, { axis: 3 }),
    RangeError,
    "Cannot apply unitNorm: axis must be an integer from -3 to 2, got 3",
  ],
];

describe("the arithmetic of pipelines refuses", () => {
  for (const [what, fn, type, text] of cases) {
    it(what, async () => {
      // The names of classes are other ones in a minified page.
      const shown = text.replace("SymbolicTensor", (await symbolic()).constructor.name);
      await assertRejected(() => pipeline(fn, { runtime })(x), type, shown);
    });
  }
});

/** A tensor as functions of pipelines see it. */
async function symbolic(): Promise<Tensor> {
  let seen: Tensor | undefined;
  await pipeline((ops, x: Tensor) => ops.neg(seen = x), { runtime })(x);
  return seen!;
}

/**
 * Calls of every op that goes forward, with each of its options.
 *
 * @module
 */
import {
  type Activation,
  activations,
  type DataFormat,
  gdnVariables,
  type Moments,
  type PipelineOps,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { randomTensor } from "../support/random.ts";

/** Tensors by name. */
export type Inputs = Readonly<Record<string, Tensor>>;

/** A function of ops, and tensors for it. */
export interface Case {
  readonly fn: (ops: PipelineOps, input: Inputs) => Tensor | Inputs | Moments;
  readonly input: Inputs;
  /** Whether the batch is fixed by what the function does. */
  readonly fixed?: true;
}

/** Numbers from 0.5 to 1.5: parameters, and what must be positive. */
export function positive(shape: readonly number[], seed: number): Tensor {
  const { data } = randomTensor(shape, { seed });
  return tensor(data.map((value) => 1 + 0.5 * Math.sin(7 * value)), shape);
}

const CHANNELS = 6;

/** An x for each data format. */
const SHAPES: readonly (readonly [DataFormat, readonly number[]])[] = [
  ["NHWC", [3, 5, 4, CHANNELS]],
  ["NCHW", [3, CHANNELS, 5, 4]],
  ["NWC", [2, 7, CHANNELS]],
  ["NCW", [2, CHANNELS, 7]],
  ["NDHWC", [2, 3, 2, 4, CHANNELS]],
  ["NCDHW", [2, CHANNELS, 3, 2, 4]],
  ["channelsLast", [5, CHANNELS]],
  ["channelsFirst", [5, CHANNELS]],
];

const beta = positive([CHANNELS], 1);
const gamma = positive([CHANNELS], 2);
const affine = { beta, gamma };
const matrix = tensor(positive([CHANNELS, CHANNELS], 3).data.map((v) => v / 5), [
  CHANNELS,
  CHANNELS,
]);
const effective = { beta, gamma: matrix };
const state = { movingMean: randomTensor([CHANNELS], { seed: 4 }), movingVariance: gamma };
const renorm = { movingStddev: gamma, renormMean: beta, renormStddev: gamma };

/** An x off centre, as activations are, but not far. */
function ordinary(shape: readonly number[], seed = 5): Tensor {
  return randomTensor(shape, { seed, mean: 0.5, stddev: 2 });
}

const image = ordinary([3, 5, 4, CHANNELS]);
const rows = ordinary([5, 7]);

/** A case of x alone. */
function of(x: Tensor, fn: (ops: PipelineOps, x: Tensor) => Tensor | Moments): Case {
  return { fn: (ops, { x }) => fn(ops, x), input: { x } };
}

/** The same for every data format. */
function inEachFormat(
  name: string,
  fn: (ops: PipelineOps, x: Tensor, dataFormat: DataFormat) => Tensor,
): Record<string, Case> {
  return Object.fromEntries(
    SHAPES.map(([format, shape]) => [
      `${name} ${format} of rank ${shape.length}`,
      of(ordinary(shape), (ops, x) => fn(ops, x, format)),
    ]),
  );
}

/** The same for options by what they are called. */
function forEach<T>(
  name: string,
  options: Readonly<Record<string, T>>,
  make: (options: T) => Case,
): Record<string, Case> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [`${name} ${key}`, make(value)]),
  );
}

const EXPONENTS = [[1, 1], [2, 1], [1, 0.5], [1.5, 0.75]] as const;

const gdnCases = {
  ...inEachFormat("gdn", (ops, x, dataFormat) => ops.gdn(x, effective, { dataFormat })),
  ...inEachFormat(
    "IGDN",
    (ops, x, dataFormat) => ops.gdn(x, effective, { dataFormat, inverse: true }),
  ),
  ...forEach(
    "gdn with exponents",
    Object.fromEntries(EXPONENTS.map((pair) => [pair.join(" and "), pair])),
    ([alphaParameter, epsilonParameter]) =>
      of(image, (ops, x) => ops.gdn(x, effective, { alphaParameter, epsilonParameter })),
  ),
  "gdn with rectify": of(image, (ops, x) => ops.gdn(x, effective, { rectify: true })),
  "gdn of stored parameters": of(image, (ops, x) => ops.gdn(x, gdnVariables(effective))),
  "gdn of stored parameters below bounds": of(image, (ops, x) => {
    const { reparamBeta, reparamGamma } = gdnVariables(effective);
    const less = ({ shape, data }: Tensor) => tensor(data.map((v) => v - 0.6), shape);
    const stored = { reparamBeta: less(reparamBeta), reparamGamma: less(reparamGamma) };
    return ops.gdn(x, stored, { betaMin: 0.25, reparamOffset: 0.125 });
  }),
  ...forEach(
    "gdn of parameters that are inputs",
    { NHWC: image, NCHW: ordinary([3, CHANNELS, 5, 4]) },
    (x) => ({
      fn: (ops, { x, b, g }) => {
        const dataFormat = x.shape[1] === CHANNELS ? "NCHW" : "NHWC";
        return ops.gdn(x, { reparamBeta: b, reparamGamma: g }, { dataFormat });
      },
      input: { x, b: beta, g: matrix },
    }),
  ),
};

const groupNormCases = {
  ...inEachFormat("groupNorm", (ops, x, dataFormat) => {
    return ops.groupNorm(x, affine, { groups: 2, dataFormat });
  }),
  ...forEach(
    "groupNorm with",
    {
      "one group": { groups: 1 },
      "a group for each channel": { groups: -1 },
      "channels in the middle": { groups: 1, channelsAxis: 2 },
      "channels in the middle, and axes": { groups: 2, channelsAxis: 2, reductionAxes: [1] },
      "axes of the batch": { groups: 2, reductionAxes: [0, 1, 2] },
      "the batch alone": { groups: -1, reductionAxes: [0] },
      "no axes": { groups: 2, reductionAxes: [], epsilon: 0.25 }, // three elements in a set
      "one axis": { groups: 3, reductionAxes: [2] },
      "an epsilon": { groups: 2, epsilon: 0.25 },
      "no center": { groups: 2, center: false },
      "no scale": { groups: 2, scale: false },
      "neither": { groups: 2, center: false, scale: false },
      "meanCloseToZero": { groups: 2, meanCloseToZero: true },
    },
    (options) => {
      const channels = image.shape[options.channelsAxis ?? 3] ?? CHANNELS;
      const params = channels === CHANNELS
        ? affine
        : { beta: positive([channels], 1), gamma: positive([channels], 2) };
      return of(image, (ops, x) => ops.groupNorm(x, params, options));
    },
  ),
  ...forEach(
    "groupNorm NCHW with",
    {
      "axes of the batch": { groups: 2, reductionAxes: [0, 2, 3] },
      "axes of the batch, and a group for each": { groups: -1, reductionAxes: [0, 2, 3] },
      "no center": { groups: 3, center: false },
    },
    (options) =>
      of(
        ordinary([3, CHANNELS, 5, 4]),
        (ops, x) => ops.groupNorm(x, affine, { channelsAxis: 1, ...options }),
      ),
  ),
  "groupNorm of parameters that are inputs": {
    fn: (ops, { x, gamma, beta }) => ops.groupNorm(x, { gamma, beta }, { groups: 2 }),
    input: { x: image, gamma, beta },
  },
} satisfies Record<string, Case>;

const normCases = {
  ...inEachFormat("instanceNorm", (ops, x, dataFormat) => {
    return ops.instanceNorm(x, affine, { dataFormat, epsilon: 0.01 });
  }),
  "instanceNorm without parameters": of(image, (ops, x) => ops.instanceNorm(x)),
  "layerNorm": of(rows, (ops, x) => ops.layerNorm(x)),
  "layerNorm of one axis": { ...of(ordinary([7]), (ops, x) => ops.layerNorm(x)), fixed: true },
  "layerNorm with parameters": of(
    image,
    (ops, x) => ops.layerNorm(x, affine, { epsilon: 0.01, activation: "relu" }),
  ),
  "layerNorm with gamma alone": of(image, (ops, x) => ops.layerNorm(x, { gamma })),
  "layerNorm with beta alone": of(image, (ops, x) => ops.layerNorm(x, { beta: [...beta.data] })),
  "layerNorm over axes": of(
    image,
    (ops, x) =>
      ops.layerNorm(x, { gamma: positive([4, CHANNELS], 1), beta: positive([4, CHANNELS], 2) }, {
        axes: [-1, -2],
      }),
  ),
  ...inEachFormat("rmsNorm", (ops, x, dataFormat) => ops.rmsNorm(x, { gamma }, { dataFormat })),
  "rmsNorm with an epsilon": of(image, (ops, x) => ops.rmsNorm(x, {}, { epsilon: 0.5 })),
} satisfies Record<string, Case>;

const batchNormCases = {
  ...inEachFormat("batchNorm", (ops, x, dataFormat) => {
    return ops.batchNorm(x, affine, state, { training: false, dataFormat }).y;
  }),
  ...forEach(
    "batchNorm with",
    {
      "an epsilon": { epsilon: 0.25 },
      "no center": { center: false },
      "no scale": { scale: false },
      "neither, NCHW": { center: false, scale: false, dataFormat: "NCHW" as const },
      "an activation": { activation: "relu" as const },
      "renorm": { renorm: true },
    },
    (options) => {
      const x = "dataFormat" in options ? ordinary([3, CHANNELS, 5, 4]) : image;
      return of(
        x,
        (ops, x) =>
          ops.batchNorm(x, affine, { ...state, renorm }, { training: false, ...options }).y,
      );
    },
  ),
  ...forEach(
    "batchNorm of a state that is an input",
    { NHWC: image, NCHW: ordinary([3, CHANNELS, 5, 4]) },
    (x) => ({
      fn: (ops, { x, mean, variance }) => {
        const dataFormat = x.shape[1] === CHANNELS ? "NCHW" : "NHWC";
        const given = { movingMean: mean, movingVariance: variance };
        const { y, state } = ops.batchNorm(x, affine, given, { training: false, dataFormat });
        return { y, after: state.movingMean };
      },
      input: { x, mean: beta, variance: gamma },
    }),
  ),
} satisfies Record<string, Case>;

const activationCases = {
  ...forEach(
    "activate",
    Object.fromEntries(activations.map((name) => [name, name])) as Record<string, Activation>,
    (name) => of(rows, (ops, x) => ops.activate(x, name)),
  ),
  ...forEach(
    "groupNorm with the activation",
    Object.fromEntries(activations.map((name) => [name, name])) as Record<string, Activation>,
    (activation) => of(image, (ops, x) => ops.groupNorm(x, affine, { groups: 2, activation })),
  ),
} satisfies Record<string, Case>;

const momentsCases = {
  "moments": { ...of(image, (ops, x) => ops.moments(x)), fixed: true },
  "moments NCHW": {
    ...of(ordinary([3, CHANNELS, 5, 4]), (ops, x) => ops.moments(x, { dataFormat: "NCHW" })),
    fixed: true,
  },
  "moments over axes": of(image, (ops, x) => ops.moments(x, { axes: [1, -1] })),
  "moments of groups": of(
    image,
    (ops, x) => ops.moments(x, { groups: 2, channelsAxis: -1, reductionAxes: [1] }),
  ),
  "moments with weights": {
    fn: (ops, { x, w }) => ops.moments(x, { batchWeights: w }),
    input: { x: image, w: positive([3], 6) },
  },
  "moments with weights of items": {
    fn: (ops, { x, w }) => ops.moments(x, { axes: [1, 2], batchWeights: w }),
    input: { x: image, w: positive([3], 6) },
  },
  "moments with weights that are captured": {
    ...of(image, (ops, x) => ops.moments(x, { batchWeights: [1, 2, 0.5] })),
    fixed: true,
  },
} satisfies Record<string, Case>;

const labels = tensor([[0, 1, 0], [0.25, 0.25, 0.5]]);

const arithmeticCases = {
  ...forEach(
    "of two tensors:",
    { add: "add", sub: "sub", mul: "mul", div: "div" } as const,
    (name) => ({
      fn: (ops, { a, b }) => ops[name](a, b),
      input: { a: image, b: positive([3, 1, 4, 1], 7) },
    }),
  ),
  ...forEach(
    "of a constant:",
    { add: "add", sub: "sub", mul: "mul", div: "div" } as const,
    (name) => of(image, (ops, x) => ops[name](x, gamma)),
  ),
  ...forEach(
    "of one tensor:",
    { neg: "neg", abs: "abs", square: "square", exp: "exp", round: "round" } as const,
    (name) => of(rows, (ops, x) => ops[name](x)),
  ),
  "round of halves": of(tensor([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]), (ops, x) => ops.round(x)),
  ...forEach(
    "of one positive tensor:",
    { sqrt: "sqrt", log: "log" } as const,
    (name) => of(positive([5, 7], 8), (ops, x) => ops[name](x)),
  ),
  "scale": of(rows, (ops, x) => ops.scale(x, -0.3)),
  ...forEach(
    "pow",
    { "0": 0, "1": 1, "2": 2, "3": 3, "-1": -1, "0.5": 0.5, "-1.3": -1.3 },
    (exponent) => of(positive([5, 7], 8), (ops, x) => ops.pow(x, exponent)),
  ),
  "pow 3 of negative numbers": of(rows, (ops, x) => ops.pow(x, 3)),
  "max": of(rows, (ops, x) => ops.max(x, 0.3)),
  "min": of(rows, (ops, x) => ops.min(x, 0.3)),
  "nonNeg": of(rows, (ops, x) => ops.nonNeg(x)),
  ...forEach(
    "over axes",
    { "[0]": [0], "[1, -1]": [1, -1], "[]": [], "all": undefined },
    (axes) => ({
      fn: (ops, { x }) => ({ mean: ops.mean(x, axes), sum: ops.sum(x, axes) }),
      input: { x: image },
    }),
  ),
  "reshape": of(image, (ops, x) => ops.reshape(x, [x.shape[0] * 5, 2, 12])),
  "reshape twice": of(
    image,
    (ops, x) => ops.reshape(ops.reshape(x, [x.shape[0], 120]), [x.shape[0], 20, 6]),
  ),
  "transpose": of(image, (ops, x) => ops.transpose(x)),
  "transpose twice": of(image, (ops, x) => ops.neg(ops.transpose(ops.transpose(x)))),
  ...forEach(
    "matmul",
    {
      "": {},
      "with a transposed": { transposeA: true },
      "with b transposed": { transposeB: true },
      "with both transposed": { transposeA: true, transposeB: true },
    },
    (options) => ({
      fn: (ops, { a, b }) => ops.matmul(a, b, options),
      input: {
        a: ordinary("transposeA" in options ? [2, 3, 5] : [2, 2, 6], 9),
        b: ordinary("transposeB" in options ? [4, 6] : [6, 4], 10),
      },
      ...("transposeA" in options && { fixed: true }),
    }),
  ),
  "dense": of(image, (ops, x) => ops.dense(x, { kernel: matrix, bias: beta })),
  "dense without bias": of(ordinary([4, CHANNELS]), (ops, x) => ops.dense(x, { kernel: matrix })),
  "softmaxCrossEntropy": {
    fn: (ops, { logits, labels }) => ops.softmaxCrossEntropy(logits, labels),
    input: { logits: tensor([[1, -2, 3], [80, 81, 79]]), labels },
  },
  "l1 and l2": {
    fn: (ops, { x }) => ({ l1: ops.l1(x, 0.5), l2: ops.l2(x) }),
    input: { x: rows },
  },
  "maxNorm": of(rows, (ops, x) => ops.maxNorm(x, { max: 3, axis: 1 })),
  "unitNorm": of(rows, (ops, x) => ops.unitNorm(x, { axis: [0, 1] })),
  "minMaxNorm": of(rows, (ops, x) => ops.minMaxNorm(x, { min: 1, max: 3, rate: 0.25, axis: -1 })),
  "stopGradient": of(rows, (ops, x) => ops.neg(ops.stopGradient({ x }).x)),
} satisfies Record<string, Case>;

const compositions = {
  "gdn, a dense layer and norms": {
    fn: (ops, { x, other }) => {
      const h = ops.gdn(x, effective);
      const n = ops.groupNorm(h, affine, { groups: 3, activation: "swish" });
      const m = ops.instanceNorm(n, {}, { activation: "gelu" });
      return { features: m, logits: ops.layerNorm(ops.add(ops.mean(m, [1, 2]), other)) };
    },
    input: { x: image, other: ordinary([3, CHANNELS], 11) },
  },
  "inputs and constants that are returned": {
    fn: (_, { x, y }) => ({ x, z: y, same: x, constant: beta }),
    input: { x: rows, y: ordinary([5, 2], 12) },
  },
} satisfies Record<string, Case>;

/** All cases by name. */
export const cases: Readonly<Record<string, Case>> = {
  ...gdnCases,
  ...groupNormCases,
  ...normCases,
  ...batchNormCases,
  ...activationCases,
  ...momentsCases,
  ...arithmeticCases,
  ...compositions,
};

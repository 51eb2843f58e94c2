import { assertEquals, assertThrows } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import {
  batchNorm,
  type BatchNormState,
  createRuntime,
  gdn,
  gdnParams,
  gdnParamsFromCompressAI,
  gdnVariables,
  groupNorm,
  initBatchNorm,
  initGdn,
  initGroupNorm,
  initLayerNorm,
  instanceNorm,
  layerNorm,
  mergeMoments,
  moments,
  pipeline,
  type PipelineOps,
  type Runtime,
  type Tensor,
  tensor,
} from "../mod.ts";
import { assertRejected } from "./reject.ts";

/** A wrong call and the error that it gives; `any` stands for what the types would refuse. */
// deno-lint-ignore no-explicit-any
type Wrong = [what: string, args: any[], type: typeof TypeError | typeof RangeError, text: string];

const x = tensor(new Float32Array(2 * 3 * 4), [2, 3, 4]);
const flat = tensor(new Float32Array(4));
const broken = { shape: [2, 4], data: new Float32Array(7) };
const four = [1, 1, 1, 1];

let runtime: Runtime;

/** One test for each wrong call: it rejects with the text, and nothing has run. */
// deno-lint-ignore no-explicit-any
function refuses(action: string, op: (...args: any[]) => Promise<unknown>, wrong: Wrong[]): void {
  for (const [what, args, type, text] of wrong) {
    it(`refuses ${what}`, async () => {
      const before = runtime.stats();
      await assertRejected(() => op(...args), type, `Cannot ${action}: ${text}`);
      assertEquals(runtime.stats(), before);
    });
  }
}

before(async () => {
  runtime = await createRuntime({ backend: "cpu" });
});
after(() => runtime.dispose());

/** What every op says of an x that is no tensor. */
const wrongTensors = (rest: unknown[]): Wrong[] => [
  ["no x", [undefined, ...rest], TypeError, "x must be a tensor of float32 data, got undefined"],
  ["null", [null, ...rest], TypeError, "x must be a tensor of float32 data, got null"],
  [
    "a nested array",
    [[[1, 2]], ...rest],
    TypeError,
    "x must be a tensor of float32 data, got an object of class Array",
  ],
  [
    "float64 data",
    [{ shape: [2, 4], data: new Float64Array(8) }, ...rest],
    TypeError,
    "x must be a tensor of float32 data, got an object of class Object",
  ],
  [
    "data that do not fill the shape",
    [broken, ...rest],
    TypeError,
    "x must have 8 elements for shape (2, 4), got 7",
  ],
];

describe("gdn", () => {
  const params = initGdn(4);
  const gamma = tensor(new Float32Array(16), [4, 4]);
  refuses("apply gdn", gdn, [
    ...wrongTensors([params]),
    ["rank 1", [flat, params], TypeError, "x must have rank 2 to 5, got shape (4,)"],
    [
      "rank 6",
      [tensor(new Float32Array(4), [1, 1, 1, 1, 1, 4]), params],
      TypeError,
      "x must have rank 2 to 5, got shape (1, 1, 1, 1, 1, 4)",
    ],
    [
      "an unknown format",
      [x, params, { dataFormat: "NHCW" }],
      TypeError,
      "dataFormat must be one of NHWC, NCHW, channelsLast, channelsFirst, NWC, NCW, NDHWC, NCDHW, got NHCW",
    ],
    [
      "a format of another rank",
      [x, params, { dataFormat: "NDHWC" }],
      TypeError,
      "x must have rank 5 for dataFormat NDHWC, got shape (2, 3, 4)",
    ],
    [
      "an inverse that is no flag",
      [x, params, { inverse: 1 }],
      TypeError,
      "inverse must be a boolean, got 1",
    ],
    [
      "a rectify that is no flag",
      [x, params, { rectify: "yes" }],
      TypeError,
      "rectify must be a boolean, got yes",
    ],
    ["alpha 0", [x, params, { alpha: 0 }], RangeError, "alpha must be a finite number > 0, got 0"],
    [
      "alpha NaN",
      [x, params, { alpha: NaN }],
      RangeError,
      "alpha must be a finite number > 0, got NaN",
    ],
    [
      "epsilon -1",
      [x, params, { epsilon: -1 }],
      RangeError,
      "epsilon must be a finite number > 0, got -1",
    ],
    [
      "epsilon in words",
      [x, params, { epsilon: "0.5" }],
      RangeError,
      "epsilon must be a finite number > 0, got 0.5",
    ],
    [
      "a negative betaMin",
      [x, params, { betaMin: -1 }],
      RangeError,
      "betaMin must be a finite number >= 0, got -1",
    ],
    [
      "an infinite reparamOffset",
      [x, params, { reparamOffset: Infinity }],
      RangeError,
      "reparamOffset must be a finite number >= 0, got Infinity",
    ],
    [
      "an unknown option",
      [x, params, { groups: 2 }],
      TypeError,
      "options must have keys among inverse, dataFormat, alpha, epsilon, rectify, betaMin, reparamOffset, runtime, got groups",
    ],
    ["no params", [x, undefined], TypeError, "params must be an object, got undefined"],
    [
      "empty params",
      [x, {}],
      TypeError,
      "params must be beta and gamma or reparamBeta and reparamGamma, got neither",
    ],
    [
      "half of params",
      [x, { beta: four }],
      TypeError,
      "params must be beta and gamma or reparamBeta and reparamGamma, got beta",
    ],
    [
      "both forms",
      [x, { ...params, beta: four }],
      TypeError,
      "params must be beta and gamma or reparamBeta and reparamGamma, got beta, reparamBeta, reparamGamma",
    ],
    [
      "an unknown param",
      [x, { ...params, delta: 1 }],
      TypeError,
      "params must have keys among beta, gamma, reparamBeta, reparamGamma, got delta",
    ],
    ["a short beta", [x, { beta: [1], gamma }], TypeError, "beta must have shape (4,), got (1,)"],
    [
      "a flat gamma",
      [x, { beta: four, gamma: new Float32Array(16) }],
      TypeError,
      "gamma must have shape (4, 4), got (16,)",
    ],
    [
      "a beta of words",
      [x, { beta: ["a", "b", "c", "d"], gamma }],
      TypeError,
      "beta must hold numbers, got an object of class Array",
    ],
    [
      "a runtime that is none",
      [x, params, { runtime: {} }],
      TypeError,
      "runtime must come from createRuntime, got object",
    ],
  ]);

  it("refuses wrong channels and bounds in its helpers", () => {
    const texts = [
      assertThrows(() => initGdn(0), RangeError).message,
      assertThrows(() => initGdn(2, { gammaInit: -1 }), RangeError).message,
      assertThrows(() => initGdn(2, { reparamOffset: NaN }), RangeError).message,
      assertThrows(() => gdnParams({ reparamBeta: [1], reparamGamma: gamma }), TypeError).message,
      assertThrows(() => gdnVariables({ beta: [1, 1, 1, 1], gamma: [1] }), TypeError).message,
      assertThrows(() => gdnParamsFromCompressAI({ beta: [1, 1, 1, 1], gamma: flat }), TypeError)
        .message,
    ];
    assertEquals(texts, [
      "Cannot initialize gdn: channels must be an integer >= 1, got 0",
      "Cannot initialize gdn: gammaInit must be a finite number >= 0, got -1",
      "Cannot initialize gdn: reparamOffset must be a finite number >= 0, got NaN",
      "Cannot convert gdn variables: reparamBeta must have shape (4,), got (1,)",
      "Cannot convert gdn parameters: gamma must be a tensor of float32 data, got an object of class Array",
      "Cannot convert CompressAI weights: gamma must have shape (4, 4), got (4,)",
    ]);
  });
});

describe("groupNorm", () => {
  const two = { groups: 2 };
  refuses("apply groupNorm", groupNorm, [
    ...wrongTensors([{}, two]),
    ["rank 1", [flat, {}, two], TypeError, "x must have rank >= 2, got shape (4,)"],
    [
      "groups that do not divide",
      [x, {}, { groups: 3 }],
      RangeError,
      "groups must divide the 4 channels of x, got 3",
    ],
    [
      "more groups than channels",
      [x, {}, {}],
      RangeError,
      "groups must divide the 4 channels of x, got 32",
    ],
    [
      "no groups",
      [x, {}, { groups: 0 }],
      RangeError,
      "groups must be an integer >= 1 or -1, got 0",
    ],
    [
      "groups below -1",
      [x, {}, { groups: -2 }],
      RangeError,
      "groups must be an integer >= 1 or -1, got -2",
    ],
    [
      "half a group",
      [x, {}, { groups: 0.5 }],
      RangeError,
      "groups must be an integer >= 1 or -1, got 0.5",
    ],
    [
      "the batch as channels",
      [x, {}, { groups: 1, channelsAxis: 0 }],
      RangeError,
      "channelsAxis must not be the batch axis, got 0",
    ],
    [
      "the batch as channels from the end",
      [x, {}, { groups: 1, channelsAxis: -3 }],
      RangeError,
      "channelsAxis must not be the batch axis, got -3",
    ],
    [
      "an axis beyond the rank",
      [x, {}, { groups: 1, channelsAxis: 3 }],
      RangeError,
      "channelsAxis must be an integer from -3 to 2, got 3",
    ],
    [
      "two ways to name the channels",
      [x, {}, { groups: 1, channelsAxis: 1, dataFormat: "NCW" }],
      TypeError,
      "channelsAxis must not be given with dataFormat, got 1 and NCW",
    ],
    [
      "a pooled axis beyond the rank",
      [x, {}, { ...two, reductionAxes: [1, 3] }],
      RangeError,
      "reductionAxes must be an integer from -3 to 2, got 3",
    ],
    [
      "the channels as a pooled axis",
      [x, {}, { ...two, reductionAxes: [1, -1] }],
      TypeError,
      "reductionAxes must not hold the channels axis 2, got [1, -1]",
    ],
    [
      "an axis twice",
      [x, {}, { ...two, reductionAxes: [1, -2] }],
      TypeError,
      "reductionAxes must name every axis once, got [1, -2]",
    ],
    [
      "axes that are no list",
      [x, {}, { ...two, reductionAxes: 1 }],
      TypeError,
      "reductionAxes must be an array of axes, got 1",
    ],
    [
      "epsilon below 0",
      [x, {}, { ...two, epsilon: -1e-9 }],
      RangeError,
      "epsilon must be a finite number >= 0, got -1e-9",
    ],
    [
      "epsilon NaN",
      [x, {}, { ...two, epsilon: NaN }],
      RangeError,
      "epsilon must be a finite number >= 0, got NaN",
    ],
    [
      "an unknown activation",
      [x, {}, { ...two, activation: "selu" }],
      TypeError,
      "activation must be one of none, relu, relu6, leakyRelu, elu, sigmoid, tanh, softplus, swish, gelu, got selu",
    ],
    [
      "meanCloseToZero that is no flag",
      [x, {}, { ...two, meanCloseToZero: 1 }],
      TypeError,
      "meanCloseToZero must be a boolean, got 1",
    ],
    [
      "scale without gamma",
      [x, { beta: four }, { ...two, scale: true }],
      TypeError,
      "params.gamma must be given with scale: true, got undefined",
    ],
    [
      "center without beta",
      [x, {}, { ...two, center: true }],
      TypeError,
      "params.beta must be given with center: true, got undefined",
    ],
    [
      "a flag that is none",
      [x, {}, { ...two, center: 0 }],
      TypeError,
      "center must be a boolean, got 0",
    ],
    [
      "a long gamma",
      [x, { gamma: [1, 1, 1, 1, 1] }, two],
      TypeError,
      "gamma must have shape (4,), got (5,)",
    ],
    [
      "a gamma of another rank",
      [x, { gamma: tensor([four]) }, two],
      TypeError,
      "gamma must have shape (4,), got (1, 4)",
    ],
    [
      "a gamma that is a number",
      [x, { gamma: 1 }, two],
      TypeError,
      "gamma must be a tensor of float32 data, got number",
    ],
    [
      "an unknown param",
      [x, { weight: four }, two],
      TypeError,
      "params must have keys among beta, gamma, got weight",
    ],
    ["params that are no object", [x, null, two], TypeError, "params must be an object, got null"],
    ["options that are no object", [x, {}, 2], TypeError, "options must be an object, got 2"],
  ]);
});

describe("instanceNorm", () => {
  refuses("apply instanceNorm", instanceNorm, [
    ...wrongTensors([]),
    [
      "groups",
      [x, {}, { groups: 2 }],
      TypeError,
      "options must have keys among dataFormat, center, scale, epsilon, activation, runtime, got groups",
    ],
    ["rank 1", [flat], TypeError, "x must have rank 2 to 5, got shape (4,)"],
  ]);
});

describe("layerNorm", () => {
  refuses("apply layerNorm", layerNorm, [
    ...wrongTensors([]),
    [
      "axes that are not the last",
      [x, {}, { axes: [1] }],
      TypeError,
      "axes must be the last axes of x, got [1] for shape (2, 3, 4)",
    ],
    [
      "axes with a gap",
      [x, {}, { axes: [0, 2] }],
      TypeError,
      "axes must be the last axes of x, got [0, 2] for shape (2, 3, 4)",
    ],
    [
      "no axes",
      [x, {}, { axes: [] }],
      TypeError,
      "axes must be the last axes of x, got [] for shape (2, 3, 4)",
    ],
    [
      "an axis beyond the rank",
      [x, {}, { axes: [3] }],
      RangeError,
      "axes must be an integer from -3 to 2, got 3",
    ],
    [
      "gamma per channel for two axes",
      [x, { gamma: four }, { axes: [1, 2] }],
      TypeError,
      "gamma must have shape (3, 4), got (4,)",
    ],
    [
      "a data format",
      [x, {}, { dataFormat: "NHWC" }],
      TypeError,
      "options must have keys among axes, center, scale, epsilon, activation, runtime, got dataFormat",
    ],
  ]);

  it("and groupNorm refuse wrong extents in their init functions", () => {
    const texts = [
      assertThrows(() => initGroupNorm(1.5), RangeError).message,
      assertThrows(() => initLayerNorm([2, 0]), RangeError).message,
      assertThrows(() => initGroupNorm(2, { center: 1 as unknown as boolean }), TypeError).message,
      assertThrows(() => initGroupNorm(2, { initializers: { beta: () => tensor([1]) } }), TypeError)
        .message,
      assertThrows(() => initGroupNorm(2, { gain: 1 } as object), TypeError).message,
    ];
    assertEquals(texts, [
      "Cannot initialize groupNorm: channels must be an integer >= 1, got 1.5",
      "Cannot initialize layerNorm: shape must be an integer >= 1, got 0",
      "Cannot initialize groupNorm: center must be a boolean, got 1",
      "Cannot initialize groupNorm: initializers.beta's result must have shape (2,), got (1,)",
      "Cannot initialize groupNorm: options must have keys among center, scale, initializers, got gain",
    ]);
  });
});

describe("batchNorm", () => {
  const { params, state } = initBatchNorm(4);
  const renorm = initBatchNorm(4, { renorm: true }).state;
  const debias = initBatchNorm(4, { zeroDebiasMovingMean: true }).state;
  const summary = { count: 5, mean: flat, m2: flat };
  // deno-lint-ignore no-explicit-any
  const call = (options: any, given: any = state) => [x, params, given, options];
  const both = (a: string, b: string) => `${a} must not be combined with ${b}, got both`;
  refuses("apply batchNorm", batchNorm, [
    ...wrongTensors([params, state]),
    ["decay above 1", call({ decay: 1.1 }), RangeError, "decay must be from 0 to 1, got 1.1"],
    ["decay NaN", call({ decay: NaN }), RangeError, "decay must be from 0 to 1, got NaN"],
    [
      "renormDecay below 0",
      call({ renormDecay: -0.1 }),
      RangeError,
      "renormDecay must be from 0 to 1, got -0.1",
    ],
    [
      "epsilon below 0",
      call({ epsilon: -1 }),
      RangeError,
      "epsilon must be a finite number >= 0, got -1",
    ],
    [
      "training in words",
      call({ training: "yes" }),
      TypeError,
      "training must be a boolean, got yes",
    ],
    ["fused null", call({ fused: null }), TypeError, "fused must be a boolean, got null"],
    [
      "unbiasedMovingVariance 1",
      call({ unbiasedMovingVariance: 1 }),
      TypeError,
      "unbiasedMovingVariance must be a boolean, got 1",
    ],
    [
      "decay 1 with zero debias",
      call({ zeroDebiasMovingMean: true, decay: 1 }, debias),
      RangeError,
      "decay must be < 1 with zeroDebiasMovingMean, got 1",
    ],
    [
      "renorm with zero debias",
      call({ renorm: true, zeroDebiasMovingMean: true }, renorm),
      TypeError,
      both("renorm", "zeroDebiasMovingMean"),
    ],
    [
      "renorm with weights",
      call({ renorm: true, batchWeights: [1, 1] }, renorm),
      TypeError,
      both("renorm", "batchWeights"),
    ],
    [
      "renorm with moments",
      call({ renorm: true, moments: summary }, renorm),
      TypeError,
      both("renorm", "moments"),
    ],
    [
      "renorm with unbiased variance",
      call({ renorm: true, unbiasedMovingVariance: true }, renorm),
      TypeError,
      both("renorm", "unbiasedMovingVariance: true"),
    ],
    [
      "weights with moments",
      call({ batchWeights: [1, 1], moments: summary }),
      TypeError,
      both("batchWeights", "moments"),
    ],
    [
      "weights with unbiased variance",
      call({ batchWeights: [1, 1], unbiasedMovingVariance: true }),
      TypeError,
      both("batchWeights", "unbiasedMovingVariance: true"),
    ],
    [
      "moments in inference",
      call({ training: false, moments: summary }),
      TypeError,
      both("moments", "training: false"),
    ],
    [
      "an unknown clipping",
      call({ renorm: true, renormClipping: { dmin: 1 } }, renorm),
      TypeError,
      "renormClipping must have keys among rmin, rmax, dmax, got dmin",
    ],
    [
      "crossed clipping",
      call({ renormClipping: { rmin: 2, rmax: 1 } }),
      RangeError,
      "renormClipping.rmax must be >= rmin, got 1 and 2",
    ],
    [
      "a negative dmax",
      call({ renormClipping: { dmax: -1 } }),
      RangeError,
      "renormClipping.dmax must be >= 0, got -1",
    ],
    [
      "rmax NaN",
      call({ renormClipping: { rmax: NaN } }),
      RangeError,
      "renormClipping.rmax must be a finite number, got NaN",
    ],
    [
      "weights of another length",
      call({ batchWeights: [1, 1, 1] }),
      TypeError,
      "batchWeights must have shape (2,), got (3,)",
    ],
    [
      "a negative weight",
      call({ batchWeights: [2, -1] }),
      RangeError,
      "batchWeights must be finite numbers >= 0, got -1",
    ],
    [
      "a weight of NaN",
      call({ batchWeights: [2, NaN] }),
      RangeError,
      "batchWeights must be finite numbers >= 0, got NaN",
    ],
    [
      "weights of 0",
      call({ batchWeights: [0, 0] }),
      RangeError,
      "batchWeights must have a sum > 0, got 0",
    ],
    [
      "moments of another length",
      call({ moments: { ...summary, mean: [1] } }),
      TypeError,
      "moments.mean must have shape (4,), got (1,)",
    ],
    [
      "moments of nothing",
      call({ moments: { ...summary, count: 0 } }),
      RangeError,
      "moments.count must be > 0, got 0",
    ],
    [
      "moments without m2",
      call({ moments: { count: 1, mean: flat } }),
      TypeError,
      "moments.m2 must be a tensor of float32 data, got undefined",
    ],
    [
      "an adjustment that does not fit",
      call({ adjustment: { scale: tensor([1, 2]), bias: flat } }),
      TypeError,
      "adjustment.scale must broadcast to shape (2, 3, 4), got (2,)",
    ],
    [
      "an adjustment without bias",
      call({ adjustment: () => ({ scale: flat }) }),
      TypeError,
      "adjustment.bias must be a tensor of float32 data, got undefined",
    ],
    [
      "no state",
      call({}, null),
      TypeError,
      "state must come from initBatchNorm or an earlier call, got null",
    ],
    [
      "an empty state",
      call({}, {}),
      TypeError,
      "state.movingMean must be a tensor of float32 data, got undefined",
    ],
    [
      "a state of other channels",
      call({}, initBatchNorm(3).state),
      TypeError,
      "state.movingMean must have shape (4,), got (3,)",
    ],
    [
      "an unknown state",
      call({}, { ...state, mean: flat }),
      TypeError,
      "state must have keys among movingMean, movingVariance, debias, renorm, got mean",
    ],
    [
      "a state without renorm",
      call({ renorm: true }),
      TypeError,
      "state must have renorm { movingStddev, renormMean, renormStddev } with renorm: true, as initBatchNorm({ renorm: true }) makes it, got none",
    ],
    [
      "a state without debias",
      call({ zeroDebiasMovingMean: true }),
      TypeError,
      "state must have debias { biased, localStep } with zeroDebiasMovingMean: true, as initBatchNorm({ zeroDebiasMovingMean: true }) makes it, got none",
    ],
    [
      "half of a renorm state",
      call({ renorm: true }, { ...state, renorm: { movingStddev: flat } }),
      TypeError,
      "state.renorm.renormMean must be a tensor of float32 data, got undefined",
    ],
    [
      "a long local step",
      call({ zeroDebiasMovingMean: true }, { ...state, debias: { biased: flat, localStep: flat } }),
      TypeError,
      "state.debias.localStep must have shape (), got (4,)",
    ],
    [
      "scale without gamma",
      call({ scale: true }),
      TypeError,
      "params.gamma must be given with scale: true, got undefined",
    ],
    [
      "an unknown option",
      call({ momentum: 0.9 }),
      TypeError,
      "options must have keys among training, decay, center, scale, epsilon, dataFormat, activation, batchWeights, fused, unbiasedMovingVariance, zeroDebiasMovingMean, renorm, renormClipping, renormDecay, adjustment, moments, runtime, got momentum",
    ],
  ]);

  it("refuses unknown initial state", () => {
    const texts = [
      assertThrows(() => initBatchNorm(-1), RangeError).message,
      assertThrows(() => initBatchNorm(2, { initializers: { mean: 1 } as object }), TypeError)
        .message,
      assertThrows(() => initBatchNorm(2, { renorm: "on" as unknown as boolean }), TypeError)
        .message,
    ];
    assertEquals(texts, [
      "Cannot initialize batchNorm: channels must be an integer >= 1, got -1",
      "Cannot initialize batchNorm: initializers must have keys among beta, gamma, movingMean, movingVariance, got mean",
      "Cannot initialize batchNorm: renorm must be a boolean, got on",
    ]);
  });
});

describe("moments", () => {
  refuses("take moments", moments, [
    ...wrongTensors([]),
    [
      "two ways to say what is pooled",
      [x, { axes: [0], dataFormat: "NCW" }],
      TypeError,
      "options must be one of { dataFormat }, { axes } and { groups, channelsAxis, reductionAxes }, got axes, dataFormat",
    ],
    [
      "an axis beyond the rank",
      [x, { axes: [-4] }],
      RangeError,
      "axes must be an integer from -3 to 2, got -4",
    ],
    [
      "groups that do not divide",
      [x, { groups: 3 }],
      RangeError,
      "groups must divide the 4 channels of x, got 3",
    ],
    ["rank 1 per channel", [flat], TypeError, "x must have rank 2 to 5, got shape (4,)"],
    [
      "weights of another length",
      [x, {}, [1]],
      TypeError,
      "batchWeights must have shape (2,), got (1,)",
    ],
    [
      "a negative weight",
      [x, {}, [1, -1]],
      RangeError,
      "batchWeights must be finite numbers >= 0, got -1",
    ],
    [
      "an unknown option",
      [x, { axis: 1 }],
      TypeError,
      "options must have keys among dataFormat, axes, groups, channelsAxis, reductionAxes, runtime, got axis",
    ],
  ]);

  it("are merged only with others of their kind", () => {
    const one = { count: 1, mean: flat, m2: flat };
    const items = { count: tensor([1, 2]), mean: flat, m2: flat };
    const texts = [
      assertThrows(() => mergeMoments(one, items), TypeError).message,
      assertThrows(() => mergeMoments(one, {} as typeof one), TypeError).message,
    ];
    assertEquals(texts, [
      "Cannot merge moments: a and b must count alike, got 1 and 2 counts",
      "Cannot merge moments: b must have count, mean and m2, got an object of class Object",
    ]);
  });
});

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
      "scales by a tensor",
      (ops, x) => ops.scale(x, x as unknown as number),
      "Cannot scale a tensor: factor must be a number, got object",
    ],
    [
      "adds what does not fit",
      (ops, x) => ops.add(x, tensor([1, 2, 3])),
      "Cannot add tensors: a and b must broadcast, got (2, 3, 4) and (3,)",
    ],
  ];
  for (const [what, fn, text] of cases) {
    it(`rejects where its function ${what}`, async () => {
      await assertRejected(() => pipeline(fn, { runtime })(x), TypeError, text);
    });
  }

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

  it("refuses the mean of nothing", async () => {
    const run = pipeline((ops, x: Tensor) => ops.mean(x), { runtime });
    const none = tensor(new Float32Array(0), [0, 2]);
    await assertRejected(
      () => run(none),
      RangeError,
      "Cannot take a mean: x must have elements, got none",
    );
  });
});

describe("createRuntime", () => {
  refuses("create runtime", createRuntime, [
    [
      "an unknown backend",
      [{ backend: "cuda" }],
      TypeError,
      "backend must be one of auto, webgpu, webgl2, wasm, cpu, got cuda",
    ],
    ["no plans", [{ planLimit: 0 }], RangeError, "planLimit must be an integer >= 1, got 0"],
    ["half a plan", [{ planLimit: 1.5 }], RangeError, "planLimit must be an integer >= 1, got 1.5"],
  ]);
});

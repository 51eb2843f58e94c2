/**
 * For every exported function, and every function that one of them returns, a call that works.
 *
 * @module
 */
import * as main from "../../mod.ts";
import * as training from "../../ops/training/mod.ts";
import { DEFAULT_PLAN_LIMIT, openRuntime } from "../../ops/runtime/open.ts";
import {
  batchNormVjp,
  gdnVjp,
  groupNormVjp,
  initBatchNorm,
  instanceNormVjp,
  layerNormVjp,
  pipeline,
  tensor,
  writeSafetensors,
} from "../../mod.ts";
import { initAdam, initSgd } from "../../ops/training/mod.ts";

// deno-lint-ignore no-explicit-any -- called with what the types would refuse
type Anything = any;

/** What an argument is: a record has known names, a table any names; trees may be lists as well. */
export type Kind = "record" | "table" | "tree" | "other";

/** How a function is called. */
export interface Row {
  readonly call: (...args: Anything[]) => unknown;
  /** Arguments of calls that work; the first has every argument. */
  readonly calls: readonly (() => unknown[])[];
  readonly kinds: readonly Kind[];
  /** For each argument, which of the hostile values are none: it takes them. */
  readonly takes: readonly (readonly string[])[];
  /** Takes one argument, as callbacks of `map` do. */
  readonly maps?: true;
  /** Runs inside a pipeline. */
  readonly traced?: true;
}

/** In guard mode: what a hostile call reads or writes outside of a block of memory is seen. */
export const runtime = await openRuntime("wasm", DEFAULT_PLAN_LIMIT, { guard: true });
const OPTIONAL = ["undefined"];
const NUMBERS = ["a number", "a fraction", "NaN", "a huge number"];
const NONE: readonly string[] = [];
/** What is no tensor, and may be in the input of a pipeline all the same. */
const PLAIN = [
  ...NUMBERS,
  "undefined",
  "null",
  "a boolean",
  "a string",
  "a bigint",
  "an array",
  "a nested array",
  "a sparse array",
  "an unknown key",
  "no prototype",
];

const x = () => tensor([[1, 2], [3, 5]]);
const square = () => tensor([[0.1, 0.2], [0.3, 0.4]]);
const effective = () => ({ beta: [1, 2], gamma: square() });
const stored = () => ({ reparamBeta: [1, 2], reparamGamma: square() });
const affine = () => ({ beta: [0, 1], gamma: [1, 2] });
const norm = () => ({ epsilon: 1e-3, activation: "relu", runtime });
const gdnOptions = () => ({
  inverse: false,
  dataFormat: "NHWC",
  alphaParameter: 2,
  epsilonParameter: 0.5,
  rectify: false,
  betaMin: 1e-6,
  reparamOffset: 2 ** -18,
  runtime,
});
const reparam = () => ({ betaMin: 1e-6, reparamOffset: 2 ** -18 });
const moving = () => ({ movingMean: [0, 0], movingVariance: [1, 1] });
const batch = () => ({
  ...norm(),
  training: true,
  decay: 0.5,
  dataFormat: "NHWC",
  fused: true,
  unbiasedMovingVariance: false,
  zeroDebiasMovingMean: false,
  renorm: false,
  renormClipping: { rmin: 0.5, rmax: 2, dmax: 1 },
  renormDecay: 0.9,
});
const summary = () => ({ count: tensor(2), mean: tensor([1, 2]), m2: tensor([1, 2]) });
const variables = () => ({ w: tensor([1, 2]), list: [tensor([3])] });
const keras = () => ({ beta: [0, 1], gamma: [1, 2], moving_mean: [0, 0], moving_variance: [1, 1] });
const module = () => ({ weight: [1, 2], bias: [0, 1] });
const clipping = () => ({ rmin: 0.5, rmax: 2, dmax: 1 });
const file = () => writeSafetensors({ a: tensor([1]) }, { b: "c" });

/** A function of x, parameters and options. */
function op(
  call: Anything,
  calls: readonly (() => unknown[])[],
  paramsAreOptional = false,
): Row {
  const takes = [NONE, paramsAreOptional ? OPTIONAL : NONE, OPTIONAL];
  return { call, calls, kinds: ["other", "record", "record"], takes };
}

/** A function of options alone. */
function ofOptions(call: Anything, ...options: (() => object)[]): Row {
  const calls = options.map((option) => () => [option()]);
  return { call, calls, kinds: ["record"], takes: [OPTIONAL], maps: true };
}

/** A function of weights and what there is to say about them. */
function conversion(call: Anything, ...calls: (() => unknown[])[]): Row {
  const rest = calls[0]().slice(1);
  return {
    call,
    calls,
    kinds: ["record", ...rest.map(() => "record" as const)],
    takes: [NONE, ...rest.map(() => OPTIONAL)],
  };
}

/** A function of no arguments. */
function ofNothing(call: Anything): Row {
  return { call, calls: [() => []], kinds: [], takes: [] };
}

/** A function of one argument that is no record. */
function ofOne(call: Anything, argument: () => unknown, takes: readonly string[] = NONE): Row {
  return { call, calls: [() => [argument()]], kinds: ["other"], takes: [takes], maps: true };
}

const groupCalls = [
  () => [x(), affine(), {
    ...norm(),
    groups: 1,
    channelsAxis: -1,
    reductionAxes: [],
    meanCloseToZero: false,
  }],
  () => [x(), affine(), { groups: 2, dataFormat: "NHWC", center: true, scale: true }],
];
const instanceCalls = [() => [x(), affine(), { ...norm(), dataFormat: "NHWC" }]];
const layerCalls = [() => [x(), affine(), { ...norm(), axes: [-1] }]];
const gdnCalls = [
  () => [x(), effective(), gdnOptions()],
  () => [x(), stored(), gdnOptions()],
];
const momentsCalls = [
  () => [x(), { dataFormat: "NHWC", batchWeights: [1, 2], runtime }],
  () => [x(), { axes: [0] }],
  () => [x(), { groups: 1, channelsAxis: -1, reductionAxes: [] }],
];
const batchCalls = [
  () => [x(), affine(), moving(), batch()],
  () => [x(), {}, moving(), {
    batchWeights: [1, 2],
    adjustment: { scale: tensor([[1, 1]]), bias: tensor([[0, 0]]) },
  }],
  () => [x(), {}, moving(), { moments: summary() }],
  () => [
    x(),
    {},
    { ...moving(), debias: { biased: [0, 0], localStep: tensor([0], []) } },
    { zeroDebiasMovingMean: true },
  ],
  () => [
    x(),
    {},
    {
      ...moving(),
      renorm: { movingStddev: [1, 1], renormMean: [0, 0], renormStddev: [1, 1] },
    },
    { renorm: true },
  ],
];

/** One row for each exported function. */
export const EXPORTS: Readonly<Record<string, Row>> = {
  adam: {
    call: training.adam,
    calls: [() => [variables(), variables(), initAdam(variables()), {
      learningRate: 0.1,
      beta1: 0.5,
      beta2: 0.5,
      epsilon: 1e-8,
      runtime,
    }]],
    kinds: ["tree", "tree", "record", "record"],
    takes: [NONE, NONE, NONE, OPTIONAL],
  },
  adamw: {
    call: training.adamw,
    calls: [() => [variables(), variables(), initAdam(variables()), {
      learningRate: 0.1,
      beta1: 0.5,
      beta2: 0.5,
      epsilon: 1e-8,
      weightDecay: 0.1,
      runtime,
    }]],
    kinds: ["tree", "tree", "record", "record"],
    takes: [NONE, NONE, NONE, OPTIONAL],
  },
  batchNorm: {
    call: main.batchNorm,
    calls: batchCalls,
    kinds: ["other", "record", "record", "record"],
    takes: [NONE, NONE, NONE, OPTIONAL],
  },
  batchNormFromKeras: conversion(
    main.batchNormFromKeras,
    () => [keras(), {
      axis: -1,
      momentum: 0.9,
      epsilon: 1e-3,
      center: true,
      scale: true,
      trainable: true,
      renorm: false,
      renorm_clipping: clipping(),
      renorm_momentum: 0.9,
      virtual_batch_size: null,
    }, { fused: false }],
    () => [keras(), { axis: [3] }],
  ),
  batchNormFromOnnx: conversion(
    main.batchNormFromOnnx,
    () => [
      { scale: [1, 2], B: [0, 1], input_mean: [0, 0], input_var: [1, 1] },
      { epsilon: 1e-5, momentum: 0.9, training_mode: 0, spatial: 1 },
    ],
  ),
  batchNormFromPyTorch: conversion(
    main.batchNormFromPyTorch,
    () => [
      { weight: [1, 2], bias: [0, 1], running_mean: [0, 0], running_var: [1, 1] },
      { eps: 1e-5, momentum: 0.1, affine: true },
    ],
  ),
  batchNormFromTensorFlow: conversion(
    main.batchNormFromTensorFlow,
    () => [{ beta: [0, 1], moving_mean: [0, 0], moving_variance: [1, 1] }, {
      decay: 0.9,
      epsilon: 1e-3,
      center: true,
      scale: false,
      fused: true,
      data_format: "NHWC",
      zero_debias_moving_mean: false,
      renorm: false,
      renorm_clipping: clipping(),
      renorm_decay: 0.9,
    }],
    () => [{ moving_mean: [0], moving_variance: [1], beta: [0], biased: [0], local_step: [1] }, {
      zero_debias_moving_mean: true,
    }],
  ),
  batchNormToPyTorch: {
    ...conversion(main.batchNormToPyTorch, () => [affine(), moving(), {
      training: true,
      decay: 0.9,
      center: true,
      scale: true,
      epsilon: 1e-3,
      dataFormat: "NHWC",
      activation: "none",
      fused: true,
      unbiasedMovingVariance: true,
      zeroDebiasMovingMean: false,
      renorm: false,
      runtime,
    }], () => [{}, moving()]),
    takes: [NONE, NONE, OPTIONAL],
  },
  batchNormVjp: {
    call: async (...args: Anything[]) => (await (batchNormVjp as Anything)(...args)).y,
    calls: batchCalls,
    kinds: ["other", "record", "record", "record"],
    takes: [NONE, NONE, NONE, OPTIONAL],
  },
  cast: {
    call: main.cast,
    calls: [() => [x(), "uint8"]],
    kinds: ["other", "other"],
    takes: [NONE, NONE],
  },
  constant: ofOne(training.constant, () => 1, NUMBERS),
  createRuntime: ofOptions(
    async (...args: Anything[]) => {
      const made = await main.createRuntime(...args);
      await made.dispose();
      return made.backend;
    },
    () => ({ backend: "cpu", planLimit: 2, deterministic: false, threads: 1 }),
  ),
  gdn: op(main.gdn, gdnCalls),
  gdnFromCompressAI: conversion(
    main.gdnFromCompressAI,
    () => [
      { ...effective(), "beta_reparam.pedestal": 2 ** -36 },
      { layer: "GDN", inverse: false, beta_min: 1e-6 },
    ],
  ),
  gdnFromTensorFlow: {
    ...conversion(
      main.gdnFromTensorFlow,
      () => [effective(), {
        version: 1,
        inverse: false,
        rectify: false,
        data_format: "channels_last",
        beta_min: 1e-6,
        reparam_offset: 2 ** -18,
      }],
      () => [{ reparam_beta: [1, 2], reparam_gamma: square(), reparam_alpha: 1 }, {
        version: 2,
        epsilon_parameter: 1,
      }],
      () => [{ ...effective(), reparam_epsilon: [1] }, { version: 2, alpha_parameter: 1 }],
    ),
    takes: [NONE, NONE],
  },
  gdnInverse: op(main.gdnInverse, [
    () => [x(), effective(), {
      dataFormat: "NHWC",
      alphaParameter: 1,
      epsilonParameter: 1,
      betaMin: 1e-6,
      reparamOffset: 2 ** -18,
      maxSteps: 2,
      tolerance: 0.1,
      runtime,
    }],
  ]),
  gdnParams: conversion(main.gdnParams, () => [stored(), reparam()]),
  gdnParamsFromCompressAI: {
    ...conversion(main.gdnParamsFromCompressAI, () => [effective()]),
    maps: true,
  },
  gdnToCompressAI: conversion(
    main.gdnToCompressAI,
    () => [stored(), gdnOptions()],
    () => [effective(), { alphaParameter: 1, epsilonParameter: 1 }],
  ),
  gdnVariables: conversion(main.gdnVariables, () => [effective(), reparam()]),
  gdnVjp: op(async (...args: Anything[]) => (await (gdnVjp as Anything)(...args)).y, gdnCalls),
  groupNorm: {
    ...op(main.groupNorm, groupCalls, true),
    // Two channels do not make 32 groups.
    takes: [NONE, OPTIONAL, NONE],
  },
  groupNormFromKeras: {
    ...conversion(main.groupNormFromKeras, () => [affine(), {
      groups: 1,
      axis: -1,
      epsilon: 1e-3,
      center: true,
      scale: true,
      trainable: true,
    }]),
    // Two channels do not make 32 groups.
    takes: [NONE, NONE],
  },
  groupNormFromPyTorch: {
    ...conversion(
      main.groupNormFromPyTorch,
      () => [module(), { num_groups: 1, num_channels: 2, eps: 1e-5, affine: true }],
    ),
    takes: [NONE, NONE],
  },
  groupNormVjp: {
    ...op(
      async (...args: Anything[]) => (await (groupNormVjp as Anything)(...args)).y,
      groupCalls,
      true,
    ),
    takes: [NONE, OPTIONAL, NONE],
  },
  identity: ofOne(training.identity, () => 2, [
    "undefined",
    "a number",
    "a fraction",
    "a huge number",
  ]),
  initAdam: { ...ofOne(training.initAdam, variables, ["an array"]), kinds: ["tree"] },
  initBatchNorm: {
    call: main.initBatchNorm,
    calls: [() => [2, {
      center: true,
      scale: true,
      zeroDebiasMovingMean: true,
      renorm: true,
      initializers: {
        beta: training.zeros(),
        gamma: training.ones(),
        movingMean: training.zeros(),
        movingVariance: training.ones(),
      },
    }]],
    kinds: ["other", "record"],
    takes: [["a number"], OPTIONAL],
  },
  initGdn: {
    call: main.initGdn,
    calls: [() => [2, { ...reparam(), gammaInit: 0.1 }]],
    kinds: ["other", "record"],
    takes: [["a number"], OPTIONAL],
  },
  initGroupNorm: {
    call: main.initGroupNorm,
    calls: [() => [2, {
      center: true,
      scale: true,
      initializers: { beta: training.zeros(), gamma: training.ones() },
    }]],
    kinds: ["other", "record"],
    takes: [["a number"], OPTIONAL],
  },
  initLayerNorm: {
    call: main.initLayerNorm,
    calls: [() => [[2, 3], {
      center: true,
      scale: true,
      initializers: { beta: training.zeros(), gamma: training.ones() },
    }]],
    kinds: ["other", "record"],
    takes: [["a number"], OPTIONAL],
  },
  initSgd: { ...ofOne(training.initSgd, variables, ["an array"]), kinds: ["tree"] },
  instanceNorm: op(main.instanceNorm, instanceCalls, true),
  instanceNormFromPyTorch: {
    ...conversion(main.instanceNormFromPyTorch, () => [module(), {
      num_features: 2,
      eps: 1e-5,
      momentum: 0.1,
      affine: true,
      track_running_stats: false,
    }]),
    // There are weights, which by default there are not.
    takes: [NONE, NONE],
  },
  instanceNormVjp: op(
    async (...args: Anything[]) => (await (instanceNormVjp as Anything)(...args)).y,
    instanceCalls,
    true,
  ),
  l1: ofOne(training.l1, () => 0.5, ["undefined", "a number", "a huge number"]),
  l1l2: ofOptions(training.l1l2, () => ({ l1: 0.5, l2: 0.5 })),
  l2: ofOne(training.l2, () => 0.5, ["undefined", "a number", "a huge number"]),
  layerNorm: op(main.layerNorm, layerCalls, true),
  layerNormFromKeras: conversion(main.layerNormFromKeras, () => [affine(), {
    axis: [-1],
    epsilon: 1e-3,
    center: true,
    scale: true,
    rms_scaling: false,
    trainable: true,
  }]),
  layerNormFromPyTorch: conversion(
    main.layerNormFromPyTorch,
    () => [module(), { normalized_shape: [2], eps: 1e-5, elementwise_affine: true, bias: true }],
  ),
  layerNormVjp: op(
    async (...args: Anything[]) => (await (layerNormVjp as Anything)(...args)).y,
    layerCalls,
    true,
  ),
  maxNorm: ofOptions(training.maxNorm, () => ({ max: 1, axis: 0 }), () => ({ axis: [0, 1] })),
  mergeMoments: {
    call: main.mergeMoments,
    calls: [
      () => [summary(), summary()],
      () => [{ ...summary(), count: tensor([2, 2]) }, { ...summary(), count: tensor([2, 2]) }],
    ],
    kinds: ["record", "record"],
    takes: [NONE, NONE],
  },
  minMaxNorm: ofOptions(training.minMaxNorm, () => ({ min: 0, max: 1, rate: 1, axis: 0 })),
  moments: {
    call: main.moments,
    calls: momentsCalls,
    kinds: ["other", "record"],
    takes: [NONE, OPTIONAL],
  },
  nonNeg: ofNothing(training.nonNeg),
  ones: ofNothing(training.ones),
  pipeline: {
    call: main.pipeline,
    calls: [() => [(_: unknown, input: unknown) => input, { runtime }]],
    kinds: ["other", "record"],
    takes: [["a function"], OPTIONAL],
  },
  randomNormal: ofOptions(training.randomNormal, () => ({ mean: 0, stddev: 1, seed: 1 })),
  randomUniform: ofOptions(training.randomUniform, () => ({ min: 0, max: 1, seed: 1 })),
  readSafetensors: {
    call: main.readSafetensors,
    calls: [() => [file(), { prefix: "a" }]],
    kinds: ["other", "record"],
    takes: [NONE, OPTIONAL],
  },
  sgd: {
    call: training.sgd,
    calls: [() => [variables(), variables(), initSgd(variables()), {
      learningRate: 0.1,
      momentum: 0.5,
      nesterov: true,
      runtime,
    }], () => [variables(), variables(), initSgd(variables()), {
      momentum: 0.5,
      dampening: 0.5,
      weightDecay: 0.1,
      nesterov: false,
      runtime,
    }]],
    kinds: ["tree", "tree", "record", "record"],
    takes: [NONE, NONE, NONE, OPTIONAL],
  },
  tensor: {
    call: main.tensor,
    calls: [() => [[1, 2], [2]], () => [new Float32Array(4), [2, 2]]],
    kinds: ["other", "other"],
    takes: [["a typed array"], OPTIONAL],
  },
  truncatedNormal: ofOptions(training.truncatedNormal, () => ({ mean: 0, stddev: 1, seed: 1 })),
  unitNorm: ofOptions(training.unitNorm, () => ({ axis: 0 })),
  varianceScaling: ofOptions(
    training.varianceScaling,
    () => ({ scale: 1, mode: "fanIn", distribution: "normal", seed: 1 }),
  ),
  writeSafetensors: {
    call: main.writeSafetensors,
    calls: [() => [{ a: tensor([1]) }, { b: "c" }]],
    kinds: ["table", "table"],
    takes: [NONE, OPTIONAL],
  },
  zeros: ofNothing(training.zeros),
};

/** Recycled by the rows of `recycle`. */
const result = () => ({ shape: [2], data: new Float32Array(2) });
const scope = runtime.scope();
const shapes = () => [2, 2];
const dy = () => tensor([[1, 0], [0, 1]]);
const through = pipeline((_ops, input: { a: main.Tensor }) => input, { runtime });
const vjpOf = async (made: Promise<{ vjp: Anything }>) => (await made).vjp;

/** One row for each kind of function that exported functions return. */
export const RETURNED: Readonly<Record<string, Row>> = {
  "zeros()": ofOne(training.zeros(), shapes, ["an array"]),
  "ones()": ofOne(training.ones(), shapes, ["an array"]),
  "constant()": ofOne(training.constant(1), shapes, ["an array"]),
  "identity()": ofOne(training.identity(), shapes),
  "randomNormal()": ofOne(training.randomNormal(), shapes, ["an array"]),
  "randomUniform()": ofOne(training.randomUniform(), shapes, ["an array"]),
  "truncatedNormal()": ofOne(training.truncatedNormal(), shapes, ["an array"]),
  "varianceScaling()": ofOne(training.varianceScaling(), shapes, ["an array"]),
  "nonNeg()": ofOne(training.nonNeg(), x),
  "maxNorm()": ofOne(training.maxNorm(), x),
  "unitNorm()": ofOne(training.unitNorm(), x),
  "minMaxNorm()": ofOne(training.minMaxNorm(), x),
  "l1()": ofOne(training.l1(), x),
  "l2()": ofOne(training.l2(), x),
  "l1l2()": ofOne(training.l1l2(), x),
  "gdnVjp().vjp": ofOne(await vjpOf(gdnVjp(x(), effective(), { runtime })), dy),
  "groupNormVjp().vjp": ofOne(
    await vjpOf(groupNormVjp(x(), affine(), { groups: 1, runtime })),
    dy,
  ),
  "instanceNormVjp().vjp": ofOne(await vjpOf(instanceNormVjp(x(), affine(), { runtime })), dy),
  "layerNormVjp().vjp": ofOne(await vjpOf(layerNormVjp(x(), affine(), { runtime })), dy),
  "batchNormVjp().vjp": ofOne(
    await vjpOf(batchNormVjp(x(), affine(), initBatchNorm(2).state, { runtime })),
    dy,
  ),
  "runtime.stats": ofNothing((...args: Anything[]) => typeof (runtime.stats as Anything)(...args)),
  "runtime.scope": ofNothing((...args: Anything[]) => {
    (runtime.scope as Anything)(...args)[Symbol.dispose]();
  }),
  "scope.zeros": ofOne(
    (...args: Anything[]) => {
      using made = (scope.zeros as Anything)(...args);
      return [made.shape, made.data.slice()];
    },
    shapes,
    ["an array"],
  ),
  "scope.put": ofOne((...args: Anything[]) => {
    using put = (scope.put as Anything)(...args);
    return [put.shape, put.data.slice()];
  }, result),
  "scope.stats": ofNothing((...args: Anything[]) => typeof (scope.stats as Anything)(...args)),
  "pipeline()": {
    call: through,
    calls: [() => [{ a: x() }]],
    kinds: ["other"],
    takes: [PLAIN],
    maps: true,
  },
};

/** A row of an op inside a pipeline: its result, or those of both ways. */
function inPipeline(
  name: string,
  calls: readonly (() => unknown[])[],
  kinds: readonly Kind[],
  takes: readonly (readonly string[])[] = kinds.map(() => NONE),
): Row {
  const call = (...args: Anything[]) => {
    const traced = pipeline((ops: Anything, _input: main.Tensor) => {
      const made = ops[name](...args);
      return name.endsWith("Vjp") ? { y: made.y, back: made.vjp(made.y) } : made;
    }, { runtime });
    return traced(x());
  };
  return { call, calls, kinds, takes, traced: true };
}

/** The same calls without a runtime, which ops inside a pipeline do not take. */
function withoutRuntime(calls: readonly (() => unknown[])[]): (() => unknown[])[] {
  return calls.map((args) => () =>
    args().map((arg) => {
      if (typeof arg !== "object" || arg === null || !("runtime" in arg)) return arg;
      const { runtime: _, ...options } = arg;
      return options;
    })
  );
}

const TWO_RECORDS = ["other", "record", "record"] as const;
const OF_OPTIONS = [NONE, NONE, OPTIONAL];
const OF_PARAMS = [NONE, OPTIONAL, NONE];
const OF_BOTH = [NONE, OPTIONAL, OPTIONAL];
const THREE_RECORDS = ["other", "record", "record", "record"] as const;

/** Rows of the ops inside a pipeline. */
export const TRACED: Readonly<Record<string, Row>> = {
  gdn: inPipeline("gdn", withoutRuntime(gdnCalls), TWO_RECORDS, OF_OPTIONS),
  gdnVjp: inPipeline("gdnVjp", withoutRuntime(gdnCalls), TWO_RECORDS, OF_OPTIONS),
  groupNorm: inPipeline("groupNorm", withoutRuntime(groupCalls), TWO_RECORDS, OF_PARAMS),
  groupNormVjp: inPipeline("groupNormVjp", withoutRuntime(groupCalls), TWO_RECORDS, OF_PARAMS),
  instanceNorm: inPipeline("instanceNorm", withoutRuntime(instanceCalls), TWO_RECORDS, OF_BOTH),
  instanceNormVjp: inPipeline(
    "instanceNormVjp",
    withoutRuntime(instanceCalls),
    TWO_RECORDS,
    OF_BOTH,
  ),
  layerNorm: inPipeline("layerNorm", withoutRuntime(layerCalls), TWO_RECORDS, OF_BOTH),
  layerNormVjp: inPipeline("layerNormVjp", withoutRuntime(layerCalls), TWO_RECORDS, OF_BOTH),
  batchNorm: inPipeline(
    "batchNorm",
    withoutRuntime(batchCalls),
    THREE_RECORDS,
    EXPORTS.batchNorm.takes,
  ),
  batchNormVjp: inPipeline(
    "batchNormVjp",
    withoutRuntime(batchCalls),
    THREE_RECORDS,
    EXPORTS.batchNorm.takes,
  ),
  moments: inPipeline(
    "moments",
    withoutRuntime(momentsCalls),
    ["other", "record"],
    EXPORTS.moments.takes,
  ),
  add: inPipeline("add", [() => [x(), x()]], ["other", "other"]),
  sub: inPipeline("sub", [() => [x(), x()]], ["other", "other"]),
  mul: inPipeline("mul", [() => [x(), x()]], ["other", "other"]),
  scale: inPipeline("scale", [() => [x(), 2]], ["other", "other"], [NONE, NUMBERS]),
  mean: inPipeline("mean", [() => [x()]], ["other"]),
  sum: inPipeline("sum", [() => [x(), [0]]], ["other", "other"], [NONE, ["undefined", "an array"]]),
  reshape: inPipeline("reshape", [() => [x(), [4]]], ["other", "other"]),
  matmul: inPipeline(
    "matmul",
    [() => [x(), x(), { transposeA: true, transposeB: false }]],
    ["other", "other", "record"],
    OF_OPTIONS,
  ),
  activate: inPipeline("activate", [() => [x(), "relu"]], ["other", "other"]),
  activateVjp: inPipeline("activateVjp", [() => [x(), "relu"]], ["other", "other"]),
  sgd: inPipeline("sgd", withoutRuntime(EXPORTS.sgd.calls), EXPORTS.sgd.kinds, EXPORTS.sgd.takes),
  adam: inPipeline(
    "adam",
    withoutRuntime(EXPORTS.adam.calls),
    EXPORTS.adam.kinds,
    EXPORTS.adam.takes,
  ),
  adamw: inPipeline(
    "adamw",
    withoutRuntime(EXPORTS.adamw.calls),
    EXPORTS.adamw.kinds,
    EXPORTS.adamw.takes,
  ),
};

/**
 * Workloads as graphs of ONNX: the operator itself where ONNX has one, else the graph in which it is
 * fastest. Where neither of two forms is always the faster, both race.
 *
 * @module
 */
import { EPSILON, type Inputs } from "../inputs.ts";
import type { Workload } from "../workloads.ts";
import type { Constant, Graph, Node } from "../../tests/support/onnx_model.ts";

/** One way to write a workload. */
export interface Form {
  /** What tells this graph from another for the same workload; empty for the plain one. */
  readonly form: string;
  readonly graph: Graph;
}

/** Nodes with the constants that they read. */
interface Part {
  readonly nodes: readonly Node[];
  readonly constants: Readonly<Record<string, Constant>>;
}

/** What a part is written for. Values are called by names; those in between start with `to`. */
interface Place {
  readonly shape: readonly number[];
  readonly channelsLast: boolean;
  readonly inputs: Inputs;
  readonly from: string;
  readonly to: string;
}

/** The groups of group norm. */
const GROUPS = 32;

/** The forms of a workload. */
export function formsOf(workload: Workload, inputs: Inputs): Form[] {
  const { operation, shape, format, inverse = false } = workload;
  const channelsLast = format === "NHWC";
  const place: Place = { shape, channelsLast, inputs, from: "x", to: "y" };
  const form = ({ nodes, constants }: Part, form = ""): Form => ({
    form,
    graph: { shape, nodes, constants },
  });
  switch (operation) {
    case "gdn":
      return [form(gdn(place, inverse))];
    case "layerNorm":
      return [form(layerNorm(place))];
    case "rmsNorm":
      return [form(rmsNorm(place))];
    case "batchNormInference":
      return [form(channelsLast ? scaleAndShift(place) : batchNormalization(place))];
    case "batchNormTraining":
      // Where channels come last, the transposes of the second cost more than it saves.
      return [
        form(batchStatistics(place)),
        ...(channelsLast ? [] : [form(alongSamples(place), "by InstanceNormalization")]),
      ];
    case "groupNorm":
      return [
        form(channelsBefore(place, splitGroups), "by InstanceNormalization"),
        form(channelsBefore(place, groupNormalization)),
      ];
    case "instanceNorm":
      return [form(channelsBefore(place, instanceNormalization))];
    case "pipeline":
      return [form(threeOps(place))];
  }
}

function gdn({ shape, channelsLast, inputs, from, to }: Place, inverse: boolean): Part {
  const { beta, matrix } = inputs;
  const channels = beta.length;
  const last = [
    node("Sqrt", `${to}_sums`, `${to}_root`),
    node(inverse ? "Mul" : "Div", `${from} ${to}_root`, to),
  ];
  const squares = node("Mul", `${from} ${from}`, `${to}_squares`);
  if (channelsLast) {
    return {
      nodes: [
        squares,
        node("Reshape", `${to}_squares ${to}_flat`, `${to}_rows`),
        node("Gemm", `${to}_rows ${to}_matrix ${to}_beta`, `${to}_flatSums`),
        node("Reshape", `${to}_flatSums ${to}_full`, `${to}_sums`),
        ...last,
      ],
      constants: {
        [`${to}_matrix`]: { shape: [channels, channels], data: matrix },
        [`${to}_beta`]: vector(beta),
        [`${to}_flat`]: integers([-1, channels]),
        [`${to}_full`]: integers(shape),
      },
    };
  }
  return {
    nodes: [squares, node("Conv", `${to}_squares ${to}_matrix ${to}_beta`, `${to}_sums`), ...last],
    constants: {
      [`${to}_matrix`]: { shape: [channels, channels, 1, 1], data: transposed(matrix, channels) },
      [`${to}_beta`]: vector(beta),
    },
  };
}

function layerNorm({ inputs: { gamma, beta }, from, to }: Place): Part {
  const attributes = { axis: -1n, epsilon: EPSILON.layerNorm };
  return {
    nodes: [node("LayerNormalization", `${from} gamma beta`, to, attributes)],
    constants: { gamma: vector(gamma), beta: vector(beta) },
  };
}

/** As transformers are exported: an operator that ONNX Runtime has of its own. */
function rmsNorm({ inputs: { gamma }, from, to }: Place): Part {
  const attributes = { axis: -1n, epsilon: EPSILON.rmsNorm };
  return {
    nodes: [node("SimplifiedLayerNormalization", `${from} gamma`, to, attributes)],
    constants: { gamma: vector(gamma) },
  };
}

/** Batch norm at inference where channels come second, which ONNX has. */
function batchNormalization({ inputs, from, to }: Place): Part {
  const { gamma, beta, mean, variance } = inputs;
  const attributes = { epsilon: EPSILON.batchNorm };
  return {
    nodes: [node("BatchNormalization", `${from} gamma beta mean variance`, to, attributes)],
    constants: {
      gamma: vector(gamma),
      beta: vector(beta),
      mean: vector(mean),
      variance: vector(variance),
    },
  };
}

/** The same where they come last: all that is known beforehand is folded. */
function scaleAndShift({ inputs, from, to }: Place): Part {
  const { gamma, beta, mean, variance } = inputs;
  const scale = variance.map((v, c) => gamma[c] / Math.sqrt(v + EPSILON.batchNorm));
  return {
    nodes: [node("Mul", `${from} scale`, "scaled"), node("Add", "scaled offset", to)],
    constants: {
      scale: vector(scale),
      offset: vector(beta.map((b, c) => b - mean[c] * scale[c])),
    },
  };
}

/** Batch norm in training, as its formula is written. */
function batchStatistics({ channelsLast, inputs, from, to }: Place): Part {
  const { gamma, beta } = inputs;
  const along = channelsLast ? [gamma.length] : [gamma.length, 1, 1];
  return {
    nodes: [
      node("ReduceMean", `${from} axes`, "mean"),
      node("Sub", `${from} mean`, "centered"),
      node("Mul", "centered centered", "squares"),
      node("ReduceMean", "squares axes", "variance"),
      node("Add", "variance epsilon", "safe"),
      node("Sqrt", "safe", "deviation"),
      node("Div", "gamma deviation", "scale"),
      node("Mul", "centered scale", "scaled"),
      node("Add", "scaled beta", to),
    ],
    constants: {
      axes: integers(channelsLast ? [0, 1, 2] : [0, 2, 3]),
      epsilon: { shape: [1], data: Float32Array.of(EPSILON.batchNorm) },
      gamma: vector(gamma, along),
      beta: vector(beta, along),
    },
  };
}

/** Instance norm of the whole batch as one sample. Channels come second. */
function alongSamples({ shape, inputs: { gamma, beta }, from, to }: Place): Part {
  const [samples, channels, ...positions] = shape;
  const attributes = { epsilon: EPSILON.batchNorm };
  return {
    nodes: [
      node("Transpose", from, `${to}_byChannel`, { perm: [1, 0, 2, 3] }),
      node("Reshape", `${to}_byChannel ${to}_joined`, `${to}_planes`),
      node(
        "InstanceNormalization",
        `${to}_planes ${to}_gamma ${to}_beta`,
        `${to}_even`,
        attributes,
      ),
      node("Reshape", `${to}_even ${to}_split`, `${to}_parted`),
      node("Transpose", `${to}_parted`, to, { perm: [1, 0, 2, 3] }),
    ],
    constants: {
      [`${to}_gamma`]: vector(gamma),
      [`${to}_beta`]: vector(beta),
      [`${to}_joined`]: integers([1, channels, -1]),
      [`${to}_split`]: integers([channels, samples, ...positions]),
    },
  };
}

/** Group norm by way of instance norm, whose channels are the groups. Channels come second. */
function splitGroups({ shape, inputs: { gamma, beta }, from, to }: Place): Part {
  const [samples, channels] = shape;
  const attributes = { epsilon: EPSILON.groupNorm };
  return {
    nodes: [
      node("Reshape", `${from} ${to}_split`, `${to}_groups`),
      node(
        "InstanceNormalization",
        `${to}_groups ${to}_ones ${to}_zeros`,
        `${to}_even`,
        attributes,
      ),
      node("Reshape", `${to}_even ${to}_full`, `${to}_joined`),
      node("Mul", `${to}_joined ${to}_gamma`, `${to}_scaled`),
      node("Add", `${to}_scaled ${to}_beta`, to),
    ],
    constants: {
      [`${to}_split`]: integers([samples, GROUPS, -1]),
      [`${to}_full`]: integers(shape),
      [`${to}_ones`]: vector(new Float32Array(GROUPS).fill(1)),
      [`${to}_zeros`]: vector(new Float32Array(GROUPS)),
      [`${to}_gamma`]: vector(gamma, [channels, 1, 1]),
      [`${to}_beta`]: vector(beta, [channels, 1, 1]),
    },
  };
}

function groupNormalization({ inputs: { gamma, beta }, from, to }: Place): Part {
  const attributes = { epsilon: EPSILON.groupNorm, num_groups: BigInt(GROUPS) };
  return {
    nodes: [node("GroupNormalization", `${from} gamma beta`, to, attributes)],
    constants: { gamma: vector(gamma), beta: vector(beta) },
  };
}

function instanceNormalization({ inputs: { gamma, beta }, from, to }: Place): Part {
  const attributes = { epsilon: EPSILON.instanceNorm };
  return {
    nodes: [node("InstanceNormalization", `${from} gamma beta`, to, attributes)],
    constants: { gamma: vector(gamma), beta: vector(beta) },
  };
}

/** GDN where channels are last, as a product of matrices; both norms between two transposes. */
function threeOps(place: Place): Part {
  const first = gdn({ ...place, to: "h" }, false);
  const rest = channelsBefore({ ...place, from: "h" }, (inner) => {
    const normal = splitGroups({ ...inner, to: "normal" });
    const batch = batchStatistics({ ...inner, from: "normal" });
    return joined(normal, batch);
  });
  return joined(first, rest);
}

/** A part for channels that come second, between transposes where they come last. */
function channelsBefore(place: Place, part: (place: Place) => Part): Part {
  if (!place.channelsLast) return part(place);
  const { shape: [samples, height, width, channels], from, to } = place;
  const { nodes, constants } = part({
    ...place,
    shape: [samples, channels, height, width],
    channelsLast: false,
    from: `${to}_before`,
    to: `${to}_after`,
  });
  return {
    nodes: [
      node("Transpose", from, `${to}_before`, { perm: [0, 3, 1, 2] }),
      ...nodes,
      node("Transpose", `${to}_after`, to, { perm: [0, 2, 3, 1] }),
    ],
    constants,
  };
}

function joined(a: Part, b: Part): Part {
  return { nodes: [...a.nodes, ...b.nodes], constants: { ...a.constants, ...b.constants } };
}

function node(
  type: string,
  inputs: string,
  output: string,
  attributes: NonNullable<Node["attributes"]> = {},
): Node {
  return { type, inputs: inputs.split(" "), output, attributes };
}

function vector(data: Float32Array, shape: readonly number[] = [data.length]): Constant {
  return { shape, data };
}

function integers(values: readonly number[]): Constant {
  return { shape: [values.length], data: BigInt64Array.from(values, BigInt) };
}

/** ONNX has the weights of a convolution as `[out][in]`. */
function transposed(matrix: Float32Array, size: number): Float32Array {
  return matrix.map((_, i) => matrix[i % size * size + Math.floor(i / size)]);
}

/**
 * ONNX Runtime, on WebAssembly with one thread and native with one and two. Each workload is a graph
 * of the operators that ONNX has for it: the op itself where there is one, and the form in which that
 * is fastest.
 *
 * @module
 */
import type { Absent, Contender } from "../contender.ts";
import { EPSILON, type Inputs } from "../inputs.ts";
import { channelsOf, elementsOf, type Workload } from "../workloads.ts";
import { type Constant, type Graph, type Node, onnxModel } from "./onnx_model.ts";

/** Versions that were measured; the benches alone need them. */
const VERSION = "1.23.0";
const NODE = `npm:onnxruntime-node@${VERSION}`;
const WEB = `npm:onnxruntime-web@${VERSION}/wasm`;

/** The part of ONNX Runtime that is used. */
interface Ort {
  readonly Tensor: new (type: "float32", data: Float32Array, shape: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<Session>;
  };
  readonly env: { wasm: { numThreads?: number }; logLevel?: string };
}

interface Session {
  run(feeds: Record<string, unknown>): Promise<{ readonly y: { readonly data: Float32Array } }>;
  release(): Promise<void>;
}

/** ONNX Runtime in its ways, if it can do the workload. */
export async function onnx(workload: Workload, inputs: Inputs): Promise<(Contender | Absent)[]> {
  const forms = graphsOf(workload, inputs);
  const ways = [
    { name: `onnxruntime-web ${VERSION}`, module: WEB, threads: 1, executor: "WebAssembly" },
    { name: `onnxruntime-node ${VERSION}`, module: NODE, threads: 1, executor: "native" },
    {
      name: `onnxruntime-node ${VERSION}, 2 threads`,
      module: NODE,
      threads: 2,
      executor: "native",
    },
  ];
  const contenders: (Contender | Absent)[] = [];
  for (const { name, module, threads, executor } of ways) {
    if (forms.length === 0) contenders.push({ name, absent: "three ops in one plan are ours" });
    for (const { form, graph } of forms) {
      const full = form === "" ? name : `${name}: ${form}`;
      contenders.push(
        await session(full, module, threads, executor, graph, inputs, workload.first),
      );
    }
  }
  return contenders;
}

async function session(
  name: string,
  module: string,
  threads: number,
  executor: string,
  graph: Graph,
  { x }: Inputs,
  first = false,
): Promise<Contender | Absent> {
  try {
    const loaded = await import(module) as Ort & { default?: Ort };
    const ort = loaded.InferenceSession === undefined ? loaded.default! : loaded;
    ort.env.logLevel = "error";
    ort.env.wasm.numThreads = 1;
    const model = onnxModel(graph);
    const open = () =>
      ort.InferenceSession.create(model, {
        executionProviders: [executor === "native" ? "cpu" : "wasm"],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
      });
    const session = await open();
    const runIn = async (session: Session) => {
      const { y } = await session.run({ x: new ort.Tensor("float32", x, graph.shape) });
      return y.data;
    };
    return {
      name,
      peer: true,
      executor: `${executor}, ${threads} thread${threads > 1 ? "s" : ""}`,
      async run() {
        if (!first) return await runIn(session);
        const own = await open();
        const y = await runIn(own);
        await own.release();
        return y;
      },
      dispose: () => session.release(),
    };
  } catch (error) {
    return { name, absent: (error as Error).message };
  }
}

interface Form {
  /** What tells this graph from another for the same workload. */
  readonly form: string;
  readonly graph: Graph;
}

function graphsOf(workload: Workload, inputs: Inputs): Form[] {
  const { operation, shape, format } = workload;
  const channels = channelsOf(workload);
  const isLast = format === "NHWC";
  const vector = (data: Float32Array, shape: readonly number[] = [channels]) => ({ data, shape });
  const form = (
    nodes: readonly Node[],
    constants: Readonly<Record<string, Constant>>,
    form = "",
  ): Form => ({ form, graph: { shape, nodes, constants } });
  const node = (type: string, inputs: string, output: string, attributes = {}): Node => ({
    type,
    inputs: inputs.split(" "),
    output,
    attributes,
  });
  const { beta, gamma, mean, variance } = inputs;
  const affine = { gamma: vector(gamma), beta: vector(beta) };
  switch (operation) {
    case "gdn":
      return [gdnForm(workload, inputs, form, node)];
    case "layerNorm":
      return [form([
        node("LayerNormalization", "x gamma beta", "y", {
          axis: -1n,
          epsilon: EPSILON.layerNorm,
        }),
      ], affine)];
    case "batchNormInference":
      if (!isLast) {
        const attributes = { epsilon: EPSILON.batchNorm };
        return [form([
          node("BatchNormalization", "x gamma beta mean variance", "y", attributes),
        ], { ...affine, mean: vector(mean), variance: vector(variance) })];
      }
      return [form([node("Mul", "x scale", "scaled"), node("Add", "scaled offset", "y")], {
        scale: vector(variance.map((v, c) => gamma[c] / Math.sqrt(v + EPSILON.batchNorm))),
        offset: vector(
          variance.map((v, c) => beta[c] - mean[c] * gamma[c] / Math.sqrt(v + EPSILON.batchNorm)),
        ),
      })];
    case "batchNormTraining": {
      const along = isLast ? [channels] : [channels, 1, 1];
      return [form([
        node("ReduceMean", "x axes", "mean"),
        node("Sub", "x mean", "centered"),
        node("Mul", "centered centered", "squares"),
        node("ReduceMean", "squares axes", "variance"),
        node("Add", "variance epsilon", "safe"),
        node("Sqrt", "safe", "deviation"),
        node("Div", "gamma deviation", "scale"),
        node("Mul", "centered scale", "scaled"),
        node("Add", "scaled beta", "y"),
      ], {
        axes: integers(isLast ? [0, 1, 2] : [0, 2, 3]),
        epsilon: { shape: [1], data: Float32Array.of(EPSILON.batchNorm) },
        gamma: vector(gamma, along),
        beta: vector(beta, along),
      })];
    }
    case "groupNorm":
    case "instanceNorm":
      return normForms(workload, inputs, form, node);
    case "pipeline":
      return [];
  }
}

type MakeForm = (
  nodes: readonly Node[],
  constants: Readonly<Record<string, Constant>>,
  form?: string,
) => Form;
type MakeNode = (type: string, inputs: string, output: string, attributes?: object) => Node;

function gdnForm(
  { shape, format, inverse = false }: Workload,
  { beta, matrix }: Inputs,
  form: MakeForm,
  node: MakeNode,
): Form {
  const channels = beta.length;
  const last = [node("Sqrt", "u", "root"), node(inverse ? "Mul" : "Div", "x root", "y")];
  if (format === "NHWC") {
    const positions = shape.reduce((product, extent) => product * extent, 1) / channels;
    return form([
      node("Mul", "x x", "squares"),
      node("Reshape", "squares flat", "rows"),
      node("Gemm", "rows matrix beta", "sums"),
      node("Reshape", "sums full", "u"),
      ...last,
    ], {
      matrix: { shape: [channels, channels], data: matrix },
      beta: { shape: [channels], data: beta },
      flat: integers([positions, channels]),
      full: integers(shape),
    });
  }
  const turned = matrix.map((_, i) => matrix[i % channels * channels + Math.floor(i / channels)]);
  return form([node("Mul", "x x", "squares"), node("Conv", "squares matrix beta", "u"), ...last], {
    matrix: { shape: [channels, channels, 1, 1], data: turned },
    beta: { shape: [channels], data: beta },
  });
}

/** The op itself, and the same by way of instance norm, which is faster in most versions. */
function normForms(
  workload: Workload,
  { beta, gamma }: Inputs,
  form: MakeForm,
  node: MakeNode,
): Form[] {
  const { operation, shape, format } = workload;
  const channels = beta.length;
  const groups = operation === "groupNorm" ? 32 : channels;
  const isLast = format === "NHWC";
  const epsilon = EPSILON[operation as "groupNorm" | "instanceNorm"];
  const turn = (inner: (from: string, to: string) => Node[]): Node[] =>
    isLast
      ? [
        node("Transpose", "x", "first", { perm: [0, 3, 1, 2] }),
        ...inner("first", "normal"),
        node("Transpose", "normal", "y", { perm: [0, 2, 3, 1] }),
      ]
      : inner("x", "y");
  const affine = {
    gamma: { shape: [channels], data: gamma },
    beta: { shape: [channels], data: beta },
  };
  if (operation === "instanceNorm") {
    return [form(
      turn((from, to) => [node("InstanceNormalization", `${from} gamma beta`, to, { epsilon })]),
      affine,
    )];
  }
  const first = isLast ? [shape[0], channels, shape[1], shape[2]] : shape;
  const size = elementsOf(workload) / shape[0] / groups;
  return [
    form(
      turn((from, to) => [
        node("Reshape", `${from} split`, "groups"),
        node("InstanceNormalization", "groups ones zeros", "even", { epsilon }),
        node("Reshape", "even full", "joined"),
        node("Mul", "joined gamma", "scaled"),
        node("Add", "scaled beta", to),
      ]),
      {
        split: integers([shape[0], groups, size]),
        full: integers(first),
        ones: { shape: [groups], data: new Float32Array(groups).fill(1) },
        zeros: { shape: [groups], data: new Float32Array(groups) },
        gamma: { shape: [channels, 1, 1], data: gamma },
        beta: { shape: [channels, 1, 1], data: beta },
      },
      "by InstanceNormalization",
    ),
    form(
      turn((from, to) => [
        node("GroupNormalization", `${from} gamma beta`, to, {
          epsilon,
          num_groups: BigInt(groups),
        }),
      ]),
      affine,
    ),
  ];
}

function integers(values: readonly number[]): Constant {
  return { shape: [values.length], data: BigInt64Array.from(values, BigInt) };
}

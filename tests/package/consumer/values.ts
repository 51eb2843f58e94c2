/**
 * A program that uses every function of the package, from each of its entries, with the types that
 * its declarations promise. It needs no library but that of the language.
 *
 * @module
 */
import * as root from "@kernorm/kernorm";
import {
  type Activation,
  activations,
  type AdamState,
  allMergeMoments,
  allReduceTree,
  batchNorm,
  batchNormFromKeras,
  batchNormFromOnnx,
  batchNormFromPyTorch,
  batchNormFromTensorFlow,
  type BatchNormResult,
  type BatchNormState,
  batchNormToPyTorch,
  batchNormVjp,
  cast,
  createRuntime,
  eager,
  flattenTree,
  gdn,
  gdnFromCompressAI,
  gdnFromTensorFlow,
  type GdnInverse,
  gdnInverse,
  gdnParams,
  gdnParamsFromCompressAI,
  gdnToCompressAI,
  type GdnVariables,
  gdnVariables,
  gdnVjp,
  groupNorm,
  groupNormFromKeras,
  groupNormFromPyTorch,
  groupNormVjp,
  initBatchNorm,
  initGdn,
  initGroupNorm,
  type Initializer,
  initLayerNorm,
  initRmsNorm,
  instanceNorm,
  instanceNormFromPyTorch,
  instanceNormVjp,
  layerNorm,
  layerNormFromKeras,
  layerNormFromPyTorch,
  layerNormVjp,
  mergeMoments,
  moments,
  momentsVjp,
  pipeline,
  type PipelineOps,
  readSafetensors,
  type ReplicaGroup,
  rmsNorm,
  rmsNormVjp,
  runReplicas,
  type Runtime,
  type Summed,
  type Tensor,
  tensor,
  type TypedTensor,
  unflattenTree,
  valueAndGrad,
  writeSafetensors,
} from "@kernorm/kernorm";
import {
  adam,
  adamw,
  clipByGlobalNorm,
  constant,
  identity,
  initAdam,
  initSgd,
  l1,
  l1l2,
  l2,
  maxNorm,
  minMaxNorm,
  nonNeg,
  ones,
  randomNormal,
  randomUniform,
  sgd,
  type Step,
  truncatedNormal,
  unitNorm,
  varianceScaling,
  zeros,
} from "@kernorm/kernorm/training";
import * as batchNormEntry from "@kernorm/kernorm/batch-norm";
import * as gdnEntry from "@kernorm/kernorm/gdn";
import * as groupNormEntry from "@kernorm/kernorm/group-norm";
import * as interopEntry from "@kernorm/kernorm/interop";
import * as momentsEntry from "@kernorm/kernorm/moments";
import * as pipelineEntry from "@kernorm/kernorm/pipeline";
import { type MpiGroup, openMpi } from "@kernorm/kernorm/mpi";
import { type OnnxOptions, toOnnx } from "@kernorm/kernorm/onnx";
import * as onnxEntry from "@kernorm/kernorm/onnx";
import * as replicasEntry from "@kernorm/kernorm/replicas";
import * as rmsNormEntry from "@kernorm/kernorm/rms-norm";
import * as runtimeEntry from "@kernorm/kernorm/runtime";
import * as safetensorsEntry from "@kernorm/kernorm/safetensors";
import * as tensorEntry from "@kernorm/kernorm/tensor";
import * as trainingEntry from "@kernorm/kernorm/training";

declare const console: { log(text: string): void };

function assertClose(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  const close = expected.every((value, i) => Math.abs(actual[i]! - value) < 1e-5);
  if (!(close && actual.length === expected.length)) {
    throw new Error(`${what} must be ${expected}, got ${Array.from(actual)}`);
  }
}

// Every entry but those for training and ONNX exports what the package's root exports under the same names.
const entries: readonly object[] = [
  batchNormEntry,
  gdnEntry,
  groupNormEntry,
  interopEntry,
  momentsEntry,
  pipelineEntry,
  replicasEntry,
  rmsNormEntry,
  runtimeEntry,
  safetensorsEntry,
  tensorEntry,
];
const all: Readonly<Record<string, unknown>> = { ...root };
for (const entry of entries) {
  for (const [name, value] of Object.entries(entry)) {
    if (all[name] !== value) throw new Error(`${name} must be the same in every entry`);
  }
}
for (const name of Object.keys({ ...onnxEntry, ...trainingEntry })) {
  if (name in all) throw new Error(`${name} must be in its own entry alone`);
}

// Ops, on a runtime that is named and on the shared one.
const runtime: Runtime = await createRuntime({ backend: "wasm", threads: 1 });
const x: Tensor = tensor([[1, 2], [3, 5]]);
const foreign = { dims: [1, 2], data: new Uint8Array([1, 3]), type: "uint8" };
assertClose((await layerNorm(foreign, {}, { epsilon: 0, runtime })).data, [-1, 1], "layerNorm");
const groups = { groups: 1, epsilon: 0 };
assertClose((await groupNorm(x, {}, groups)).data, [-1, 1, -1, 1], "groupNorm");
assertClose((await instanceNorm(x)).data, [0, 0, 0, 0], "instanceNorm");
for (const { y, vjp } of [await groupNormVjp(x, {}, groups), await layerNormVjp(x)]) {
  assertClose((await vjp(y)).x.shape, [2, 2], "the shape of a gradient");
}
assertClose((await (await instanceNormVjp(x)).vjp(x)).x.data, [0, 0, 0, 0], "instanceNormVjp");
const rms = await rmsNormVjp(tensor([[3, 4]]), initRmsNorm(2), { epsilon: 0 });
assertClose((await rms.vjp(rms.y)).params.gamma.data, [9 / 12.5, 16 / 12.5], "rmsNormVjp");
assertClose((await rmsNorm(tensor([[3, 3]]))).data, [1, 1], "rmsNorm");
const names: readonly Activation[] = activations;
for (const activation of names) await layerNorm(x, {}, { activation });
const halves: TypedTensor = cast(x, "float16");
assertClose(halves.shape, [2, 2], "the shape of a cast");

// GDN, in parameters of either form.
const variables: GdnVariables<Tensor> = initGdn(2, { gammaInit: 0 });
const { beta, gamma } = gdnParams(variables);
assertClose((await gdn(x, { beta, gamma })).data, [1, 2, 3, 5], "gdn");
const inverse: GdnInverse = await gdnInverse(x, gdnVariables({ beta: [4, 4], gamma }));
assertClose(inverse.x.data, [2, 4, 6, 10], "gdnInverse");
const gradient = await (await gdnVjp(x, variables)).vjp(x);
assertClose(gradient.params.reparamGamma.shape, [2, 2], "the shape of a gradient");
assertClose(gdnParamsFromCompressAI({ beta, gamma }).beta.data, [1, 1], "gdnParamsFromCompressAI");

// Batch norm, with its state and with moments.
const { params, state } = initBatchNorm(2);
const trained: BatchNormResult = await batchNorm(x, params, state, { decay: 0.5 });
const next: BatchNormState<Tensor> = trained.state;
assertClose(next.movingMean.data, [1, 1.75], "the moving mean");
const back = await (await batchNormVjp(x, params, state)).vjp(trained.y);
assertClose(back.params.beta.data, [0, 0], "the gradient of beta");
const merged = mergeMoments(await moments(tensor([[1, 2]])), await moments(tensor([[3, 5]])));
assertClose(merged.mean.data, [2, 3.5], "mergeMoments");
const pulledMoments = await (await momentsVjp(tensor([[1, 2], [3, 5]]))).vjp({ mean: [2, 4] });
assertClose(pulledMoments.x.data, [1, 2, 1, 2], "momentsVjp");
const replicated = await runReplicas(2, async (group: ReplicaGroup) => {
  const own = await moments(tensor([[group.rank, 2]]));
  const whole = await allMergeMoments(group, own);
  const summed: Summed<{ mean: Tensor }> = await allReduceTree(group, { mean: own.mean });
  return [...whole.mean.data, ...summed.mean.data];
});
assertClose(replicated[1]!, [0.5, 2, 1, 4], "runReplicas, allMergeMoments and allReduceTree");

// A pipeline, and what training needs.
const model = { norm: initGroupNorm(2), scale: initLayerNorm(2) };
const step = pipeline((ops, input: { state: AdamState<typeof model>; rate: number }) => {
  const { y, vjp } = ops.groupNormVjp(x, model.norm, groups);
  const grads = { norm: vjp(y).params, scale: vjp(y).params };
  const loss = ops.mean(ops.mul(y, y));
  return { loss, ...ops.adam(model, grads, input.state, { learningRate: input.rate }) };
}, { runtime });
const stepped = await step({ state: initAdam(model), rate: 0.1 });
assertClose(stepped.loss.data, [1], "the loss of a pipeline");
const half = (ops: PipelineOps, x: Tensor) => ops.scale(x, 0.5);
assertClose(pipeline(half, { runtime, sync: true })(tensor([2])).data, [1], "a pipeline with sync");
const halved: Promise<Tensor> = pipeline(half, { runtime, sync: false })(tensor([2]));
assertClose((await halved).data, [1], "a pipeline without");
assertClose(half(eager(runtime), tensor([2])).data, [1], "eager");
const { data: moved } = await layerNorm(tensor([[1, 3]]));
const own: ArrayBuffer = moved.buffer; // Not one that may be shared, so that it can be transferred.
assertClose(new Float32Array(own), [-1, 1], "a result with a memory of its own");
const onnxOptions: OnnxOptions = { opset: 17, batch: "fixed" };
const written: Uint8Array = toOnnx(half, tensor([2]), onnxOptions);
assertClose(written.subarray(0, 2), [8, 8], "the version of a model's format");
const w = { w: tensor([1, 2]) };
const descended: Step<typeof w, object> = await sgd(w, w, initSgd(w), { learningRate: 1 });
assertClose(descended.params.w.data, [0, 0], "sgd");
assertClose((await adam(w, w, initAdam(w), { learningRate: 1 })).params.w.data, [0, 1], "adam");
const decayed = await adamw(w, w, initAdam(w), { learningRate: 1, weightDecay: 1 });
assertClose(decayed.params.w.data, [-1, -1], "adamw");
const initializers: readonly Initializer[] = [
  zeros(),
  ones(),
  constant(2),
  identity(),
  randomNormal({ seed: 1 }),
  randomUniform({ min: 0, max: 1 }),
  truncatedNormal(),
  varianceScaling({ mode: "fanAvg" }),
];
for (const initialize of initializers) {
  assertClose(initialize([2, 2]).shape, [2, 2], "the shape of initial values");
}
for (const constrain of [nonNeg(), maxNorm({ max: 1 }), unitNorm(), minMaxNorm()]) {
  assertClose(constrain(x).shape, [2, 2], "the shape of constrained values");
}
assertClose([l1(1)(x), l2(1)(x), l1l2({ l1: 1, l2: 1 })(x)], [11, 39, 50], "the regularizers");

// Weights of other frameworks, and files.
const vectors = { gamma: [1, 1], beta: [0, 0], moving_mean: [0, 0], moving_variance: [1, 1] };
const torch = { weight: [1, 1], bias: [0, 0], running_mean: [0, 0], running_var: [1, 1] };
const onnx = { scale: [1, 1], B: [0, 0], input_mean: [0, 0], input_var: [1, 1] };
for (
  const imported of [
    batchNormFromTensorFlow(vectors, { scale: true }),
    batchNormFromKeras(vectors),
    batchNormFromPyTorch(torch),
    batchNormFromOnnx(onnx),
  ]
) {
  assertClose(imported.state.movingVariance.data, [1, 1], "the imported variance");
}
const affine = { weight: torch.weight, bias: torch.bias };
const norm = { gamma: [1, 1], beta: [0, 0] };
for (
  const { params: { gamma } } of [
    groupNormFromPyTorch(affine, { num_groups: 1 }),
    groupNormFromKeras(norm, { groups: 1 }),
    instanceNormFromPyTorch(affine, { affine: true }),
    layerNormFromPyTorch(affine),
    layerNormFromKeras(norm),
  ]
) {
  assertClose(gamma?.data ?? [], [1, 1], "an imported gamma");
}
const module = batchNormToPyTorch(params, state, { decay: 0.9 });
assertClose([module.options.momentum, ...module.weights.running_var.data], [0.1, 1, 1], "a module");
const { reparamBeta, reparamGamma } = variables;
const stored = { reparam_beta: reparamBeta, reparam_gamma: reparamGamma };
const imported = gdnFromTensorFlow(stored, { version: 1 });
assertClose(
  (await gdn(x, imported.params, imported.options)).data,
  [1, 2, 3, 5],
  "an imported gdn",
);
const compressAI = gdnFromCompressAI({ beta: reparamBeta, gamma: reparamGamma });
assertClose(compressAI.params.reparamBeta.shape, [2], "the shape of imported parameters");
const layer = gdnToCompressAI(compressAI.params, compressAI.options).weights;
assertClose(layer.beta.data, [...reparamBeta.data], "an exported gdn");
const tree = unflattenTree({ a: [x] }, flattenTree({ a: [x] }));
assertClose(tree.a[0]!.data, [1, 2, 3, 5], "a tree");
const { value, grads } = await valueAndGrad((ops, { x }) => ops.mean(ops.mul(x, x)), { x });
assertClose(value.data, [9.75], "a loss");
assertClose(grads.x.data, [0.5, 1, 1.5, 2.5], "its gradient");
const clipped = await clipByGlobalNorm(grads, 100);
assertClose(clipped.grads.x.data, [0.5, 1, 1.5, 2.5], "a short gradient");
assertClose(readSafetensors(writeSafetensors({ x })).tensors["x"]!.data, [1, 2, 3, 5], "a file");

// It needs Deno, and its permissions.
const refusal: string = await openMpi().then(
  (group: MpiGroup) => group.version,
  ({ message }: Error) => message,
);
if (!refusal.startsWith("Cannot open MPI: ")) throw new Error(refusal);

await runtime.dispose();
console.log("every function was used");

/**
 * This library, on every backend that is there; on wasm with plain arrays, in place, with threads, and
 * with gpu.js' own code generator in place of the tile compiler.
 *
 * @module
 */
import {
  type AnyRuntime,
  type AnyTensor,
  batchNorm,
  createRuntime,
  gdn,
  groupNorm,
  instanceNorm,
  layerNorm,
  pipeline,
  type PipelineOps,
  rmsNorm,
  type Runtime,
  type Tensor,
  tensor,
} from "../../mod.ts";
import type { Absent, Answer, Contender } from "../contender.ts";
import { EPSILON, type Inputs } from "../inputs.ts";
import { channelsOf, type Workload } from "../workloads.ts";

/** How many threads the threaded contender has. */
const THREADS = 2;

/** This library in its ways. */
export async function ours(workload: Workload, inputs: Inputs): Promise<(Contender | Absent)[]> {
  const contenders: (Contender | Absent)[] = [];
  const add = async (name: string, open: () => Promise<Runtime>, inPlace = false) => {
    try {
      contenders.push(
        workload.first
          ? await opening(name, workload, inputs, open)
          : contender(name, workload, inputs, await open(), inPlace),
      );
    } catch (error) {
      contenders.push({ name, absent: (error as Error).message });
    }
  };
  await add("kernorm wasm", () => createRuntime({ backend: "wasm" }));
  await add("kernorm wasm, in place", () => createRuntime({ backend: "wasm" }), true);
  await add("kernorm wasm, 2 threads", () => createRuntime({ backend: "wasm", threads: THREADS }));
  await add("kernorm webgpu", () => createRuntime({ backend: "webgpu" }));
  await add("kernorm cpu", () => createRuntime({ backend: "cpu" }));
  await add(
    "kernorm by gpu.js' code",
    () => createRuntime({ backend: "wasm", compiler: "gpu.js" }),
  );
  return contenders;
}

/** One that opens a runtime for every run. */
async function opening(
  name: string,
  workload: Workload,
  inputs: Inputs,
  open: () => Promise<Runtime>,
): Promise<Contender> {
  const bound = call(workload, inputs, tensor(inputs.x, workload.shape));
  // What cannot be opened is absent.
  await (await open()).dispose();
  let executor = "";
  return {
    name,
    peer: false,
    get executor() {
      return executor;
    },
    async run() {
      await using runtime = await open();
      const y = await bound(runtime);
      executor = executorOf(runtime);
      return y;
    },
  };
}

/** What really ran: the device, and how it was given the work. */
function executorOf(runtime: Runtime): string {
  const { backend, device, launchesByGpuJs } = runtime.stats();
  return launchesByGpuJs > 0 ? `${device}, ${backend} of gpu.js` : device;
}

function contender(
  name: string,
  workload: Workload,
  inputs: Inputs,
  runtime: Runtime,
  inPlace: boolean,
): Contender {
  const plain = tensor(inputs.x, workload.shape);
  const x = inPlace ? runtime.scope().put(plain) : plain;
  let checked = false;
  const bound = call(workload, inputs, x);
  return {
    name,
    peer: false,
    get executor() {
      return executorOf(runtime);
    },
    async run() {
      if (!inPlace) return await bound(runtime);
      using scope = runtime.scope();
      const y = await bound(scope);
      // The first answer is looked at; what stays in place is not copied again.
      const copy = checked ? undefined : copyOf(y);
      checked = true;
      return copy;
    },
    dispose: () => runtime.dispose(),
  };
}

function copyOf(answer: Answer): Answer {
  return answer instanceof Float32Array ? answer.slice() : answer.map((part) => part.slice());
}

/** A workload as a call. */
export function call(
  workload: Workload,
  { beta, gamma, mean, variance, matrix, dy }: Inputs,
  x: AnyTensor,
): (runtime: AnyRuntime) => Promise<Answer> {
  const { operation, format: dataFormat, inverse = false } = workload;
  const channels = channelsOf(workload);
  const params = { beta, gamma };
  const square = tensor(matrix, matrix.length === 0 ? [0, 0] : [channels, channels]);
  const state = {
    movingMean: tensor(mean),
    movingVariance: tensor(variance),
  };
  const training = operation === "batchNormTraining";
  const norm = { dataFormat, scale: true } as const;
  if (workload.backward) {
    return piped({ x, dy: tensor(dy, x.shape) }, (ops, { x, dy }) => {
      const { y, vjp } = operation === "gdn"
        ? ops.gdnVjp(x, { beta, gamma: square }, { dataFormat })
        : operation === "groupNorm"
        ? ops.groupNormVjp(x, params, { dataFormat, epsilon: EPSILON.groupNorm })
        : operation === "layerNorm"
        ? ops.layerNormVjp(x, params, { epsilon: EPSILON.layerNorm })
        : ops.batchNormVjp(x, params, state, { ...norm, epsilon: EPSILON.batchNorm });
      const back = vjp(dy);
      return [y, back.x, back.params.beta, back.params.gamma];
    });
  }
  switch (operation) {
    case "gdn":
      return async (runtime) =>
        (await gdn(x, { beta, gamma: square }, { dataFormat, inverse, runtime })).data;
    case "groupNorm":
      return async (runtime) =>
        (await groupNorm(x, params, { dataFormat, epsilon: EPSILON.groupNorm, runtime }))
          .data;
    case "instanceNorm":
      return async (runtime) => {
        const options = { dataFormat, epsilon: EPSILON.instanceNorm, runtime };
        return (await instanceNorm(x, params, options)).data;
      };
    case "layerNorm":
      return async (runtime) =>
        (await layerNorm(x, params, { epsilon: EPSILON.layerNorm, runtime })).data;
    case "rmsNorm":
      return async (runtime) =>
        (await rmsNorm(x, { gamma }, { dataFormat, epsilon: EPSILON.rmsNorm, runtime })).data;
    case "batchNormTraining":
    case "batchNormInference":
      return async (runtime) => {
        const options = { ...norm, training, epsilon: EPSILON.batchNorm, runtime };
        return (await batchNorm(x, params, state, options)).y.data;
      };
    case "pipeline":
      return piped(x, (ops, x) => {
        const h = ops.gdn(x, { beta, gamma: square });
        return [ops.batchNorm(ops.groupNorm(h, params), params, state, { scale: true }).y];
      });
  }
}

/** A function of x as one plan for each runtime. */
function piped<I>(
  input: I,
  fn: (ops: PipelineOps, input: I) => readonly Tensor[],
): (runtime: AnyRuntime) => Promise<Answer> {
  const runs = new WeakMap<AnyRuntime, (input: I) => Promise<readonly AnyTensor[]>>();
  return async (runtime) => {
    let run = runs.get(runtime);
    if (run === undefined) runs.set(runtime, run = pipeline(fn, { runtime }));
    const answers = (await run(input)).map(({ data }) => data);
    return answers.length === 1 ? answers[0] : answers;
  };
}

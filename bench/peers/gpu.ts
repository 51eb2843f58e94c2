/**
 * gpu.js as it is, in its WebAssembly mode: kernels as one would write them without this library, a
 * thread for each result, with flat outputs, which are the fastest that it has.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { loadGpu } from "../../ops/runtime/gpu/library.ts";
import type { Absent, Contender } from "../contender.ts";
import { EPSILON, type Inputs } from "../inputs.ts";
import { channelsOf, elementsOf, type Workload } from "../workloads.ts";
import { gdn, meanOf, normalized, type Sizes, squaresOf } from "./gpu_kernels.ts";

/** The part of gpu.js that is used. */
interface Gpu {
  createKernel(
    // deno-lint-ignore ban-types -- gpu.js takes the text of any function
    kernel: Function,
    settings: { output: number[]; constants: Sizes },
  ): Kernel;
  destroy(): Promise<void>;
}

interface Kernel {
  (...args: (Float32Array | number)[]): Float32Array;
  readonly kernel: { readonly constructor: { readonly mode: string } };
}

/** Every kernel call of a workload, in order. */
type Run = (x: Float32Array) => Float32Array;

const NAME = `gpu.js ${config.imports["gpu.js"].split("@")[1]}`;
const GROUPS = 32;

/** gpu.js, if it runs on WebAssembly here. */
export async function gpu(workload: Workload, inputs: Inputs): Promise<(Contender | Absent)[]> {
  if (workload.backward) return [{ name: NAME, absent: "it is written for one way" }];
  if (workload.operation === "rmsNorm") return [{ name: NAME, absent: "it has no kernel for it" }];
  try {
    const { GPU } = await loadGpu();
    const open = () => new GPU({ mode: "webasm" }) as unknown as Gpu;
    const own = open();
    const made: Kernel[] = [];
    const run = runOf(own, workload, inputs, made);
    return [{
      name: NAME,
      peer: true,
      get executor() {
        // It falls back silently: this is what really ran.
        return [...new Set(made.map(({ kernel }) => kernel.constructor.mode))].join(", ");
      },
      async run() {
        if (!workload.first) return run(inputs.x);
        made.length = 0;
        const once = open();
        const y = runOf(once, workload, inputs, made)(inputs.x);
        await once.destroy();
        return y;
      },
      dispose: () => own.destroy(),
    }];
  } catch (error) {
    return [{ name: NAME, absent: (error as Error).message }];
  }
}

function runOf(own: Gpu, workload: Workload, inputs: Inputs, made: Kernel[]): Run {
  const { operation, shape, format, inverse = false } = workload;
  const elements = elementsOf(workload);
  const samples = shape[0];
  const channels = channelsOf(workload);
  const positions = elements / samples / channels;
  const [channelStep, positionStep] = format === "NHWC" ? [1, channels] : [positions, 1];
  const layout = { channels, channelStep, sampleStep: channels * positions };
  // deno-lint-ignore ban-types -- gpu.js takes the text of any function
  const make = (kernel: Function, length: number, constants: Sizes) => {
    const one = own.createKernel(kernel, { output: [length], constants });
    made.push(one);
    return one;
  };
  const { beta, gamma, mean, variance, matrix } = inputs;

  /** Mean, squares about it, then all results. */
  const norm = (groups: number, epsilon: number): Run => {
    const members = channels / groups;
    const sizes = {
      ...layout,
      groups,
      members,
      setsOfSample: groups,
      setStep: members * channelStep,
      outer: positions,
      outerStep: positionStep,
      inner: members,
      innerStep: channelStep,
    };
    return statistics(samples * groups, sizes, epsilon);
  };
  const batch = (): Run =>
    statistics(channels, {
      ...layout,
      groups: channels,
      members: 1,
      setsOfSample: 0,
      setStep: channelStep,
      outer: samples,
      outerStep: channels * positions,
      inner: positions,
      innerStep: positionStep,
    }, EPSILON.batchNorm);
  const statistics = (sets: number, sizes: Sizes, epsilon: number): Run => {
    const meanKernel = make(meanOf, sets, sizes);
    const squaresKernel = make(squaresOf, sets, sizes);
    const last = make(normalized, elements, sizes);
    return (x) => {
      const means = meanKernel(x);
      return last(x, means, squaresKernel(x, means), gamma, beta, epsilon);
    };
  };
  const divided = (): Run => {
    const kernel = make(gdn, elements, { ...layout, inverse: inverse ? 1 : 0 });
    return (x) => kernel(x, matrix, beta);
  };
  switch (operation) {
    case "gdn":
      return divided();
    case "layerNorm":
      return norm(1, EPSILON.layerNorm);
    case "rmsNorm":
      throw new Error("it has no kernel for it");
    case "instanceNorm":
      return norm(channels, EPSILON.instanceNorm);
    case "groupNorm":
      return norm(GROUPS, EPSILON.groupNorm);
    case "batchNormTraining":
      return batch();
    case "batchNormInference": {
      const kernel = make(normalized, elements, { ...layout, members: 1, setsOfSample: 0 });
      return (x) => kernel(x, mean, variance, gamma, beta, EPSILON.batchNorm);
    }
    case "pipeline": {
      const first = divided();
      const second = norm(GROUPS, EPSILON.groupNorm);
      const third = batch();
      return (x) => third(second(first(x)));
    }
  }
}

/**
 * The cpu executor: gpu.js' plain JavaScript kernels, one after the other.
 *
 * @module
 */
import type { Kernel } from "../../plan/kernel.ts";
import type { Launch, Program } from "../../plan/program.ts";
import type { Executable, Executor } from "../executor.ts";
import type { CpuKernelBase, Gpu, GpuInput, GpuLibrary } from "../gpu/declarations.ts";
import { kernelSettings, launchArguments } from "../gpu/settings.ts";
import { textOf } from "../gpu/texts.ts";
import { launchedCpuKernel } from "./kernel.ts";

/** Compiles programs to JavaScript. It is there wherever this library can be imported. */
export function createCpuExecutor(library: GpuLibrary): Executor {
  const gpu = new library.GPU({ mode: "cpu" });
  gpu.Kernel = launchedCpuKernel(library);
  const functions = new Functions(gpu);
  return {
    backend: "cpu",
    device: "JavaScript",
    bytes: 0,
    compile: (program) => compile(library, functions, program),
    async dispose() {
      functions.clear();
      await gpu.destroy();
    },
  };
}

function compile(library: GpuLibrary, functions: Functions, program: Program): Executable {
  const run = (inputs: readonly Float32Array[], scalars: readonly number[]) => {
    const values: Float32Array[] = [...inputs];
    for (const launch of program.launches) {
      const args = launchArguments(library, launch, values, scalars);
      values[launch.result] = functions.run(launch, args);
    }
    // An input that is a result as well is the caller's own array.
    return program.results.map((id) => id < inputs.length ? values[id].slice() : values[id]);
  };
  return { bytes: 0, byGpuJs: program.launches.length, run, runAtOnce: run, dispose() {} };
}

/**
 * The JavaScript of every kernel so far. Engines keep the text that they evaluate, and all that was
 * compiled from it, for longer than anything refers to it. There is therefore one text for each
 * kernel, whatever the shapes; a launch's sizes are set before it runs.
 */
class Functions {
  readonly #gpu: Gpu;
  #built = new WeakMap<Kernel, CpuKernelBase>();

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  run(launch: Launch, args: (GpuInput | number)[]): Float32Array {
    const { output, constants } = kernelSettings(launch, launch.kernel);
    let kernel = this.#built.get(launch.kernel);
    if (kernel === undefined) {
      kernel = this.#build(launch, args);
      this.#built.set(launch.kernel, kernel);
    }
    kernel.output = output;
    kernel.constants = constants;
    return kernel.run(...args) as Float32Array;
  }

  clear(): void {
    this.#built = new WeakMap();
  }

  #build(launch: Launch, args: (GpuInput | number)[]): CpuKernelBase {
    const settings = kernelSettings(launch, launch.kernel);
    const { kernel } = this.#gpu.createKernel(textOf(launch.kernel), settings);
    kernel.build(...args);
    // Unlike the other kinds, a CPU kernel does not leave gpu.js' list by itself.
    this.#gpu.kernels.splice(this.#gpu.kernels.indexOf(kernel), 1);
    return kernel as CpuKernelBase;
  }
}

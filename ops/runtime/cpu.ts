/**
 * The cpu executor: gpu.js' plain JavaScript kernels, one after the other.
 *
 * @module
 */
import type { CpuKernelBase, Gpu, GpuClass, GpuLibrary } from "./gpu.ts";
import type { Executable, Executor, Program } from "./executor.ts";
import { kernelSettings, launchArguments } from "./settings.ts";

/** Compiles programs to JavaScript. It is there wherever this library can be imported. */
export function createCpuExecutor(library: GpuLibrary): Executor {
  const gpu = new library.GPU({ mode: "cpu" });
  gpu.Kernel = flatCpuKernel(library.CPUKernel);
  return {
    backend: "cpu",
    device: "JavaScript",
    bytes: 0,
    compile: (program) => compile(library, gpu, program),
    dispose: async () => void await gpu.destroy(),
  };
}

function compile(library: GpuLibrary, gpu: Gpu, program: Program): Executable {
  const kernels = program.launches.map((launch) =>
    gpu.createKernel(launch.kernel.source, kernelSettings(launch, launch.kernel))
  );
  return {
    bytes: 0,
    kind: "cpu",
    run(inputs, scalars) {
      const values: Float32Array[] = [...inputs];
      program.launches.forEach((launch, i) => {
        const { kernel } = kernels[i];
        const args = launchArguments(library, launch, values, scalars);
        kernel.build(...args);
        values[launch.result] = kernel.run(...args) as Float32Array;
      });
      // An input that is a result as well is the caller's own array.
      return program.results.map((id) => id < inputs.length ? values[id].slice() : values[id]);
    },
    dispose() {
      // Unlike the other kinds, a CPU kernel does not leave gpu.js' list by itself.
      for (const { kernel } of kernels) gpu.kernels.splice(gpu.kernels.indexOf(kernel), 1);
    },
  };
}

/**
 * gpu.js answers two- and three-dimensional grids with nested arrays made row by row. Here a row is
 * a view of one flat result, so that the next kernel and the caller get it as it lies.
 */
function flatCpuKernel(base: GpuClass<CpuKernelBase>): unknown {
  return class FlatCpuKernel extends base {
    override _resultImmutableKernel1DLoop(body: string): string {
      return flatLoops(this, body);
    }
    override _resultImmutableKernel2DLoop(body: string): string {
      return flatLoops(this, body);
    }
    override _resultImmutableKernel3DLoop(body: string): string {
      return flatLoops(this, body);
    }
  };
}

/**
 * The loops around a kernel's body, which ends in `resultX[x] = …` (`result[x] = …` on a
 * one-dimensional grid); gpu.js then returns `result`.
 */
function flatLoops(kernel: CpuKernelBase, body: string): string {
  const [x, y = 1, z = 1] = kernel.output;
  const lanes = Number(kernel.returnType.match(/^Array\((\d)\)$/)?.[1] ?? 1);
  const row = lanes === 1 ? "result.subarray(start, start + outputX)" : "[]";
  return `
    const outputX = ${x};
    const result = new Float32Array(${x * y * z * lanes});
    for (let z = 0; z < ${z}; z++) {
      this.thread.z = z;
      for (let y = 0; y < ${y}; y++) {
        this.thread.y = y;
        const start = (z * ${y} + y) * ${x * lanes};
        const resultX = ${row};
        for (let x = 0; x < outputX; x++) {
          this.thread.x = x;
          ${body}
        }
        ${
    lanes === 1 ? "" : `resultX.forEach((cell, x) => result.set(cell, start + x * ${lanes}));`
  }
      }
    }`;
}

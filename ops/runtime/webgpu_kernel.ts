/**
 * gpu.js' WebGPU kernel, changed in three ways: the extents of each argument belong to the launch
 * and not to whatever produced the array, the workgroup fits the grid, and results stay flat.
 *
 * @module
 */
import type { GpuClass, WebGpuKernelBase } from "./gpu.ts";
import type { Extents, Launch } from "./executor.ts";

/** Workgroups in one dimension, and threads in one workgroup: the least that WebGPU promises. */
const MAX_GROUPS = 65535;
const MAX_THREADS = 256;
const MAX_THREADS_Z = 64;

/** Threads in a workgroup where the grid leaves the choice: two or four subgroups on any hardware. */
const THREADS = 64;

/**
 * Constants that tell {@linkcode launchedWebGpuKernel} the extents of a launch's arguments; they
 * travel as constants because those survive gpu.js' cloning of kernels.
 */
export function extentConstants(launch: Launch): Record<string, number> {
  const entries = launch.arguments.flatMap((argument, i) => {
    if ("scalar" in argument) return [];
    const { name } = launch.kernel.arguments[i];
    return [[`${name}Width`, argument.extents[0]], [`${name}Height`, argument.extents[1]]];
  });
  return Object.fromEntries(entries);
}

/** The class to set as `gpu.Kernel` in mode "webgpu". */
export function launchedWebGpuKernel(base: GpuClass<WebGpuKernelBase>): unknown {
  return class LaunchedWebGpuKernel extends base {
    override assembleWGSL(): string {
      let text = super.assembleWGSL();
      for (const name of this.argumentNames) {
        if (!(`${name}Width` in this.constants)) continue;
        text = text
          .replaceAll(`params.user_${name}_dims.x`, `${this.constants[`${name}Width`]}u`)
          .replaceAll(`params.user_${name}_dims.y`, `${this.constants[`${name}Height`]}u`);
      }
      if (this.output.length < 3) return text;
      this.workgroupSize = workgroupFor(this.output as unknown as Extents) ?? this.workgroupSize;
      return text.replace(
        /@workgroup_size\([^)]*\)/,
        `@workgroup_size(${this.workgroupSize.join(", ")})`,
      );
    }

    override _shapeOutput(data: Float32Array): unknown {
      return data;
    }
  };
}

/**
 * The shape of a workgroup for a grid: as long as useful in x, where neighbours in memory lie, and
 * large enough in every dimension that the count of groups stays within WebGPU's limit.
 *
 * @returns `undefined` if no workgroup covers the grid.
 */
export function workgroupFor(grid: Extents): [number, number, number] | undefined {
  const size = grid.map((extent) => powerOfTwo(Math.ceil(extent / MAX_GROUPS)));
  if (size[0] * size[1] * size[2] > MAX_THREADS || size[2] > MAX_THREADS_Z) return undefined;
  for (const [d, extent] of grid.entries()) {
    while (size[d] < extent && size[0] * size[1] * size[2] < THREADS) size[d] *= 2;
  }
  return [size[0], size[1], size[2]];
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(atLeast));
}

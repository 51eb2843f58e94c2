/**
 * gpu.js' WebGPU kernel, changed in three ways: the extents of each argument belong to the launch
 * and not to whatever produced the array, cells are numbered along memory whatever the grid, and
 * results stay flat.
 *
 * @module
 */
import type { Launch } from "../../../plan/program.ts";
import type { GpuClass, WebGpuKernelBase } from "../../gpu/declarations.ts";

/** Workgroups in one dimension: the least that WebGPU promises, and what gpu.js asks for. */
const MAX_GROUPS = 65535;

/** Threads in a workgroup: one or two subgroups on any hardware. */
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
      this.workgroupSize = [THREADS, 1, 1];
      return withFlatCells(text, this.output);
    }

    override _computeDispatch(): { groups: number[]; dispatchWidth: number } {
      const cells = this.output.reduce((product, extent) => product * extent, 1);
      const groups = Math.ceil(cells / THREADS);
      const rows = Math.ceil(groups / MAX_GROUPS);
      const width = Math.ceil(groups / rows);
      return { groups: [width, rows, 1], dispatchWidth: width * THREADS };
    }

    override _shapeOutput(data: Float32Array): unknown {
      return data;
    }
  };
}

/**
 * Numbers the cells of a grid along memory and derives the threads' coordinates from the number.
 * gpu.js gives every dimension of the grid workgroups of its own, and then a long extent has more of
 * them than WebGPU allows, and a short one leaves most of a workgroup idle.
 *
 * @throws {Error} If gpu.js begins its kernels otherwise than version 2.24.1 does.
 */
function withFlatCells(text: string, output: readonly number[]): string {
  const [x, y = 1, z = 1] = output;
  const begin = text.indexOf("@compute");
  const last = "let data_index : i32 =";
  const end = text.indexOf(";", text.indexOf(last, begin)) + 1;
  if (begin < 0 || !text.slice(begin, end).includes(last)) {
    throw new Error("Cannot build a WebGPU kernel: gpu.js must be of version 2.24.1");
  }
  return `${text.slice(0, begin)}@compute @workgroup_size(${THREADS}, 1, 1)
fn main(@builtin(global_invocation_id) gid : vec3<u32>) {
  let cell : u32 = gid.x + gid.y * params.dispatchWidth;
  if (cell >= ${x * y * z}u) { return; }
  threadGid = vec3<u32>(cell % ${x}u, (cell / ${x}u) % ${y}u, cell / ${x * y}u);
  let data_index : i32 = i32(cell);${text.slice(end)}`;
}

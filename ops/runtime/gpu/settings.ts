/**
 * How gpu.js is told to run a launch.
 *
 * @module
 */
import type { Kernel } from "../../plan/kernel.ts";
import type { Launch, Program } from "../../plan/program.ts";
import type { GpuInput, GpuKernelSettings, GpuLibrary } from "./declarations.ts";

/** The settings under which gpu.js builds a launch with the given kernel. */
export function kernelSettings(launch: Launch, kernel: Kernel): GpuKernelSettings {
  const [x, y, z] = launch.grid;
  return {
    output: kernel.format === "flat" ? [x / kernel.lanes] : [x / kernel.lanes, y, z],
    constants: launch.constants,
    argumentTypes: kernel.arguments.map(({ kind }) => kind === "scalar" ? "Float" : "Input"),
    strictIntegers: true,
  };
}

/**
 * The arguments of one launch as gpu.js takes them, read from the run's values and scalars. Scalars
 * are float32 like everything that they meet, also on cpu, which would not round them by itself.
 */
export function launchArguments(
  library: GpuLibrary,
  launch: Launch,
  values: readonly (Float32Array | undefined)[],
  scalars: readonly number[],
): (GpuInput | number)[] {
  return launch.arguments.map((argument) => {
    if ("scalar" in argument) return Math.fround(scalars[argument.scalar]);
    const value = values[argument.value];
    if (value === undefined) throw new Error(`Cannot launch ${launch.kernel.name}: no value`);
    return new library.Input(value, [...argument.extents]);
  });
}

/** Whether a launch's result is read by another: on a GPU not where a cell holds several elements. */
export function feedsAnother(program: Program, { result }: Launch): boolean {
  return program.launches.some((launch) =>
    launch.arguments.some((argument) => "value" in argument && argument.value === result)
  );
}

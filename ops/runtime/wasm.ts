/**
 * The wasm executor: gpu.js' WebAssembly kernels back to back over one memory. A program's inputs,
 * intermediates and results lie at fixed offsets of it, so nothing is copied between kernels.
 *
 * @module
 */
import type { Gpu, GpuLibrary } from "./gpu.ts";
import type { Executable, Executor, Program } from "./executor.ts";
import { kernelSettings, launchArguments } from "./settings.ts";
import { placeValues } from "./wasm_layout.ts";
import { createScratch, fitMemory, type WasmMemory } from "./wasm_memory.ts";
import { type PlacedWasmKernel, placedWasmKernel } from "./wasm_kernel.ts";

/** Compiles programs to WebAssembly. */
export function createWasmExecutor(library: GpuLibrary): Executor {
  const gpu = new library.GPU({ mode: "webasm" });
  gpu.Kernel = placedWasmKernel(library);
  // Runs are synchronous and copy their inputs in and results out, so all programs can use the
  // same bytes one after the other.
  const scratch = createScratch();
  return {
    backend: "wasm",
    device: "WebAssembly",
    get bytes() {
      return scratch.memory.buffer.byteLength;
    },
    compile: (program) => compile(library, gpu, program, scratch),
    dispose: async () => void await gpu.destroy(),
  };
}

function compile(
  library: GpuLibrary,
  gpu: Gpu,
  program: Program,
  scratch: WasmMemory,
): Executable {
  const { offsets, scalars: firstScalar, bytes } = placeValues(program);
  const memory = fitMemory(scratch, bytes);
  // Views of the places serve as arguments to build with: a kernel needs their extents only.
  const views = offsets.map((offset, id) =>
    memory.floats.subarray(offset / 4, offset / 4 + program.lengths[id])
  );
  const zeros = new Array(program.scalars).fill(0);
  const kernels = program.launches.map((launch) => {
    const kernel = gpu.createKernel(launch.kernel.source, kernelSettings(launch, launch.kernel));
    const placed = kernel.kernel as PlacedWasmKernel;
    placed.placement = {
      memory: memory.memory,
      arguments: launch.arguments.map((argument) =>
        "scalar" in argument ? firstScalar + argument.scalar * 4 : offsets[argument.value]
      ),
      result: offsets[launch.result],
      bytes,
    };
    placed.build(...launchArguments(library, launch, views, zeros));
    if (kernel.kernel !== placed || !placed.built) {
      throw new Error(
        `Cannot compile ${launch.kernel.name} to WebAssembly: ${kernel.kernel.fallbackReason}`,
      );
    }
    return placed;
  });
  return {
    bytes: memory === scratch ? 0 : memory.memory.buffer.byteLength,
    kind: "webasm",
    run(inputs, scalars) {
      inputs.forEach((input, id) => memory.floats.set(input, offsets[id] / 4));
      memory.floats.set(scalars, firstScalar / 4);
      for (const kernel of kernels) kernel.launch();
      return program.results.map((id) => {
        const start = offsets[id] / 4;
        return memory.floats.slice(start, start + program.lengths[id]);
      });
    },
    dispose: () => kernels.forEach((kernel) => kernel.destroy()),
  };
}

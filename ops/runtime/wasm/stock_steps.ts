/**
 * The launches of a plan that are left to gpu.js: one of its WebAssembly kernels for each.
 *
 * @module
 */
import type { Launch, Program } from "../../plan/program.ts";
import type { Gpu, GpuLibrary } from "../gpu/declarations.ts";
import { kernelSettings, launchArguments } from "../gpu/settings.ts";
import { textOf } from "../gpu/texts.ts";
import { type Arena, Full } from "./arena.ts";
import type { CompiledPlan } from "./compiler/compile.ts";
import type { Stock, StockStep } from "./link.ts";
import { type PlacedWasmKernel, placedWasmKernel } from "./stock.ts";

const BYTES = 4;

/** gpu.js, with kernels that run over a given memory. */
export function openStock(library: GpuLibrary): Stock {
  const gpu = new library.GPU({ mode: "webasm" });
  gpu.Kernel = placedWasmKernel(library);
  return {
    place: (program, plan, arena, launch) => place(library, gpu, program, plan, arena, launch),
    dispose: () => gpu.destroy(),
  };
}

/** A kernel of gpu.js has places of its own, to which its arguments are copied. */
function place(
  library: GpuLibrary,
  gpu: Gpu,
  { lengths, scalars }: Program,
  { layout }: CompiledPlan,
  arena: Arena,
  launch: Launch,
): StockStep {
  const blocks: number[] = [];
  let built: PlacedWasmKernel | undefined;
  const dispose = () => {
    blocks.forEach((block) => arena.give(block));
    built?.destroy();
  };
  const take = (length: number): number => {
    const address = arena.take(length * BYTES);
    if (address === undefined) throw new Full();
    blocks.push(address);
    return address;
  };
  const build = (): StockStep["run"] => {
    const places = launch.arguments.map((argument) =>
      take("scalar" in argument ? 1 : lengths[argument.value])
    );
    const result = take(lengths[launch.result]);
    const { pages, memory, shared } = arena;
    const kernel = gpu.createKernel(textOf(launch.kernel), kernelSettings(launch, launch.kernel));
    const placed = kernel.kernel as PlacedWasmKernel;
    built = placed;
    placed.placement = { memory, shared, arguments: places, result, pages };
    // A kernel is built for the extents of its arguments, whatever they hold.
    const views = lengths.map((length) => arena.floats.subarray(0, length));
    placed.build(...launchArguments(library, launch, views, new Array(scalars).fill(0)));
    if (kernel.kernel !== placed || !placed.built) {
      throw new Error(
        `Cannot compile ${launch.kernel.name} to WebAssembly: ${kernel.kernel.fallbackReason}`,
      );
    }
    const addressOf = (base: number, value: number): number => {
      const entry = layout.table.get(value);
      return entry === undefined
        ? base + layout.offsets.get(value)!
        : arena.integers[(base + entry) / BYTES] >>> 0;
    };
    const copy = (to: number, from: number, length: number) =>
      arena.floats.copyWithin(to / BYTES, from / BYTES, from / BYTES + length);
    return (base) => {
      launch.arguments.forEach((argument, i) => {
        if ("scalar" in argument) {
          copy(places[i], base + layout.scalars + BYTES * argument.scalar, 1);
        } else copy(places[i], addressOf(base, argument.value), lengths[argument.value]);
      });
      placed.launch();
      copy(addressOf(base, launch.result), result, lengths[launch.result]);
    };
  };
  try {
    return { run: build(), dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/**
 * A compiled plan linked to one arena: its module's functions, and kernels of gpu.js for the launches
 * that were left to it.
 *
 * @module
 */
import type { Launch, Program } from "../../plan/program.ts";
import type { Gpu, GpuLibrary } from "../gpu/declarations.ts";
import { kernelSettings, launchArguments } from "../gpu/settings.ts";
import { type Arena, Full } from "./arena.ts";
import { type CompiledPlan, RUN_ALL } from "./compiler/compile.ts";
import type { PlacedWasmKernel } from "./stock.ts";

/** A plan that can run in an arena. */
export interface Linked {
  /** Runs the plan, given the addresses of a run's block and of panels. */
  readonly run: (base: number, panels: number) => void;
  readonly module: WebAssembly.Module;
  /** Gives back what it keeps of the arena. */
  readonly dispose: () => void;
}

/** What launches need that are left to gpu.js. */
export interface Stock {
  readonly library: GpuLibrary;
  readonly gpu: Gpu;
}

const BYTES = 4;

/**
 * Links a plan to an arena.
 *
 * @throws {Full} If the arena has no room for what kernels of gpu.js keep.
 */
export function link(
  program: Program,
  plan: CompiledPlan,
  arena: Arena,
  stock: Stock | undefined,
): Linked {
  const { pages, shared, memory } = arena;
  const module = new WebAssembly.Module(plan.code.bytes({ pages, shared }));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  if (plan.groups.every(({ tiled }) => tiled)) {
    return { run: exports[RUN_ALL] as Linked["run"], module, dispose: () => {} };
  }
  const blocks: number[] = [];
  const kernels: PlacedWasmKernel[] = [];
  const dispose = () => {
    blocks.forEach((block) => arena.give(block));
    kernels.forEach((kernel) => kernel.destroy());
  };
  try {
    const steps = plan.groups.map((group): Linked["run"] => {
      if (group.tiled) {
        const run = exports[group.name] as (...args: number[]) => void;
        return (base, panels) => run(base, panels, 0, group.tasks);
      }
      if (stock === undefined) {
        throw new Error(
          `Cannot compile ${group.launch.kernel.name}: the compiler does not take it`,
        );
      }
      return stockStep(program, plan, arena, group.launch, stock, blocks, kernels);
    });
    const run = (base: number, panels: number) => steps.forEach((step) => step(base, panels));
    return { run, module, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** A kernel of gpu.js has places of its own, to which its arguments are copied. */
function stockStep(
  { lengths, scalars }: Program,
  { layout }: CompiledPlan,
  arena: Arena,
  launch: Launch,
  { library, gpu }: Stock,
  blocks: number[],
  kernels: PlacedWasmKernel[],
): (base: number) => void {
  const take = (length: number): number => {
    const address = arena.take(length * BYTES);
    if (address === undefined) throw new Full();
    blocks.push(address);
    return address;
  };
  const places = launch.arguments.map((argument) =>
    take("scalar" in argument ? 1 : lengths[argument.value])
  );
  const result = take(lengths[launch.result]);
  const { pages, memory, shared } = arena;
  const kernel = gpu.createKernel(launch.kernel.source, kernelSettings(launch, launch.kernel));
  const placed = kernel.kernel as PlacedWasmKernel;
  kernels.push(placed);
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
}

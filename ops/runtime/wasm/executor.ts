/**
 * The wasm executor: plans compiled by the tile compiler, run over one memory. Tensors that live
 * there are used in place, others are copied in and out; nothing is copied between kernels.
 *
 * @module
 */
import type { Executable, Executor, Launch, Program } from "../executor.ts";
import type { Gpu, GpuLibrary } from "../gpu.ts";
import { kernelSettings, launchArguments } from "../settings.ts";
import { type Arena, Arenas } from "./arena.ts";
import { Module } from "./code.ts";
import { type CompiledPlan, compilePlan, type CompilerOptions, RUN_ALL } from "./compile.ts";
import { type PlacedWasmKernel, placedWasmKernel } from "./stock.ts";
import { createParser } from "./syntax.ts";

/** Settings of the executor. */
export interface WasmSettings {
  /** Only operations that IEEE 754 defines to the last bit. */
  readonly deterministic: boolean;
  /** Another choice of tiles, for tests. */
  readonly tile?: CompilerOptions["tile"];
}

const BYTES = 4;

/** Compiles programs to WebAssembly. */
export function createWasmExecutor(
  library: GpuLibrary,
  { deterministic, tile }: WasmSettings = { deterministic: false },
): Executor {
  const gpu = new library.GPU({ mode: "webasm" });
  gpu.Kernel = placedWasmKernel(library);
  const parse = createParser(library);
  const arenas = new Arenas(false);
  const options = { fused: !deterministic && hasFusedMultiplyAdd(), ...(tile && { tile }) };
  return {
    backend: "wasm",
    device: "WebAssembly",
    get bytes() {
      return arenas.bytes;
    },
    compile: (program) =>
      new WasmExecutable(program, compilePlan(program, parse, options), arenas, library, gpu),
    allocate: (length) => arenas.allocate(length),
    release: (data) => arenas.release(data),
    isLive: (data) => arenas.locate(data) !== undefined,
    dispose: async () => void await gpu.destroy(),
  };
}

/** Whether the engine has the relaxed instructions, which came later than the others. */
function hasFusedMultiplyAdd(): boolean {
  const module = new Module();
  module.add(["v128", "v128", "v128"], ["v128"], (code) => {
    code.get(0).get(1).get(2).do("f32x4.relaxed_madd");
  });
  return WebAssembly.validate(module.bytes({ pages: 1, shared: false }));
}

/** A plan linked to one memory. */
interface Linked {
  /** Runs the plan, given the address of a run's block. */
  run(base: number): void;
  /** Blocks that kernels of gpu.js keep to themselves. */
  readonly blocks: readonly number[];
  readonly kernels: readonly PlacedWasmKernel[];
}

class WasmExecutable implements Executable {
  readonly bytes = 0;
  readonly kind: string;
  readonly #program: Program;
  readonly #plan: CompiledPlan;
  readonly #arenas: Arenas;
  readonly #library: GpuLibrary;
  readonly #gpu: Gpu;
  readonly #linked = new Map<Arena, Linked>();
  readonly #inputs: number;
  readonly #most: number;

  constructor(
    program: Program,
    plan: CompiledPlan,
    arenas: Arenas,
    library: GpuLibrary,
    gpu: Gpu,
  ) {
    this.#program = program;
    this.#plan = plan;
    this.#arenas = arenas;
    this.#library = library;
    this.#gpu = gpu;
    this.kind = plan.groups.every(({ tiled }) => tiled) ? "tiles" : "webasm";
    const { lengths, launches } = program;
    this.#inputs = lengths.length - launches.length;
    // Room for everything, each rounded up, and for what kernels of gpu.js keep.
    const all = lengths.reduce((sum, length) => sum + length * BYTES + 64, 0);
    const kept = plan.groups.some(({ tiled }) => !tiled) ? all : 0;
    this.#most = plan.layout.bytes + all + kept;
  }

  run(
    inputs: readonly Float32Array[],
    scalars: readonly number[],
    keep = false,
  ): Float32Array[] {
    return this.#arenas.within(
      this.#preferred(inputs),
      this.#most,
      (arena) => this.#runIn(arena, inputs, scalars, keep),
    );
  }

  dispose(): void {
    for (const [arena, { blocks, kernels }] of this.#linked) {
      blocks.forEach((block) => arena.give(block));
      kernels.forEach((kernel) => kernel.destroy());
    }
    this.#linked.clear();
  }

  /** The arena of the largest input that lives in one. */
  #preferred(inputs: readonly Float32Array[]): Arena | undefined {
    let [largest, arena]: [number, Arena | undefined] = [-1, undefined];
    for (const input of inputs) {
      const place = input.length > largest ? this.#arenas.locate(input) : undefined;
      if (place !== undefined) [largest, arena] = [input.length, place.arena];
    }
    return arena;
  }

  #runIn(
    arena: Arena,
    inputs: readonly Float32Array[],
    scalars: readonly number[],
    keep: boolean,
  ): Float32Array[] | undefined {
    const { lengths, results } = this.#program;
    const { layout } = this.#plan;
    const taken: number[] = [];
    const take = (bytes: number): number => {
      const address = arena.take(bytes);
      if (address === undefined) throw FULL;
      taken.push(address);
      return address;
    };
    try {
      const linked = this.#link(arena);
      const base = take(layout.bytes);
      const addresses = new Map<number, number>();
      for (let id = 0; id < this.#inputs; id++) {
        const place = this.#arenas.locate(inputs[id]);
        let address = place?.arena === arena ? place.address : undefined;
        if (address === undefined) {
          address = take(lengths[id] * BYTES);
          arena.floats.set(inputs[id], address / BYTES);
        }
        addresses.set(id, address);
      }
      for (const id of results) {
        if (!addresses.has(id)) addresses.set(id, take(lengths[id] * BYTES));
      }
      for (const [id, offset] of layout.table) {
        arena.integers[(base + offset) / BYTES] = addresses.get(id)!;
      }
      for (let i = 0; i < scalars.length; i++) {
        arena.floats[(base + layout.scalars) / BYTES + i] = scalars[i];
      }
      linked.run(base);
      return results.map((id, i) => {
        const address = addresses.get(id)!;
        const view = arena.view(address, lengths[id]);
        if (!keep) return view.slice();
        const isOwn = id >= this.#inputs && results.indexOf(id) === i;
        if (isOwn) {
          taken.splice(taken.indexOf(address), 1);
          return this.#arenas.adopt(arena, address, lengths[id]);
        }
        const copy = this.#arenas.allocate(lengths[id]);
        copy.set(view);
        return copy;
      });
    } catch (error) {
      if (error === FULL) return undefined;
      throw error;
    } finally {
      taken.forEach((address) => arena.give(address));
    }
  }

  #link(arena: Arena): Linked {
    let linked = this.#linked.get(arena);
    if (linked === undefined) {
      linked = this.#linkTo(arena);
      this.#linked.set(arena, linked);
    }
    return linked;
  }

  #linkTo(arena: Arena): Linked {
    const { code, groups } = this.#plan;
    const bytes = code.bytes({ pages: arena.pages, shared: false });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      env: { memory: arena.memory },
    });
    if (groups.every(({ tiled }) => tiled)) {
      return { run: exports[RUN_ALL] as Linked["run"], blocks: [], kernels: [] };
    }
    const blocks: number[] = [];
    const kernels: PlacedWasmKernel[] = [];
    const steps = groups.map((group): (base: number) => void => {
      if (group.tiled) {
        const run = exports[group.name] as (base: number, start: number, end: number) => void;
        return (base) => run(base, 0, group.tasks);
      }
      const stock = this.#stock(arena, group.launch);
      blocks.push(...stock.blocks);
      kernels.push(stock.kernel);
      return stock.run;
    });
    return { run: (base) => steps.forEach((step) => step(base)), blocks, kernels };
  }

  /** A kernel of gpu.js with places of its own, to which its arguments are copied. */
  #stock(arena: Arena, launch: Launch): {
    readonly run: (base: number) => void;
    readonly blocks: readonly number[];
    readonly kernel: PlacedWasmKernel;
  } {
    const { lengths, scalars } = this.#program;
    const { layout } = this.#plan;
    const blocks: number[] = [];
    const take = (length: number): number => {
      const address = arena.take(length * BYTES);
      if (address === undefined) throw FULL;
      blocks.push(address);
      return address;
    };
    try {
      const places = launch.arguments.map((argument) =>
        take("scalar" in argument ? 1 : lengths[argument.value])
      );
      const result = take(lengths[launch.result]);
      const kernel = this.#gpu.createKernel(
        launch.kernel.source,
        kernelSettings(launch, launch.kernel),
      );
      const placed = kernel.kernel as PlacedWasmKernel;
      placed.placement = { memory: arena.memory, arguments: places, result, pages: arena.pages };
      // A kernel needs the extents of its arguments only.
      const views = lengths.map((length) => arena.floats.subarray(0, length));
      const zeros = new Array(scalars).fill(0);
      placed.build(...launchArguments(this.#library, launch, views, zeros));
      if (kernel.kernel !== placed || !placed.built) {
        throw new Error(
          `Cannot compile ${launch.kernel.name} to WebAssembly: ${kernel.kernel.fallbackReason}`,
        );
      }
      const addressOf = (base: number, value: number): number => {
        const entry = layout.table.get(value);
        return entry === undefined
          ? base + layout.offsets.get(value)!
          : arena.integers[(base + entry) / BYTES];
      };
      const copy = (to: number, from: number, length: number) =>
        arena.floats.copyWithin(to / BYTES, from / BYTES, from / BYTES + length);
      const run = (base: number) => {
        launch.arguments.forEach((argument, i) => {
          if ("scalar" in argument) {
            copy(places[i], base + layout.scalars + BYTES * argument.scalar, 1);
          } else copy(places[i], addressOf(base, argument.value), lengths[argument.value]);
        });
        placed.launch();
        copy(addressOf(base, launch.result), result, lengths[launch.result]);
      };
      return { run, blocks, kernel: placed };
    } catch (error) {
      blocks.forEach((block) => arena.give(block));
      throw error;
    }
  }
}

/** Thrown inside of a run where its arena has no room left. */
const FULL = new Error("no room");

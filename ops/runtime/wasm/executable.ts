/**
 * A compiled plan and its runs: each takes a block of an arena, has the inputs that do not live
 * there copied in, and returns copies of the results, or the results themselves.
 *
 * @module
 */
import type { Program } from "../../plan/program.ts";
import type { Executable } from "../executor.ts";
import { type Arena, type Arenas, Full } from "./arena.ts";
import type { CompiledPlan } from "./compiler/compile.ts";
import { link, type Linked, type Stock } from "./link.ts";
import type { SharedPlan, Threads } from "./threads.ts";

const BYTES = 4;

/** Below this many cells in a plan's largest launch, waking threads takes longer than they save. */
const WORTH_THREADS = 65536;

/** A run whose inputs are in place. */
interface Prepared {
  readonly arena: Arena;
  readonly linked: Linked;
  readonly base: number;
  /** Where the threads' panels lie, one after the other. */
  readonly panels: number;
  /** Everything that the run has taken. */
  readonly taken: Set<number>;
  /** Addresses of inputs and results. */
  readonly addresses: ReadonlyMap<number, number>;
}

let plans = 0;

/** A plan compiled for wasm. */
export class WasmExecutable implements Executable {
  readonly bytes = 0;
  readonly byGpuJs: number;
  readonly #program: Program;
  readonly #plan: CompiledPlan;
  readonly #arenas: Arenas;
  readonly #stock: Stock | undefined;
  readonly #threads: Threads | undefined;
  readonly #linked = new Map<Arena, Linked>();
  readonly #shared = new Map<Arena, SharedPlan>();
  readonly #inputs: number;
  /** Bytes that each thread needs for panels. */
  readonly #panels: number;
  readonly #most: number;

  constructor(
    program: Program,
    plan: CompiledPlan,
    arenas: Arenas,
    stock: Stock | undefined,
    threads: Threads | undefined,
  ) {
    this.#program = program;
    this.#plan = plan;
    this.#arenas = arenas;
    this.#stock = stock;
    this.byGpuJs = plan.groups.filter(({ tiled }) => !tiled).length;
    const tiled = this.byGpuJs === 0;
    const { lengths, launches } = program;
    const cells = Math.max(...launches.map(({ result }) => lengths[result]));
    this.#threads = tiled && cells >= WORTH_THREADS ? threads : undefined;
    this.#inputs = lengths.length - launches.length;
    // Room for everything, each rounded up, and for what kernels of gpu.js keep.
    const all = lengths.reduce((sum, length) => sum + length * BYTES + 64, 0);
    this.#panels = align(plan.panels);
    const panels = this.#panels * (this.#threads?.count ?? 1);
    this.#most = plan.layout.bytes + panels + (tiled ? 1 : 2) * all;
  }

  run(
    inputs: readonly Float32Array[],
    scalars: readonly number[],
    keep = false,
  ): Float32Array[] | Promise<Float32Array[]> {
    const prepared = this.#arenas.within(
      this.#preferred(inputs),
      this.#most,
      (arena) => this.#prepare(arena, inputs, scalars, keep),
    );
    if (this.#threads !== undefined) return this.#runOnThreads(this.#threads, prepared, keep);
    try {
      prepared.linked.run(prepared.base, prepared.panels);
      return this.#finish(prepared, keep);
    } finally {
      giveBack(prepared);
    }
  }

  dispose(): void {
    this.#linked.forEach((linked) => linked.dispose());
    this.#linked.clear();
    this.#shared.forEach(({ id }) => this.#threads?.forget(id));
    this.#shared.clear();
  }

  async #runOnThreads(
    threads: Threads,
    prepared: Prepared,
    keep: boolean,
  ): Promise<Float32Array[]> {
    const { arena, linked, base, panels } = prepared;
    let plan = this.#shared.get(arena);
    if (plan === undefined) {
      const groups = this.#plan.groups as SharedPlan["groups"];
      plan = { id: ++plans, module: linked.module, memory: arena.memory, groups };
      this.#shared.set(arena, plan);
    }
    try {
      const own = Array.from({ length: threads.count }, (_, i) => panels + i * this.#panels);
      await threads.run(plan, base, own);
      return this.#finish(prepared, keep);
    } finally {
      giveBack(prepared);
    }
  }

  /** The arena of the largest input that lives in one. */
  #preferred(inputs: readonly Float32Array[]): Arena | undefined {
    let largest = -1;
    let arena: Arena | undefined;
    for (const input of inputs) {
      const place = input.length > largest ? this.#arenas.locate(input) : undefined;
      if (place !== undefined) {
        largest = input.length;
        arena = place.arena;
      }
    }
    return arena;
  }

  /** Puts a run's inputs in place, or takes nothing if the arena lacks the room. */
  #prepare(
    arena: Arena,
    inputs: readonly Float32Array[],
    scalars: readonly number[],
    keep: boolean,
  ): Prepared | undefined {
    const { lengths, results } = this.#program;
    const { layout } = this.#plan;
    const taken = new Set<number>();
    const take = (bytes: number): number => {
      const address = arena.take(bytes);
      if (address === undefined) throw new Full();
      taken.add(address);
      return address;
    };
    try {
      const linked = this.#link(arena);
      const base = take(layout.bytes);
      // What stays in place needs a block of its own, which outlives the run's.
      const placed = (id: number): number => {
        const offset = layout.small.get(id);
        return offset === undefined ? take(lengths[id] * BYTES) : base + offset;
      };
      const panels = this.#panels === 0 ? 0 : take(this.#panels * (this.#threads?.count ?? 1));
      const addresses = new Map<number, number>();
      for (let id = 0; id < this.#inputs; id++) {
        const place = this.#arenas.locate(inputs[id]);
        // Threads read after the call has returned, when the caller may do as he likes with his data.
        const inPlace = place?.arena === arena && this.#threads === undefined;
        let address = inPlace ? place.address : undefined;
        if (address === undefined) {
          address = placed(id);
          arena.floats.set(inputs[id], address / BYTES);
        }
        addresses.set(id, address);
      }
      for (const id of results) {
        if (!addresses.has(id)) {
          addresses.set(id, keep ? take(lengths[id] * BYTES) : placed(id));
        }
      }
      for (const [id, offset] of layout.table) {
        arena.integers[(base + offset) / BYTES] = addresses.get(id)!;
      }
      arena.floats.set(scalars, (base + layout.scalars) / BYTES);
      return { arena, linked, base, panels, taken, addresses };
    } catch (error) {
      giveBack({ arena, taken });
      if (error instanceof Full) return undefined;
      throw error;
    }
  }

  /** The results: copies, or the places themselves, which then belong to the caller. */
  #finish({ arena, taken, addresses }: Prepared, keep: boolean): Float32Array[] {
    const { lengths, results } = this.#program;
    return results.map((id) => {
      const address = addresses.get(id)!;
      if (keep && taken.has(address) && id >= this.#inputs) {
        taken.delete(address);
        return this.#arenas.adopt(arena, address, lengths[id]);
      }
      if (!keep) return arena.view(address, lengths[id]).slice();
      // An input, or a result that is asked for twice.
      const copy = this.#arenas.allocate(lengths[id]);
      copy.set(arena.view(address, lengths[id]));
      return copy;
    });
  }

  #link(arena: Arena): Linked {
    let linked = this.#linked.get(arena);
    if (linked === undefined) {
      linked = link(this.#program, this.#plan, arena, this.#stock);
      this.#linked.set(arena, linked);
    }
    return linked;
  }
}

/** Panels of two threads share no cache line. */
function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

function giveBack({ arena, taken }: Pick<Prepared, "arena" | "taken">): void {
  taken.forEach((address) => arena.give(address));
}

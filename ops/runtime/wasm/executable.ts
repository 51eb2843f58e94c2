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
import { giveBack, type Prepared, take } from "./prepared.ts";
import { SharedRuns } from "./shared.ts";
import { type Outside, StandingBlock } from "./standing.ts";
import { firstOf, runStrips } from "./strips/run.ts";
import type { Strips } from "./strips/strips.ts";
import type { Threads } from "./threads.ts";

const BYTES = 4;

/** A plan compiled for wasm. */
export class WasmExecutable implements Executable {
  readonly bytes = 0;
  readonly byGpuJs: number;
  readonly #program: Program;
  readonly #plan: CompiledPlan;
  readonly #arenas: Arenas;
  readonly #stock: Stock | undefined;
  readonly #shared: SharedRuns | undefined;
  readonly #linked = new Map<Arena, Linked>();
  readonly #inputs: readonly Outside[];
  /** Results that are no inputs. */
  readonly #computed: readonly Outside[];
  readonly #results: readonly Outside[];
  /** Bytes that each thread needs for panels. */
  readonly #panels: number;
  readonly #most: number;
  /** Bytes of a block of its own for runs with nothing in place; 0 if it has none. */
  readonly #standingBytes: number;
  #standing: StandingBlock | undefined;

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
    const { lengths, launches, results } = program;
    this.#shared = tiled && threads?.isFor(plan.work)
      ? new SharedRuns(threads, plan.groups)
      : undefined;
    const { table, small } = plan.layout;
    const outside = [...table].map(([id, entry]): Outside => {
      return { id, length: lengths[id], entry, offset: small.get(id) };
    });
    const inputs = lengths.length - launches.length;
    this.#inputs = outside.filter(({ id }) => id < inputs);
    this.#computed = outside.filter(({ id }) => id >= inputs);
    const places = new Map(outside.map((place) => [place.id, place]));
    this.#results = results.map((result) => places.get(result)!);
    // Room for everything, each rounded up, and for what kernels of gpu.js keep.
    const all = lengths.reduce((sum, length) => sum + length * BYTES + 64, 0);
    this.#panels = align(plan.panels);
    const own = plan.layout.bytes + this.#panels;
    this.#standingBytes = tiled && StandingBlock.isFor(outside, own) ? own : 0;
    const panels = this.#panels * (this.#shared?.most ?? 1);
    this.#most = plan.layout.bytes + panels + (tiled ? 1 : 2) * all;
  }

  /** Multiply-adds of its contractions. */
  get work(): number {
    return this.#plan.work;
  }

  run(
    inputs: readonly Float32Array[],
    scalars: readonly number[],
    keep = false,
  ): Float32Array[] {
    const helpers = this.#shared?.helpers(this.work) ?? 0;
    if (helpers === 0) return this.runAtOnce(inputs, scalars, keep);
    const prepared = this.#place(inputs, scalars, keep, 1 + helpers);
    try {
      const own = (_: unknown, i: number) => prepared.panels + i * this.#panels;
      this.#shared!.run(prepared, Array.from({ length: 1 + helpers }, own));
      return this.#finish(prepared, keep);
    } finally {
      giveBack(prepared);
    }
  }

  runAtOnce(
    inputs: readonly Float32Array[],
    scalars: readonly number[],
    keep = false,
  ): Float32Array[] {
    if (this.#standingBytes > 0 && !keep && !this.#arenas.hold(inputs)) {
      this.#standing ??= this.#takeStanding();
      if (this.#standing !== undefined) return this.#standing.run(inputs, scalars);
    }
    const prepared = this.#place(inputs, scalars, keep, 1);
    try {
      prepared.linked.run(prepared.base, prepared.panels);
      return this.#finish(prepared, keep);
    } finally {
      giveBack(prepared);
    }
  }

  /**
   * Runs the plan of a strip until a whole is computed.
   *
   * @param inputs Those of the whole; what is copied strip by strip lies in no arena.
   */
  runStrips(
    strips: Strips,
    inputs: readonly Float32Array[],
    scalars: readonly number[],
  ): Float32Array[] {
    const first = firstOf(strips, inputs);
    const room = first.reduce((sum, { length }) => sum + align(length * BYTES), 0);
    const prepared = this.#place(first, scalars, false, 1, room);
    try {
      const entryOf = ({ entry }: Outside) => (prepared.base + entry) / BYTES;
      const entries = {
        inputs: this.#inputs.map(entryOf),
        results: this.#results.map(entryOf),
      };
      return runStrips(strips, prepared, entries, inputs);
    } finally {
      giveBack(prepared);
    }
  }

  dispose(): void {
    this.#standing?.end();
    this.#standing = undefined;
    this.#linked.forEach((linked) => linked.dispose());
    this.#linked.clear();
    this.#shared?.dispose();
  }

  #takeStanding(): StandingBlock | undefined {
    const { layout } = this.#plan;
    const link = (arena: Arena) => this.#link(arena);
    const bytes = this.#standingBytes;
    return StandingBlock.take(this.#arenas, bytes, layout, link, this.#inputs, this.#results);
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

  /** Puts a run's inputs in place, in an arena that has the room, with so many bytes more than usual. */
  #place(
    inputs: readonly Float32Array[],
    scalars: readonly number[],
    keep: boolean,
    threads: number,
    more = 0,
  ): Prepared {
    return this.#arenas.within(
      this.#preferred(inputs),
      this.#most + more,
      (arena) => this.#prepare(arena, inputs, scalars, keep, threads),
      // What stays may be what a plan of threads is given later on.
      this.#shared !== undefined || keep,
    );
  }

  /** Puts a run's inputs in place, or takes nothing if the arena lacks the room. */
  #prepare(
    arena: Arena,
    inputs: readonly Float32Array[],
    scalars: readonly number[],
    keep: boolean,
    threads: number,
  ): Prepared | undefined {
    const { layout } = this.#plan;
    const { floats, integers } = arena;
    const taken: number[] = [];
    try {
      const linked = this.#link(arena);
      const base = take(arena, layout.bytes, taken);
      const panels = this.#panels === 0 ? 0 : take(arena, this.#panels * threads, taken);
      for (const { id, length, entry, offset } of this.#inputs) {
        const place = this.#arenas.locate(inputs[id]);
        let address = place?.arena === arena ? place.address : undefined;
        if (address === undefined) {
          const data = inputs[id];
          // What strips read again and again is longer than a strip's part of it.
          address = offset === undefined || data.length > length
            ? take(arena, data.length * BYTES, taken)
            : base + offset;
          floats.set(data, address / BYTES);
        }
        integers[(base + entry) / BYTES] = address;
      }
      for (const { length, entry, offset } of this.#computed) {
        // What stays in place needs a block of its own, which outlives the run's.
        const address = keep || offset === undefined
          ? take(arena, length * BYTES, taken)
          : base + offset;
        integers[(base + entry) / BYTES] = address;
      }
      // A list of a few numbers is what `set` is slow with.
      const first = (base + layout.scalars) / BYTES;
      for (let i = 0; i < scalars.length; i++) floats[first + i] = scalars[i];
      return { arena, linked, base, panels, taken };
    } catch (error) {
      giveBack({ arena, taken });
      if (error instanceof Full) return undefined;
      throw error;
    }
  }

  /** The results: copies, or the places themselves, which then belong to the caller. */
  #finish({ arena, base, taken }: Prepared, keep: boolean): Float32Array[] {
    return this.#results.map(({ id, length, entry }) => {
      const address = arena.integers[(base + entry) / BYTES] >>> 0;
      if (!keep) return arena.copy(address, length);
      const at = id < this.#inputs.length ? -1 : taken.indexOf(address);
      if (at >= 0) {
        taken.splice(at, 1);
        return this.#arenas.adopt(arena, address, length);
      }
      // An input, or a result that is asked for twice.
      const copy = this.#arenas.allocate(length);
      copy.set(arena.view(address, length));
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

/** Whole cache lines: panels of two threads share none. */
function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

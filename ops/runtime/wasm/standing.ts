/**
 * The block of a small plan, which keeps it from run to run: taking one, and writing the addresses of
 * inputs and results into it, takes longer than such a plan.
 *
 * @module
 */
import type { Arena, Arenas } from "./arena.ts";
import type { Layout } from "./compiler/layout.ts";
import type { Linked } from "./link.ts";

const BYTES = 4;

/** The largest block that a plan keeps: of the 64 plans of a runtime, 1 MiB. */
const MOST = 16384;

/** An input or a result. */
export interface Outside {
  readonly id: number;
  readonly length: number;
  /** Where the run's block has its address. */
  readonly entry: number;
  /** Where the block has room for a copy of it, if it is small. */
  readonly offset: number | undefined;
}

/** Where an input has its copy, among an arena's floats. */
interface Place {
  readonly id: number;
  readonly start: number;
}

/** A block with the addresses of copies of inputs and of results, all in itself. */
export class StandingBlock {
  readonly #arena: Arena;
  readonly #run: Linked["run"];
  readonly #base: number;
  readonly #panels: number;
  readonly #scalars: number;
  readonly #inputs: readonly Place[];
  readonly #results: readonly Float32Array[];

  private constructor(
    arena: Arena,
    { run }: Linked,
    base: number,
    layout: Layout,
    inputs: readonly Outside[],
    results: readonly Outside[],
  ) {
    this.#arena = arena;
    this.#run = run;
    this.#base = base;
    this.#panels = base + layout.bytes;
    this.#scalars = (base + layout.scalars) / BYTES;
    this.#inputs = inputs.map(({ id, offset }) => ({ id, start: (base + offset!) / BYTES }));
    this.#results = results.map(({ length, offset }) => arena.view(base + offset!, length));
    for (const { entry, offset } of [...inputs, ...results]) {
      arena.integers[(base + entry) / BYTES] = base + offset!;
    }
  }

  /** Whether a plan can have one. */
  static isFor(outside: readonly Outside[], bytes: number): boolean {
    return bytes <= MOST && outside.every(({ offset }) => offset !== undefined);
  }

  /** Takes a block, if its arena lets blocks stand. */
  static take(
    arenas: Arenas,
    bytes: number,
    layout: Layout,
    link: (arena: Arena) => Linked,
    inputs: readonly Outside[],
    results: readonly Outside[],
  ): StandingBlock | undefined {
    const taken = arenas.within(undefined, bytes, (arena) => {
      if (!arena.letsStand) return { arena, base: undefined };
      const base = arena.take(bytes);
      return base === undefined ? undefined : { arena, base };
    }, false);
    const { arena, base } = taken;
    if (base === undefined) return undefined;
    try {
      return new StandingBlock(arena, link(arena), base, layout, inputs, results);
    } catch (error) {
      arena.give(base);
      throw error;
    }
  }

  /** Runs the plan with copies of inputs, and returns copies of the results. */
  run(inputs: readonly Float32Array[], scalars: readonly number[]): Float32Array[] {
    const { floats } = this.#arena;
    for (const { id, start } of this.#inputs) floats.set(inputs[id], start);
    for (let i = 0; i < scalars.length; i++) floats[this.#scalars + i] = scalars[i];
    this.#run(this.#base, this.#panels);
    return this.#results.map((view) => new Float32Array(view));
  }

  /** Gives the block back. */
  end(): void {
    this.#arena.give(this.#base);
  }
}

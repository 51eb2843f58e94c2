/**
 * The fuzz itself: which case comes next, and what becomes of it.
 *
 * @module
 */
import type { Backend, Runtime } from "../../../mod.ts";
import { openRuntime } from "../../../ops/runtime/open.ts";
import { Draw, KINDS, seedOf } from "./draw.ts";
import { elementaryOf } from "./elementary.ts";
import { families } from "./families.ts";
import { type Closest, findingOf, type Limits, type Structure } from "./trial.ts";
import { GuardedArena } from "../../support/guarded_arena.ts";

/** One case: an op, which of its structures, and the seed of its numbers. */
export interface CaseName {
  readonly op: string;
  readonly structure: number;
  readonly seed: number;
}

/**
 * The case that a failure names.
 *
 * @param text `op/structure/seed`.
 * @throws {RangeError} If it is another text: that case would be of seed 0, and right.
 */
export function caseOf(text: string): CaseName {
  const [, op, structure, seed] = /^(\w+)\/(\d+)\/(\d+)$/.exec(text) ?? [];
  if (op !== undefined && Object.hasOwn(families, op)) {
    return { op, structure: Number(structure), seed: Number(seed) };
  }
  throw new RangeError(`Cannot fuzz: --case must be OP/S/SEED, as a failure names it, got ${text}`);
}

/** What can be chosen. */
export interface FuzzOptions {
  readonly seed: number;
  /** How many structures of each op are drawn from. */
  readonly structures: number;
  /** Also what is known to be hard. */
  readonly hard: boolean;
  /** Only ops whose names contain this. */
  readonly filter?: string;
}

/** Cases in a row of one structure: its plan is compiled once, and then remembered. */
const IN_A_ROW = 8;

/** Compiled plans that are kept; a row of cases needs those of one structure. */
const PLANS = 256;

/** Bytes of a strip's window: small, as the cases are. */
const WINDOW = 256;

/** A runtime to fuzz; on wasm every access outside of a tensor is a failure, and most plans are run by strips. */
export function openFuzzed(backend: Backend): Promise<Runtime> {
  return openRuntime(
    backend,
    PLANS,
    backend === "wasm" ? { arena: GuardedArena, window: WINDOW } : {},
  );
}

/** Runs cases of the whole API on one runtime. */
export class ApiFuzz {
  readonly #runtime: Runtime;
  readonly #options: FuzzOptions;
  readonly #limits: Limits;
  readonly #ops: readonly string[];
  readonly #structures = new Map<string, Structure>();
  /** What came closest to its allowance. */
  readonly closest: Closest = new Map();

  constructor(runtime: Runtime, options: FuzzOptions) {
    this.#runtime = runtime;
    this.#options = options;
    const { hard, filter = "" } = options;
    this.#limits = {
      hard,
      kinds: hard ? [...KINDS, "outliers"] : KINDS,
      elementary: elementaryOf(runtime.backend),
    };
    this.#ops = Object.keys(families).filter((op) => op.includes(filter));
    if (this.#ops.length === 0) {
      throw new Error(`Cannot fuzz: --op must be part of an op's name, got ${filter}`);
    }
  }

  /** The case of a number. */
  nameOf(index: number): CaseName {
    const { seed, structures } = this.#options;
    const row = Math.floor(index / IN_A_ROW);
    const draw = new Draw(seedOf(seed, row));
    return {
      op: this.#ops[row % this.#ops.length],
      structure: draw.integer(0, structures - 1),
      seed: seedOf(seed, index, 1),
    };
  }

  /**
   * Runs a case.
   *
   * @throws {Error} If an answer is wrong, or the call fails, with what it takes to see it again.
   */
  async check({ op, structure: number, seed }: CaseName): Promise<void> {
    const key = `${op}/${number}`;
    let what: unknown = "a structure that cannot be drawn";
    try {
      let structure = this.#structures.get(key);
      if (structure === undefined) {
        structure = families[op](new Draw(seedOf(number, textSeed(op))), this.#limits);
        this.#structures.set(key, structure);
      }
      what = structure.what;
      const trial = structure.trial(new Draw(seed));
      const answers = await trial.run(this.#runtime);
      const finding = findingOf(answers, trial.expected(), op, this.closest);
      if (finding === undefined) return;
      throw new Error(finding.message);
    } catch (error) {
      const { backend } = this.#runtime;
      const hard = this.#options.hard ? " --hard" : "";
      throw new Error(
        `${op}: ${(error as Error).message}\n  ${JSON.stringify(what)}\n` +
          `  again: deno task fuzz api --backend=${backend} --case=${key}/${seed}${hard}`,
        { cause: error },
      );
    }
  }
}

function textSeed(text: string): number {
  return seedOf(...[...text].map((letter) => letter.charCodeAt(0)));
}

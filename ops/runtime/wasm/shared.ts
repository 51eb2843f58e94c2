/**
 * A plan that threads share out: what they have been told of it.
 *
 * @module
 */
import type { Arena } from "./arena.ts";
import type { CompiledGroup } from "./compiler/compile.ts";
import type { Prepared } from "./prepared.ts";
import type { SharedPlan, Threads } from "./threads.ts";

let plans = 0;

/** Runs a plan on threads. */
export class SharedRuns {
  readonly #threads: Threads;
  readonly #groups: SharedPlan["groups"];
  readonly #plans = new Map<Arena, SharedPlan>();

  /** @param groups All of them are tiled. */
  constructor(threads: Threads, groups: readonly CompiledGroup[]) {
    this.#threads = threads;
    this.#groups = groups as SharedPlan["groups"];
  }

  /** At most how many threads there are. */
  get most(): number {
    return this.#threads.count;
  }

  /** How many threads, besides the calling one, can take part in so many multiply-adds now. */
  helpers(work: number): number {
    return this.#threads.helpers(work);
  }

  /**
   * Runs the plan.
   *
   * @param panels For each thread that takes part the address of its panels.
   */
  run({ arena, linked, base, taken }: Prepared, panels: readonly number[]): void {
    let plan = this.#plans.get(arena);
    if (plan === undefined) {
      plan = { id: ++plans, module: linked.module, memory: arena.memory, groups: this.#groups };
      this.#plans.set(arena, plan);
    }
    try {
      this.#threads.run(plan, linked.work, base, panels);
    } catch (error) {
      // A thread may still be writing: what the run has is never used again.
      taken.length = 0;
      throw error;
    }
  }

  /** Has the threads forget the plan. */
  dispose(): void {
    this.#plans.forEach(({ id }) => this.#threads.forget(id));
    this.#plans.clear();
  }
}

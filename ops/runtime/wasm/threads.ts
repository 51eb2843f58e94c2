/**
 * Threads that help the calling one with large plans, over a shared memory. The calling thread does its
 * share, and what no other has taken; so a call is done whatever becomes of them.
 *
 * @module
 */
import { host } from "../host/host.ts";
import type { CompiledGroup } from "./compiler/compile.ts";
import { countersOf, partsFor, takePart, type Work } from "./shares.ts";
import { missingThreads, startThread, type Thread } from "./thread.ts";

/** A plan as threads are told of it. */
export interface SharedPlan {
  readonly id: number;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly groups: readonly (CompiledGroup & { readonly tiled: true })[];
}

/** A thread that has been started. */
interface Member {
  readonly thread: Thread;
  readonly known: Set<number>;
  isReady: boolean;
}

/** Multiply-adds for which another thread is worth waking: they take a millisecond or less. */
const WORTHWHILE = 2 ** 24;

/** Threads that one call starts at most: starting one takes about a millisecond. */
const STARTS = 4;

/** Threads that may end before they are ready until no more are started. */
const FAILURES = 8;

/** How long the first thread may take to start, in milliseconds. */
const PATIENCE = 60_000;

/**
 * Threads whose first has been started; the others are started when plans want them.
 *
 * @returns The threads, or why there can be none.
 */
export async function openThreads(
  count: number,
): Promise<{ readonly threads: Threads } | { readonly missing: string }> {
  const missing = missingThreads();
  if (missing !== undefined) return { missing };
  const threads = new Threads(count);
  const refused = await threads.open();
  return refused === undefined
    ? { threads }
    : { missing: `a thread could not be started: ${refused}` };
}

/** At most so many threads, of which the calling one is the first. They do not keep a program alive. */
export class Threads {
  readonly count: number;
  readonly #members = new Set<Member>();
  #failures = 0;

  constructor(count: number) {
    this.count = count;
  }

  /**
   * Starts the first thread.
   *
   * @returns Why it could not be started, if so.
   */
  async open(): Promise<string | undefined> {
    const refused = await new Promise<string | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(`no answer within ${PATIENCE} ms`), PATIENCE);
      const settle = (reason?: string) => {
        clearTimeout(timer);
        resolve(reason);
      };
      try {
        this.#start(() => settle(), settle).hold(true);
      } catch (error) {
        settle(error instanceof Error ? error.message : String(error));
      }
    });
    if (refused === undefined) this.#members.forEach(({ thread }) => thread.hold(false));
    else this.end();
    return refused;
  }

  /** Whether a plan of so many multiply-adds is worth a second thread. */
  isFor(work: number): boolean {
    return work >= 2 * WORTHWHILE;
  }

  /**
   * How many threads can help with a plan now. If it is worth more, more are started: they help with the
   * next.
   *
   * @param work Multiply-adds of the plan.
   */
  helpers(work: number): number {
    // More threads than processors would wait for each other; Node 20 does not tell how many there are.
    const processors = Math.max(2, host.navigator?.hardwareConcurrency ?? this.count);
    const worth = Math.floor(work / WORTHWHILE);
    const wanted = Math.min(this.count, processors, worth) - 1;
    if (wanted <= 0) return 0;
    const missing = Math.min(wanted - this.#members.size, STARTS);
    for (let i = 0; i < missing && this.#failures < FAILURES; i++) {
      try {
        this.#start();
      } catch {
        this.#failures++; // A page may refuse to start one.
      }
    }
    return Math.min(wanted, this.#ready().length);
  }

  /**
   * Runs a plan on the block at `base`, on the calling thread and on as many others as there are further
   * panels.
   *
   * @param work The plan's groups as the calling thread runs them.
   * @param panels For each thread the address of its panels.
   * @throws {Error} If a thread failed or ended in the midst of its share, and may still be writing.
   */
  run(plan: SharedPlan, work: readonly Work[], base: number, panels: readonly number[]): void {
    const [own, ...others] = panels;
    const helpers = this.#ready().slice(0, others.length);
    const counters = countersOf(work.length);
    const most = partsFor(1 + helpers.length);
    try {
      helpers.forEach(({ thread, known }, i) => {
        if (!known.has(plan.id)) {
          known.add(plan.id);
          thread.post({ plan });
        }
        thread.post({ run: { plan: plan.id, counters, most, base, panels: others[i] } });
      });
      takePart(work, counters, most, base, own);
    } catch (error) {
      this.end();
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `Cannot run on wasm: every thread must finish what it has begun, got one that did not: ${reason}`,
      );
    }
  }

  /** Has the threads forget a plan. */
  forget(plan: number): void {
    for (const { thread, known } of this.#members) {
      if (known.delete(plan)) thread.post({ forget: { id: plan } });
    }
  }

  /** Ends the threads. */
  end(): void {
    for (const { thread } of this.#members) void thread.end();
    this.#members.clear();
  }

  #ready(): Member[] {
    return [...this.#members].filter(({ isReady }) => isReady);
  }

  #start(ready?: () => void, ended?: (reason: string) => void): Thread {
    const thread = startThread({
      ready: () => {
        member.isReady = true;
        ready?.();
      },
      ended: (reason) => {
        if (!this.#members.delete(member)) return;
        if (!member.isReady) this.#failures++;
        ended?.(reason);
        void thread.end(); // in a page it goes on after an error
      },
    });
    const member: Member = { thread, known: new Set(), isReady: false };
    this.#members.add(member);
    thread.hold(false);
    return thread;
  }
}

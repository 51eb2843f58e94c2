/**
 * Threads that run plans together over a shared memory. Each takes its share of every group's
 * tasks; between two groups all wait for the last.
 *
 * @module
 */
import type { CompiledGroup } from "./compiler/compile.ts";
import { type Listener, missingThreads, startThread, type Thread } from "./thread.ts";

/** A plan as threads are told of it. */
export interface SharedPlan {
  readonly id: number;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly groups: readonly (CompiledGroup & { readonly tiled: true })[];
}

interface Pending {
  resolve(): void;
  reject(error: unknown): void;
}

/** Threads that were started together and wait for each other. */
interface Team {
  readonly members: Thread[];
  readonly control: Int32Array;
  readonly known: Set<number>;
  readonly pending: Map<number, Pending>;
}

/**
 * Threads whose first has been started; the others are started by the first run.
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

/** A fixed number of threads, which do not keep a program alive. */
export class Threads {
  readonly count: number;
  #team = newTeam();
  #runs = 0;

  constructor(count: number) {
    this.count = count;
  }

  /**
   * Starts the first thread.
   *
   * @returns Why it could not be started, if so.
   */
  async open(): Promise<string | undefined> {
    const team = this.#team;
    const refused = await new Promise<string | undefined>((resolve) => {
      try {
        this.#start(team, { ready: () => resolve(undefined), ended: resolve }).hold(true);
      } catch (error) {
        resolve(error instanceof Error ? error.message : String(error));
      }
    });
    if (refused === undefined) team.members[0].hold(false);
    else this.end();
    return refused;
  }

  /**
   * Runs a plan on the block at `base`. Runs are taken up in the order of the calls. If a thread ends
   * by itself, the runs that are pending reject once all have ended, and the next run starts others.
   *
   * @param panels For each thread the address of its panels.
   */
  run(plan: SharedPlan, base: number, panels: readonly number[]): Promise<void> {
    const team = this.#team;
    const { members, known, pending } = team;
    const id = ++this.#runs;
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject });
      try {
        while (members.length < this.count) this.#start(team);
        if (pending.size === 1) members.forEach((thread) => thread.hold(true));
        if (!known.has(plan.id)) {
          known.add(plan.id);
          members.forEach((thread) => thread.post({ plan }));
        }
        members.forEach((thread) => thread.post({ run: { id, plan: plan.id, base, panels } }));
      } catch (error) {
        // Those that were told would wait for those that were not.
        this.#fail(team, error instanceof Error ? error.message : String(error));
      }
    });
  }

  /** Has the threads forget a plan, after the runs that have been asked for. */
  forget(plan: number): void {
    const { members, known } = this.#team;
    if (known.delete(plan)) members.forEach((thread) => thread.post({ forget: { id: plan } }));
  }

  /** Ends the threads. Pending runs reject. */
  end(): void {
    this.#disband(this.#team, new Error("Cannot run: the runtime has been disposed"));
  }

  /** Starts a thread of a team; a page may refuse to. */
  #start(team: Team, first: Partial<Listener> = {}): Thread {
    const { members, control, pending } = team;
    const thread = startThread({
      ready: () => first.ready?.(),
      done: (run) => {
        pending.get(run)?.resolve();
        pending.delete(run);
        if (pending.size === 0) members.forEach((thread) => thread.hold(false));
      },
      ended: (reason) => {
        first.ended?.(reason);
        this.#fail(team, reason);
      },
    });
    thread.hold(false);
    thread.post({ start: { control, index: members.length, count: this.count } });
    members.push(thread);
    return thread;
  }

  /** One that has ended would never meet the others, so all of the team are ended. */
  #fail(team: Team, reason: string): void {
    this.#disband(
      team,
      new Error(
        `Cannot run on wasm: every thread must go on until the call is done, got one that ended: ${reason}`,
      ),
    );
  }

  #disband(team: Team, reason: Error): void {
    if (team !== this.#team) return;
    this.#team = newTeam();
    const { members, pending } = team;
    // The memory of a run may only be used again when nobody writes there any more.
    void Promise.allSettled(members.map((thread) => thread.end())).then(() => {
      for (const { reject } of pending.values()) reject(reason);
      pending.clear();
    });
  }
}

function newTeam(): Team {
  return {
    members: [],
    control: new Int32Array(new SharedArrayBuffer(8)),
    known: new Set(),
    pending: new Map(),
  };
}

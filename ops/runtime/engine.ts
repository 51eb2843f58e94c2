/**
 * An engine runs recorded plans on one executor and keeps what it compiled, up to a limit.
 *
 * @module
 */
import { Lru } from "../plan/lru.ts";
import type { Program } from "../plan/program.ts";
import type { Executable, Executor } from "./executor.ts";
import type { RuntimeStats } from "./runtime.ts";

/** What an engine has done and holds: a part of its runtime's. */
export type EngineStats = Omit<RuntimeStats, "device" | "fallbackReasons">;

/** A compiled plan in the cache, with how many runs are using it. */
interface Entry {
  readonly executable: Executable;
  pending: number;
  evicted: boolean;
}

/** Runs plans, compiling each once. */
export class Engine {
  readonly #executor: Executor;
  readonly #entries: Lru<string, Entry>;
  readonly #pending = new Set<Promise<unknown>>();
  readonly #compiled = new Set<Executable>();
  #plansCompiled = 0;
  #runs = 0;
  #launches = 0;
  #launchesByGpuJs = 0;
  #disposed: Promise<void> | undefined;

  constructor(executor: Executor, planLimit: number) {
    this.#executor = executor;
    this.#entries = new Lru(planLimit, (entry) => this.#evict(entry));
  }

  /**
   * Runs a program. On the synchronous backends everything has happened when this returns; on the
   * others the inputs have been copied.
   *
   * @param keep Whether the results stay in the executor's memory until they are released.
   */
  run(
    program: Program,
    inputs: readonly Float32Array[],
    scalars: readonly number[],
    keep = false,
  ): Float32Array[] | Promise<Float32Array[]> {
    if (this.#disposed !== undefined) {
      throw new Error("Cannot run: runtime must not be disposed, got a disposed runtime");
    }
    const entry = this.#entry(program);
    const results = entry.executable.run(inputs, scalars, keep);
    if (!(results instanceof Promise)) {
      this.#count(entry, program);
      return separate(results);
    }
    const run = this.#finish(entry, program, results);
    this.#pending.add(run);
    const done = () => this.#pending.delete(run);
    run.then(done, done);
    return run;
  }

  /** Whether it has been disposed, and its memory with it. */
  get ended(): boolean {
    return this.#disposed !== undefined;
  }

  /** Zeros, in the executor's memory if it has one of its own. */
  allocate(length: number): Float32Array {
    if (this.ended) {
      throw new Error("Cannot make a tensor: runtime must not be disposed, got a disposed runtime");
    }
    return this.#executor.allocate?.(length) ?? new Float32Array(length);
  }

  /** Gives back what was allocated or kept. */
  release(data: Float32Array): void {
    this.#executor.release?.(data);
  }

  /** What has run so far. */
  stats(): EngineStats {
    let bytesHeld = this.#executor.bytes;
    for (const { bytes } of this.#compiled) bytesHeld += bytes;
    return {
      backend: this.#executor.backend,
      plansCompiled: this.#plansCompiled,
      plansCached: this.#entries.size,
      runs: { webgpu: 0, webgl2: 0, wasm: 0, cpu: 0, [this.#executor.backend]: this.#runs },
      launches: this.#launches,
      launchesByGpuJs: this.#launchesByGpuJs,
      bytesHeld,
    };
  }

  /** Lets pending runs finish, then gives everything back. Later runs reject. */
  dispose(): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #finish(
    entry: Entry,
    program: Program,
    results: Promise<Float32Array[]>,
  ): Promise<Float32Array[]> {
    entry.pending++;
    try {
      const done = await results;
      this.#count(entry, program);
      return separate(done);
    } finally {
      entry.pending--;
      if (entry.evicted && entry.pending === 0) await this.#release(entry);
    }
  }

  #count({ executable }: Entry, { launches }: Program): void {
    this.#runs++;
    this.#launches += launches.length;
    this.#launchesByGpuJs += executable.byGpuJs;
  }

  /** The cached plan, or a newly compiled one. */
  #entry(program: Program): Entry {
    return this.#entries.get(program.key, () => ({
      executable: this.#compile(program),
      pending: 0,
      evicted: false,
    }));
  }

  /** Gives back a plan that the cache has dropped, once no run is using it. */
  #evict(entry: Entry): void {
    entry.evicted = true;
    if (entry.pending === 0) void this.#release(entry);
  }

  #compile(program: Program): Executable {
    const executable = this.#executor.compile(program);
    this.#plansCompiled++;
    this.#compiled.add(executable);
    return executable;
  }

  async #release({ executable }: Entry): Promise<void> {
    this.#compiled.delete(executable);
    await executable.dispose();
  }

  async #dispose(): Promise<void> {
    await Promise.allSettled(this.#pending);
    await Promise.all(this.#entries.clear().map((entry) => this.#release(entry)));
    await this.#executor.dispose();
  }
}

/** Results of which no two are one array: writing to one must not change another. */
function separate(results: Float32Array[]): Float32Array[] {
  if (results.length < 2) return results;
  const seen = new Set<Float32Array>();
  return results.map((result) => {
    if (seen.has(result)) return result.slice();
    seen.add(result);
    return result;
  });
}

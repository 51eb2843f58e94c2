/**
 * An engine runs recorded plans on one executor and keeps what it compiled, up to a limit.
 *
 * @module
 */
import { Lru } from "../plan/lru.ts";
import type { Program } from "../plan/program.ts";
import { DeviceData, type Elements } from "../tensor/elements.ts";
import type { Backend, Executable, Executor } from "./executor.ts";
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
   * Runs a program. If this returns a promise, the inputs have been copied; else everything has
   * happened.
   *
   * @param keep Whether the results stay in the executor's memory until they are released.
   * @param atOnce Whether everything must have happened, which `computesAtOnce` has to allow.
   */
  run(
    program: Program,
    inputs: readonly Elements[],
    scalars: readonly number[],
    keep = false,
    atOnce = false,
  ): Elements[] | Promise<Elements[]> {
    this.checkOpen("run");
    const entry = this.#entry(program);
    const { executable } = entry;
    const results = atOnce
      ? executable.runAtOnce!(inputs, scalars, keep)
      : executable.run(inputs, scalars, keep, program.names);
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

  /**
   * Checks that it has not been disposed.
   *
   * @throws {Error} If it has.
   */
  checkOpen(action: string): void {
    if (!this.ended) return;
    throw new Error(`Cannot ${action}: runtime must not be disposed, got a disposed runtime`);
  }

  /** What runs the plans. */
  get backend(): Backend | "auto" {
    return this.#executor.backend;
  }

  /** Whether the results of a run can be there when it returns. */
  get computesAtOnce(): boolean {
    return this.backend === "wasm" || this.backend === "cpu";
  }

  /** Whether it has been disposed, and its memory with it. */
  get ended(): boolean {
    return this.#disposed !== undefined;
  }

  /** Zeros, in the executor's memory or on its device. */
  allocate(length: number, onGpu = this.#onGpu): Elements {
    this.checkOpen("make a tensor");
    return onGpu
      ? this.#executor.upload!(new Float32Array(length))
      : this.#executor.allocate?.(length) ?? new Float32Array(length);
  }

  /** A copy, in the executor's memory or on its device. */
  put(data: Float32Array, onGpu = this.#onGpu): Elements {
    this.checkOpen("make a tensor");
    if (onGpu) return this.#executor.upload!(data);
    const own = this.#executor.allocate?.(data.length) ?? new Float32Array(data.length);
    own.set(data);
    return own;
  }

  /** Numbers of their own in the place where the results of runs that keep them are. */
  settle(elements: Elements): Elements {
    return this.#onGpu && elements instanceof Float32Array
      ? this.#executor.upload!(elements)
      : elements;
  }

  /** Whether tensors can stay on a GPU. */
  get hasGpu(): boolean {
    return this.#executor.upload !== undefined;
  }

  /** Numbers in somebody else's buffer. */
  wrap(buffer: object, length: number): DeviceData {
    this.checkOpen("make a tensor");
    if (this.#executor.wrap !== undefined) return this.#executor.wrap(buffer, length);
    throw new TypeError(
      `Cannot wrap a GPU buffer: runtime must be on webgpu with its own compiler, got ${this.backend}`,
    );
  }

  /** Whether runs can read them where they are. */
  holds(data: DeviceData): boolean {
    return this.#executor.holds?.(data) ?? false;
  }

  /** Gives back what was allocated or kept. */
  release(elements: Elements): void {
    if (elements instanceof DeviceData) elements.release();
    else this.#executor.release?.(elements);
  }

  /** What has run so far. */
  stats(): EngineStats {
    let bytesHeld = this.#executor.bytes;
    for (const { bytes } of this.#compiled) bytesHeld += bytes;
    const { backend, runs, traffic, compiled, estimates = [] } = this.#executor;
    const all = runs ?? { [backend]: this.#runs };
    return {
      backend,
      plansCompiled: compiled ?? this.#plansCompiled,
      plansCached: this.#entries.size,
      runs: { webgpu: 0, webgl2: 0, wasm: 0, cpu: 0, ...all },
      bytesUploaded: traffic?.up ?? 0,
      bytesDownloaded: traffic?.down ?? 0,
      estimates,
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

  /** Whether tensors are on the GPU unless they are asked to be elsewhere. */
  get #onGpu(): boolean {
    return this.hasGpu && this.#executor.backend === "webgpu";
  }

  async #finish(
    entry: Entry,
    program: Program,
    results: Promise<Elements[]>,
  ): Promise<Elements[]> {
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
function separate(results: Elements[]): Elements[] {
  if (results.length < 2) return results;
  const seen = new Set<Elements>();
  return results.map((result) => {
    if (result instanceof DeviceData) return result;
    if (seen.has(result)) return result.slice();
    seen.add(result);
    return result;
  });
}

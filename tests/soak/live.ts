/**
 * How many of the library's objects are alive, seen from outside: methods that each of them goes
 * through are watched, and what has been collected no longer counts.
 *
 * @module
 */
import { Plan } from "../../ops/plan/plan.ts";
import { MemoryTensor } from "../../ops/runtime/memory_tensor.ts";
import { Engine } from "../../ops/runtime/engine.ts";
import { Arena } from "../../ops/runtime/wasm/arena.ts";
import { StandingBlock } from "../../ops/runtime/wasm/standing.ts";
import { withWorkers } from "../support/workers.ts";

/** Counts of what is alive. */
export interface Live {
  /** Recorded plans: those of remembered calls and of traces. */
  readonly recorded: number;
  /** Tensors in a runtime's memory that have been read. */
  readonly tensors: number;
  readonly engines: number;
  /** Memories of the wasm executor, blocks of them that plans keep, and others that have been taken. */
  readonly arenas: number;
  readonly standing: number;
  readonly blocks: number;
  readonly threads: number;
}

type Method = (this: object, ...args: unknown[]) => unknown;

/** Watches from now on. Runs the task with threads watched as well. */
export async function withLive<T>(task: (live: () => Live) => Promise<T>): Promise<T> {
  const recorded = new Alive();
  const tensors = new Alive();
  const engines = new Alive();
  const arenas = new Alive();
  const blocks = new WeakMap<object, number>();
  after(Plan.prototype, "finish", (_, result) => recorded.add(result as object));
  after(Engine.prototype, "stats", (engine) => engines.add(engine));
  after(Engine.prototype, "run", (engine) => engines.add(engine));
  after(Arena.prototype, "take", (arena, address) => {
    arenas.add(arena);
    if (address !== undefined) blocks.set(arena, (blocks.get(arena) ?? 0) + 1);
  });
  after(Arena.prototype, "give", (arena) => blocks.set(arena, blocks.get(arena)! - 1));
  let standing = 0;
  after(StandingBlock, "take", (_, block) => {
    if (block !== undefined) standing++;
  });
  after(StandingBlock.prototype, "end", () => standing--);
  after(MemoryTensor.prototype, "current", (tensor) => tensors.add(tensor));
  let threads = 0;
  const watched = (original: new (code: string, options: object) => unknown) =>
    class extends (original as new (code: string, options: object) => {
      on(event: string, listener: () => void): void;
    }) {
      constructor(code: string, options: object) {
        super(code, options);
        threads++;
        this.on("exit", () => threads--);
      }
    };
  return await withWorkers(watched, () =>
    task(() => ({
      recorded: recorded.list().length,
      tensors: tensors.list().length,
      engines: engines.list().length,
      arenas: arenas.list().length,
      standing,
      blocks: arenas.list().reduce((sum, arena) => sum + (blocks.get(arena) ?? 0), -standing),
      threads,
    })));
}

/** Objects that have not been collected. */
class Alive {
  readonly #known = new WeakSet<object>();
  #list: WeakRef<object>[] = [];

  add(object: object): void {
    if (this.#known.has(object)) return;
    this.#known.add(object);
    this.#list.push(new WeakRef(object));
  }

  list(): object[] {
    this.#list = this.#list.filter((reference) => reference.deref() !== undefined);
    return this.#list.map((reference) => reference.deref()!);
  }
}

/** Has a watcher told of every call of a method, of objects or of a class, with what it answered. */
function after(
  owner: object,
  name: string,
  tell: (self: object, result: unknown) => void,
): void {
  const methods = owner as Record<string, Method>;
  const original = methods[name];
  methods[name] = function (...args) {
    const result = original.apply(this, args);
    tell(this, result);
    return result;
  };
}

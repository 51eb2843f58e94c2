/**
 * Threads that run plans together over a shared memory. Each takes its share of every group's
 * tasks; between two groups all wait for the last.
 *
 * @module
 */
import { host, type NodeThreads } from "../host.ts";
import type { CompiledGroup } from "./compile.ts";

/** A plan as threads are told of it. */
export interface SharedPlan {
  readonly id: number;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly groups: readonly (CompiledGroup & { readonly tiled: true })[];
}

/**
 * What a thread executes. A string, like the kernels: bundlers rewrite functions, and a thread sees
 * nothing of the module that starts it.
 */
const SOURCE = `
const onNode = typeof require === "function";
const port = onNode ? require("node:worker_threads").parentPort : self;
const plans = new Map();
let control, index, count;
function meet() {
  const turn = Atomics.load(control, 1);
  if (Atomics.add(control, 0, 1) + 1 === count) {
    Atomics.store(control, 0, 0);
    Atomics.add(control, 1, 1);
    Atomics.notify(control, 1);
  } else while (Atomics.load(control, 1) === turn) Atomics.wait(control, 1, turn);
}
function receive(message) {
  if (message.start) ({ control, index, count } = message.start);
  else if (message.plan) {
    const { id, module, memory, groups } = message.plan;
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    plans.set(id, groups.map(({ name, tasks }) => ({ run: exports[name], tasks })));
  } else if (message.forget) plans.delete(message.forget.id);
  else {
    const { id, plan, base, panels } = message.run;
    for (const { run, tasks } of plans.get(plan)) {
      run(base, panels[index], Math.floor(tasks * index / count), Math.floor(tasks * (index + 1) / count));
      meet();
    }
    if (index === 0) port.postMessage(id);
  }
}
if (onNode) port.on("message", receive);
else port.onmessage = ({ data }) => receive(data);
`;

/** A thread of whichever kind the host has. */
interface Thread {
  post(message: unknown): void;
  /** Whether the program waits for it. */
  hold(held: boolean): void;
  end(): void;
}

/** Messages from a thread. */
interface Listener {
  done(run: number): void;
  failed(error: unknown): void;
}

/** A fixed number of threads. They are started by the first run and do not keep a program alive. */
export class Threads {
  readonly count: number;
  #threads: Thread[] | undefined;
  readonly #known = new Set<number>();
  readonly #pending = new Map<number, { resolve(): void; reject(error: unknown): void }>();
  #runs = 0;

  constructor(count: number) {
    this.count = count;
  }

  /**
   * Runs a plan on the block at `base`. Runs are taken up in the order of the calls.
   *
   * @param panels For each thread the address of its panels.
   */
  run(plan: SharedPlan, base: number, panels: readonly number[]): Promise<void> {
    this.#threads ??= this.#start();
    const threads = this.#threads;
    if (!this.#known.has(plan.id)) {
      this.#known.add(plan.id);
      threads.forEach((thread) => thread.post({ plan }));
    }
    const id = ++this.#runs;
    return new Promise((resolve, reject) => {
      if (this.#pending.size === 0) threads.forEach((thread) => thread.hold(true));
      this.#pending.set(id, { resolve, reject });
      threads.forEach((thread) => thread.post({ run: { id, plan: plan.id, base, panels } }));
    });
  }

  /** Has the threads forget a plan, after the runs that have been asked for. */
  forget(plan: number): void {
    if (this.#known.delete(plan)) {
      this.#threads?.forEach((thread) => thread.post({ forget: { id: plan } }));
    }
  }

  /** Ends the threads. Pending runs reject. */
  end(reason: unknown = new Error("Cannot run: the runtime has been disposed")): void {
    this.#threads?.forEach((thread) => thread.end());
    this.#threads = undefined;
    this.#known.clear();
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }

  #start(): Thread[] {
    const control = new Int32Array(new SharedArrayBuffer(8));
    const listener: Listener = {
      done: (run) => {
        this.#pending.get(run)?.resolve();
        this.#pending.delete(run);
        if (this.#pending.size === 0) this.#threads?.forEach((thread) => thread.hold(false));
      },
      // A thread that failed would never meet the others: all are ended, and started anew if needed.
      failed: (error) => this.end(error),
    };
    return Array.from({ length: this.count }, (_, index) => {
      const thread = startThread(listener);
      thread.hold(false);
      thread.post({ start: { control, index, count: this.count } });
      return thread;
    });
  }
}

/**
 * Why there can be no threads here, if so.
 */
export function missingThreads(): string | undefined {
  if (typeof SharedArrayBuffer === "undefined") {
    return "there is no shared memory (a page needs cross-origin isolation)";
  }
  if (nodeThreads() === undefined && host.Worker === undefined) {
    return "this runtime has no threads";
  }
  return undefined;
}

/** Deno, Node and Bun have these, without a permission; they need not keep the program alive. */
function nodeThreads(): NodeThreads | undefined {
  return host.process?.getBuiltinModule?.("node:worker_threads");
}

function startThread({ done, failed }: Listener): Thread {
  const node = nodeThreads();
  if (node !== undefined) {
    const worker = new node.Worker(SOURCE, { eval: true });
    worker.on("message", (run) => done(run as number));
    worker.on("error", failed);
    return {
      post: (message) => worker.postMessage(message),
      hold: (held) => held ? worker.ref() : worker.unref(),
      end: () => worker.terminate(),
    };
  }
  const url = URL.createObjectURL(new Blob([SOURCE], { type: "text/javascript" }));
  const worker = new host.Worker!(url);
  URL.revokeObjectURL(url);
  worker.onmessage = ({ data }) => done(data as number);
  worker.onerror = ({ message }) => failed(new Error(message));
  return {
    post: (message) => worker.postMessage(message),
    hold: () => {},
    end: () => worker.terminate(),
  };
}

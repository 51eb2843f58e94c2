/**
 * One thread of whichever kind the host has: a worker of Deno, Node or Bun, or one of a page.
 *
 * @module
 */
import { host, type NodeThreads } from "../host/host.ts";

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
    if (index === 0) port.postMessage({ done: id });
  }
}
if (onNode) port.on("message", receive);
else port.onmessage = ({ data }) => receive(data);
const ready = (locked) => port.postMessage({ locked });
// A page is not told when a worker ends: this lock is free again when it has.
if (onNode || !navigator.locks) ready(false);
else navigator.locks.request(name, () => (ready(true), new Promise(() => {}))).catch(() => ready(false));
`;

/** How long a thread may take to start, in milliseconds; sixty-four take ten seconds on two cores. */
const PATIENCE = 60_000;

/** A thread at work. */
export interface Thread {
  post(message: unknown): void;
  /** Whether the program waits for it. */
  hold(held: boolean): void;
  /** Ends it; resolves when it has ended. */
  end(): Promise<unknown>;
}

/** What a thread reports. */
export interface Listener {
  /** It runs. */
  ready(): void;
  /** A run has been done. */
  done(run: number): void;
  /** It has ended, or is of no use any more. May be called more than once, and after `end`. */
  ended(reason: string): void;
}

/** Why there can be no threads here, as far as one sees without starting one. */
export function missingThreads(): string | undefined {
  if (typeof SharedArrayBuffer === "undefined") {
    return "there is no shared memory (a page needs cross-origin isolation)";
  }
  if (nodeThreads() === undefined && host.Worker === undefined) {
    return "this runtime has no threads";
  }
  return undefined;
}

/**
 * Starts a thread.
 *
 * @throws {unknown} What the host throws where it refuses at once.
 */
export function startThread({ ready, done, ended }: Listener): Thread {
  const timer = setTimeout(() => ended(`no answer within ${PATIENCE} ms`), PATIENCE);
  const listener: Listener = {
    done,
    ready() {
      clearTimeout(timer);
      ready();
    },
    ended(reason) {
      clearTimeout(timer);
      ended(reason);
    },
  };
  const node = nodeThreads();
  try {
    return node === undefined ? startInPage(listener) : startOnNode(node, listener);
  } catch (error) {
    clearTimeout(timer);
    throw error;
  }
}

/** What a thread posts: at first whether it holds the lock of its name, then the runs it has done. */
type Report = { readonly locked: boolean } | { readonly done: number };

function receive(report: Report, { ready, done }: Listener): void {
  if ("done" in report) done(report.done);
  else ready();
}

/** Deno, Node and Bun have these, without a permission; they need not keep the program alive. */
function nodeThreads(): NodeThreads | undefined {
  return host.process?.getBuiltinModule?.("node:worker_threads");
}

function startOnNode({ Worker }: NodeThreads, listener: Listener): Thread {
  const worker = new Worker(SOURCE, { eval: true });
  worker.on("message", (report) => receive(report as Report, listener));
  worker.on(
    "error",
    (error) => listener.ended((error as Error | undefined)?.message ?? "an error"),
  );
  worker.on("exit", (code) => listener.ended(`exit code ${code}`));
  return {
    post: (message) => worker.postMessage(message),
    hold: (held) => held ? worker.ref() : worker.unref(),
    end: () => worker.terminate(),
  };
}

function startInPage(listener: Listener): Thread {
  const locks = host.navigator?.locks;
  const name = `kernorm ${crypto.randomUUID()}`;
  const url = URL.createObjectURL(new Blob([SOURCE], { type: "text/javascript" }));
  const worker = new host.Worker!(url, { name });
  URL.revokeObjectURL(url);
  let free: Promise<unknown> = Promise.resolve();
  // What is posted before it has its lock waits: its end could not be seen.
  let waiting: unknown[] | undefined = [];
  worker.onmessage = ({ data }) => {
    const report = data as Report;
    if ("locked" in report) {
      if (report.locked) {
        free = locks!.request(name, () => listener.ended("no reason given")).catch(() => {});
      }
      waiting?.forEach((message) => worker.postMessage(message));
      waiting = undefined;
    }
    receive(report, listener);
  };
  worker.onerror = (event) => {
    event.preventDefault(); // the calls that it ends tell of it: without this the page would too
    listener.ended(event.message || "an error that the page hides");
  };
  return {
    post: (message) => waiting === undefined ? worker.postMessage(message) : waiting.push(message),
    hold: () => {},
    end() {
      worker.terminate();
      return free;
    },
  };
}

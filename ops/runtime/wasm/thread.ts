/**
 * One thread of whichever kind the host has: a worker of Deno, Node or Bun, or one of a page.
 *
 * @module
 */
import { host, type NodeThreads } from "../host/host.ts";
import { TAKE_PART } from "./shares.ts";

/**
 * What a thread executes. A string, like the kernels: bundlers rewrite functions, and a thread sees
 * nothing of the module that starts it.
 */
const SOURCE = `
const onNode = typeof require === "function";
const port = onNode ? require("node:worker_threads").parentPort : self;
const plans = new Map();
function receive(message) {
  if (message.plan) {
    const { id, module, memory, groups } = message.plan;
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    plans.set(id, groups.map(({ name, tasks }) => ({ run: exports[name], tasks })));
  } else if (message.forget) plans.delete(message.forget.id);
  else {
    const { plan, counters, most, base, panels } = message.run;
    takePart(plans.get(plan), counters, most, base, panels);
  }
}
function takePart(groups, counters, most, base, panels) {${TAKE_PART}}
if (onNode) port.on("message", receive);
else port.onmessage = ({ data }) => receive(data);
const ready = (locked) => port.postMessage({ locked });
// A page is not told when a worker ends: this lock is free again when it has.
if (onNode || !navigator.locks) ready(false);
else navigator.locks.request(name, () => (ready(true), new Promise(() => {}))).catch(() => ready(false));
`;

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
  /** It runs, and can be posted to. */
  ready(): void;
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
export function startThread(listener: Listener): Thread {
  const node = nodeThreads();
  return node === undefined ? startInPage(listener) : startOnNode(node, listener);
}

/** What a thread posts, once: whether it holds the lock of its name. */
interface Report {
  readonly locked: boolean;
}

/** Deno, Node and Bun have these, without a permission; they need not keep the program alive. */
function nodeThreads(): NodeThreads | undefined {
  return host.process?.getBuiltinModule?.("node:worker_threads");
}

function startOnNode({ Worker }: NodeThreads, listener: Listener): Thread {
  const worker = new Worker(SOURCE, { eval: true });
  worker.on("message", () => listener.ready());
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
  worker.onmessage = ({ data }) => {
    if ((data as Report).locked) {
      free = locks!.request(name, () => listener.ended("no reason given")).catch(() => {});
    }
    listener.ready();
  };
  worker.onerror = (event) => {
    event.preventDefault(); // nothing is lost with it: without this the page would tell of it
    listener.ended(event.message || "an error that the page hides");
  };
  return {
    post: (message) => worker.postMessage(message),
    hold: () => {},
    end() {
      worker.terminate();
      return free;
    },
  };
}

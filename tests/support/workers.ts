/**
 * The class that threads are made with, watched and tampered with: that of a page, or of
 * node:worker_threads where the host has that.
 *
 * @module
 */
import { withReplaced } from "./replaced.ts";

/** A worker of either kind. */
export interface AnyWorker {
  terminate(): unknown;
}

/** The class of either kind; what it is given first is a URL in a page and a source elsewhere. */
export type WorkerClass = new (code: string, options: object) => AnyWorker;

interface NodeProcess {
  getBuiltinModule(name: string): Record<string, unknown>;
}

/** Runs a task with the class replaced by what `replace` makes of it. */
export function withWorkers<T>(
  replace: (original: WorkerClass) => unknown,
  task: () => Promise<T>,
): Promise<T> {
  const { process } = globalThis as { process?: NodeProcess };
  if (process?.getBuiltinModule === undefined) {
    const page = globalThis as unknown as { Worker: WorkerClass };
    return withReplaced(page, "Worker", replace(page.Worker), task);
  }
  const { getBuiltinModule } = process;
  const module = getBuiltinModule("node:worker_threads") as { Worker: WorkerClass };
  const replaced = { ...module, Worker: replace(module.Worker) };
  return withReplaced(
    process,
    "getBuiltinModule",
    (name: string) => name === "node:worker_threads" ? replaced : getBuiltinModule(name),
    task,
  );
}

/** Runs a task on a host that has none of both classes. */
export function withoutWorkers<T>(task: () => Promise<T>): Promise<T> {
  const { process } = globalThis as { process?: NodeProcess };
  const inPage = () => withReplaced(globalThis as { Worker?: unknown }, "Worker", undefined, task);
  if (process?.getBuiltinModule === undefined) return inPage();
  return withReplaced(process, "getBuiltinModule", () => undefined, inPage);
}

/** Runs a task in which workers execute another source; `which` says by their number whose. */
export function withSource<T>(
  source: string,
  which: (index: number) => boolean,
  task: () => Promise<T>,
): Promise<T> {
  let made = 0;
  return withWorkers((original) =>
    class extends original {
      constructor(code: string, options: object) {
        super(which(made++) ? codeOf(source) : code, options);
      }
    }, task);
}

/** Runs a task that is told of every worker made. */
export function withMade<T>(task: (made: readonly AnyWorker[]) => Promise<T>): Promise<T> {
  const made: AnyWorker[] = [];
  return withWorkers((original) =>
    class extends original {
      constructor(code: string, options: object) {
        super(code, options);
        made.push(this);
      }
    }, () => task(made));
}

/** Lets threads that have been started report that they run, and what has ended be noticed. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 300));
}

function codeOf(source: string): string {
  return "document" in globalThis
    ? URL.createObjectURL(new Blob([source], { type: "text/javascript" }))
    : source;
}

/**
 * Errors that nobody catches: of promises that are not awaited, and of timers. One that comes while a
 * test runs fails that test; one that comes between tests fails the next, or the end of the run.
 *
 * @module
 */
type Body = () => void | Promise<void>;

/** The part of node:process that is used. */
interface Process {
  on(event: string, listener: (error: unknown) => void): void;
  off(event: string, listener: (error: unknown) => void): void;
}

/** How long the end of a run waits for errors that are on their way. */
const LAST_MS = 20;

const caught: unknown[] = [];
let stop: (() => void) | undefined;

/**
 * A test or a hook that fails where an error comes up that nobody catches. Errors are looked for from
 * the first such body on: before it, while modules are being loaded, they are left to the runtime.
 */
export function watched(body: Body): () => Promise<void> {
  return async () => {
    stop ??= listen();
    fail(caught.splice(0), "before this test, after the end of another");
    let thrown: { readonly error: unknown } | undefined;
    try {
      await body();
    } catch (error) {
      thrown = { error };
    }
    await turn();
    const others = caught.splice(0);
    if (thrown === undefined) return fail(others, "in this test");
    if (others.length === 0) throw thrown.error;
    throw new AggregateError([thrown.error, ...others], `${told(thrown.error)}, and others`);
  };
}

/** Ends the watch; to be called after everything else. */
export async function endWatch(): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, LAST_MS));
  stop?.();
  stop = undefined;
  fail(caught.splice(0), "after the last test");
}

/** Throws where there are errors. */
function fail(errors: readonly unknown[], when: string): void {
  if (errors.length === 0) return;
  const text = `an error that nobody caught ${when}: ${errors.map(told).join("; ")}`;
  throw new AggregateError(errors, text);
}

function told(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/** Lets what is queued happen, rejections among it, without the milliseconds that a timer takes. */
function turn(): Promise<void> {
  const { scheduler } = globalThis as {
    scheduler?: { postTask(task: () => void, options: object): Promise<void> };
  };
  // A page may take messages before it tells of rejections.
  if (scheduler !== undefined) return scheduler.postTask(() => {}, { priority: "background" });
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Collects errors until what it returns is called. */
function listen(): () => void {
  const { process, document, Deno: deno } = globalThis as {
    process?: Process;
    document?: unknown;
    Deno?: unknown;
  };
  if (process === undefined || document !== undefined || deno !== undefined) {
    const lost = (event: PromiseRejectionEvent) => keep(event, event.reason);
    const thrown = (event: ErrorEvent) => keep(event, event.error ?? event.message);
    globalThis.addEventListener("unhandledrejection", lost);
    globalThis.addEventListener("error", thrown);
    return () => {
      globalThis.removeEventListener("unhandledrejection", lost);
      globalThis.removeEventListener("error", thrown);
    };
  }
  const collect = (error: unknown) => void caught.push(error);
  const events = ["unhandledRejection", "uncaughtException"];
  events.forEach((event) => process.on(event, collect));
  return () => events.forEach((event) => process.off(event, collect));
}

function keep(event: Event, error: unknown): void {
  event.preventDefault();
  caught.push(error);
}

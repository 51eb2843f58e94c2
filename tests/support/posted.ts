/**
 * What the library tells its threads.
 *
 * @module
 */

interface Messages {
  postMessage(message: Record<string, unknown>): void;
}

/** The class of the threads that this runtime has. */
const { process, Worker: PageWorker } = globalThis as unknown as {
  process?: { getBuiltinModule?(name: string): { Worker: { prototype: Messages } } };
  Worker: { prototype: Messages };
};
const Worker = process?.getBuiltinModule?.("node:worker_threads").Worker ?? PageWorker;

/** What is posted to threads while something runs: of each message its first key. */
export async function posted(run: () => Promise<unknown>): Promise<string[]> {
  const kinds: string[] = [];
  const { prototype } = Worker;
  const original = prototype.postMessage;
  prototype.postMessage = function (message) {
    kinds.push(Object.keys(message)[0]);
    original.call(this, message);
  };
  try {
    await run();
  } finally {
    prototype.postMessage = original;
  }
  return kinds;
}

/**
 * The file that a command writes in the end.
 *
 * @module
 */
import { ExampleError, reason } from "./command.ts";

/** A file that can be written; disposing it without having written leaves the folder as it was. */
export interface Output extends AsyncDisposable {
  write(data: Uint8Array): Promise<void>;
}

/**
 * Opens the output before the work begins. A file that is there stays until the new one is written.
 *
 * @throws {ExampleError} If it cannot be written.
 */
export async function openOutput(path: string): Promise<Output> {
  const existed = await Deno.stat(path).then(() => true, () => false);
  const fail = (error: unknown): never => {
    throw new ExampleError(`Cannot write ${path}: ${reason(error)}`);
  };
  const handle = await Deno.open(path, { write: true, create: true }).catch(fail);
  handle.close();
  let written = false;
  return {
    async write(data) {
      await Deno.writeFile(path, data).catch(fail);
      written = true;
    },
    async [Symbol.asyncDispose]() {
      if (!written && !existed) await Deno.remove(path);
    },
  };
}

/**
 * Builds the playground into a folder.
 *
 * @module
 */
import { ExampleError, reason } from "../shared/command.ts";
import { pageFiles } from "./files.ts";

/**
 * Writes the page into a folder that any static host serves, from any path. Files of the same names are
 * replaced, others stay.
 *
 * @returns How many bytes were written.
 * @throws {ExampleError} If the folder cannot be written to.
 */
export async function build(folder: string): Promise<number> {
  let bytes = 0;
  for (const { path, body } of await pageFiles()) {
    const target = `${folder}/${path}`;
    try {
      await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
      await Deno.writeFile(target, body);
    } catch (error) {
      throw new ExampleError(`Cannot write ${target}: ${reason(error)}`);
    }
    bytes += body.length;
  }
  return bytes;
}

/**
 * What git knows of the repository.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** The checkout that this file is in. */
export const CHECKOUT = fileURLToPath(new URL("..", import.meta.url));

/**
 * What a command of git prints.
 *
 * @throws {Error} If it fails.
 */
export async function git(
  action: string,
  args: readonly string[],
  folder: string = CHECKOUT,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: [...args],
    cwd: folder,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (!success) {
    throw new Error(`Cannot ${action}: git ${args.join(" ")} must work, got ${text(stderr)}`);
  }
  return text(stdout);
}

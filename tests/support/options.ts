/**
 * Options of the commands under tests/.
 *
 * @module
 */
import { parseArgs, type ParseArgsConfig } from "node:util";

/** Ends a command that was told something wrong. */
export function refuse(action: string, reason: string, usage?: string): never {
  console.error(`Cannot ${action}: ${reason}${usage === undefined ? "" : `\n\n${usage}`}`);
  Deno.exit(2);
}

/** The options of a command; one that it does not have ends it, with those that it has. */
export function optionsOf<C extends ParseArgsConfig>(
  action: string,
  config: C,
  usage?: string,
): ReturnType<typeof parseArgs<C>> {
  try {
    return parseArgs(config);
  } catch (error) {
    return refuse(action, (error as Error).message, usage);
  }
}

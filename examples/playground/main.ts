/**
 * The playground: ops on pictures in a browser.
 *
 *     deno task playground [--port=8000]
 *     deno task playground build [folder]
 *
 * The first serves it to this machine, the second writes it into a folder for a static host, by default
 * examples/playground/site.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { argumentsOf, ExampleError, run } from "../shared/command.ts";
import { build } from "./build.ts";
import { serve } from "./server.ts";

const USAGE =
  "Usage: deno task playground [--port=8000]\n       deno task playground build [folder]";

const SITE = fileURLToPath(new URL("site", import.meta.url));

if (import.meta.main) await run(() => main(Deno.args));

async function main(args: readonly string[]): Promise<void> {
  const { options, files } = argumentsOf(args, USAGE, { port: 8000 }, 2);
  const [command, folder = SITE] = files;
  const isBuild = command === "build";
  const portIsGiven = args.some((arg) => arg.startsWith("--port"));
  if (options.port > 65535 || isBuild && portIsGiven || command !== undefined && !isBuild) {
    throw new ExampleError(USAGE);
  }
  if (isBuild) {
    const bytes = await build(folder);
    console.log(`wrote ${folder} (${Math.round(bytes / 1000)} kB)`);
    return;
  }
  const server = await serve(options.port);
  console.log(`The playground is at ${server.address} (Ctrl+C ends it)`);
  await server.finished;
}

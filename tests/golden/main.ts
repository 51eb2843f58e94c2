/**
 * Runs the original implementations and writes what they compute: `deno task golden`.
 *
 * Names of sources (`deno task golden pytorch contrib`) leave the others out. `--check` compares with
 * the committed files in place of writing them. What a source requires is installed first where it is
 * not there: tests/golden/README.md.
 *
 * @module
 */
import { differences } from "./compare.ts";
import { parsed } from "./read.ts";
import { dataOf, install, run, scriptOf, SOURCES } from "./sources.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  const check = args.includes("--check");
  const named = args.filter((arg) => arg !== "--check");
  const unknown = named.find((name) => !Object.hasOwn(SOURCES, name));
  if (unknown !== undefined) {
    const known = Object.keys(SOURCES).join(", ");
    console.error(`Cannot run: sources must be of ${known} or --check, got ${unknown}`);
    return 2;
  }
  let failed = false;
  for (const source of named.length > 0 ? named : Object.keys(SOURCES)) {
    const python = await install(source);
    const found = check ? await checked(source, python) : await written(source, python);
    console.log(`${source}: ${found.length === 0 ? "done" : found.join("\n  ")}`);
    failed ||= found.length > 0;
  }
  return failed ? 1 : 0;
}

/** Writes a source's file. */
async function written(source: string, python: string): Promise<readonly string[]> {
  await run([python, scriptOf(source), dataOf(source)]);
  return [];
}

/** What a source computes differently from what its file says. */
async function checked(source: string, python: string): Promise<readonly string[]> {
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    await run([python, scriptOf(source), path]);
    const again = parsed(await Deno.readFile(path));
    return differences(parsed(await Deno.readFile(dataOf(source))), again);
  } finally {
    await Deno.remove(path);
  }
}

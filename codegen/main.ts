/**
 * `deno task generate` writes generated/; with `--check` it names what differs and fails. The only
 * file of the generator that touches the disk.
 *
 * @module
 */
import { generate, type Output } from "./emit.ts";
import { TemplateError } from "./problem.ts";
import { variants } from "./variants.ts";

const TEMPLATES = "codegen/templates";
const GENERATED = "generated";

if (import.meta.main) Deno.exit(await main(Deno.args));

/** Runs the generator in the current directory and answers with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== "--check");
  if (unknown !== undefined) {
    console.error(`Cannot generate: flag must be --check, got ${unknown}`);
    return 2;
  }
  try {
    const outputs = generate(await readTemplates(), variants);
    return args.includes("--check") ? await check(outputs) : await write(outputs);
  } catch (error) {
    if (!(error instanceof TemplateError || error instanceof TypeError)) throw error;
    console.error(error.message);
    return 1;
  }
}

/** Text of each template by its file's stem; files that start with _ are not templates. */
async function readTemplates(): Promise<Map<string, string>> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(TEMPLATES)) if (!name.startsWith("_")) names.push(name);
  const texts = names.sort().map(async (name) =>
    [name.replace(/\.ts$/, ""), await Deno.readTextFile(`${TEMPLATES}/${name}`)] as const
  );
  return new Map(await Promise.all(texts));
}

async function write(outputs: readonly Output[]): Promise<number> {
  for (const path of await extraFiles(outputs)) await Deno.remove(path);
  for (const { path, text } of outputs) {
    if (await readIfThere(path) !== text) await Deno.writeTextFile(path, text);
  }
  console.log(`generated/: ${outputs.length} files`);
  return 0;
}

async function check(outputs: readonly Output[]): Promise<number> {
  const stale = (await extraFiles(outputs)).map((path) => `extra: ${path}`);
  for (const { path, text } of outputs) {
    const current = await readIfThere(path);
    if (current !== text) stale.push(`${current === undefined ? "missing" : "stale"}: ${path}`);
  }
  if (stale.length === 0) return 0;
  console.error([...stale, "Run `deno task generate`."].join("\n"));
  return 1;
}

async function extraFiles(outputs: readonly Output[]): Promise<string[]> {
  const expected = new Set(outputs.map(({ path }) => path));
  const extra: string[] = [];
  for await (const { name } of Deno.readDir(GENERATED)) {
    if (!expected.has(`${GENERATED}/${name}`)) extra.push(`${GENERATED}/${name}`);
  }
  return extra.sort();
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

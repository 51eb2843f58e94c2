/**
 * `deno task generate` writes generated/; with `--check` it names what differs and fails. The only
 * file of the generator that touches the disk.
 *
 * @module
 */
import { loadGpu } from "../ops/runtime/gpu/library.ts";
import { generate, type Output } from "./emit.ts";
import type { Row } from "./manifest.ts";
import { packer } from "./pack.ts";
import { TemplateError } from "./problem.ts";
import { variants } from "./variants.ts";

const TEMPLATES = "codegen/templates";
const GENERATED = "generated";

/** Where the generator reads and writes, and where its messages go. */
export interface Surroundings {
  /** Directory of the repository. @default {"."} */
  readonly root?: string;
  /** Takes a line for the terminal. @default {console.error} */
  readonly print?: (line: string) => void;
  /** The manifest. @default {the one in variants.ts} */
  readonly rows?: readonly Row[];
}

/** Runs the generator and returns the exit code: 0, 1 for a problem, 2 for a wrong flag. */
export async function main(
  args: readonly string[],
  { root = ".", print = console.error, rows = variants }: Surroundings = {},
): Promise<number> {
  const unknown = args.find((arg) => arg !== "--check");
  if (unknown !== undefined) {
    print(`Cannot generate: flag must be --check, got ${unknown}`);
    return 2;
  }
  let outputs: Output[];
  try {
    outputs = generate(await readTemplates(root), rows, packer(await loadGpu()));
  } catch (error) {
    if (!(error instanceof TemplateError || error instanceof TypeError)) throw error;
    print(error.message);
    return 1;
  }
  if (!args.includes("--check")) {
    print(`generated/: ${outputs.length} files, ${await write(root, outputs)} changed`);
    return 0;
  }
  const stale = await differences(root, outputs);
  if (stale.length === 0) return 0;
  for (const line of [...stale, "Run `deno task generate`."]) print(line);
  return 1;
}

/** Text of each template by its file's stem; files that start with _ are not templates. */
async function readTemplates(root: string): Promise<Map<string, string>> {
  const names = (await namesIn(`${root}/${TEMPLATES}`)).filter((name) => !name.startsWith("_"));
  const texts = names.map(async (name) =>
    [name.replace(/\.ts$/, ""), await Deno.readTextFile(`${root}/${TEMPLATES}/${name}`)] as const
  );
  return new Map(await Promise.all(texts));
}

/** Makes generated/ hold exactly the outputs; counts what that changed. */
async function write(root: string, outputs: readonly Output[]): Promise<number> {
  await Deno.mkdir(`${root}/${GENERATED}`, { recursive: true });
  const extra = await extraFiles(root, outputs);
  for (const path of extra) await Deno.remove(`${root}/${path}`, { recursive: true });
  let written = 0;
  for (const { path, text } of outputs) {
    if (await readIfThere(`${root}/${path}`) === text) continue;
    await Deno.writeTextFile(`${root}/${path}`, text);
    written++;
  }
  return extra.length + written;
}

/** How generated/ differs from the outputs, one line per file. */
async function differences(root: string, outputs: readonly Output[]): Promise<string[]> {
  const lines = (await extraFiles(root, outputs)).map((path) => `extra: ${path}`);
  for (const { path, text } of outputs) {
    const current = await readIfThere(`${root}/${path}`);
    if (current !== text) lines.push(`${current === undefined ? "missing" : "stale"}: ${path}`);
  }
  return lines;
}

async function extraFiles(root: string, outputs: readonly Output[]): Promise<string[]> {
  const expected = new Set(outputs.map(({ path }) => path));
  const paths = (await namesIn(`${root}/${GENERATED}`)).map((name) => `${GENERATED}/${name}`);
  return paths.filter((path) => !expected.has(path));
}

/** The names in a directory, sorted; none if it does not exist. */
async function namesIn(directory: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(directory)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort();
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));

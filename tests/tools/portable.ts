/**
 * Which tests run anywhere: those that, with all that they import of the tests, neither use Deno nor
 * import the repository's tools or a package by `npm:`.
 *
 * @module
 */
const ROOT = new URL("../../", import.meta.url);
const DENO_ONLY = /\bDeno\.|["`]npm:|from "(?:\.\.\/)+(?:codegen|bench|examples|deno\.json)/;

/**
 * The tests that run anywhere.
 *
 * @returns For each test file its own path and those of what it imports of the tests, from the
 * repository's root.
 */
export async function portableTests(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const names = await testsIn("tests/");
  const portable = new Map<string, ReadonlySet<string>>();
  for (const name of names.sort()) {
    const reached = new Set<string>();
    if (await reach(name, reached)) portable.set(name, reached);
  }
  return portable;
}

/** The test files in a folder and those in it. */
async function testsIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    const path = `${folder}${name}`;
    if (isDirectory) names.push(...await testsIn(`${path}/`));
    else if (name.endsWith("_test.ts")) names.push(path);
  }
  return names;
}

/** Collects a file and what it imports of the tests; `false` if one of them is Deno's own matter. */
async function reach(file: string, reached: Set<string>): Promise<boolean> {
  if (reached.has(file)) return true;
  reached.add(file);
  const source = await Deno.readTextFile(new URL(file, ROOT));
  if (DENO_ONLY.test(source)) return false;
  for (const [, path] of source.matchAll(/from "(\.\.?\/[^"]+)"/g)) {
    const next = new URL(path, new URL(file, ROOT)).href.slice(ROOT.href.length);
    if (next.startsWith("tests/") && !await reach(next, reached)) return false;
  }
  return true;
}

/**
 * The package from a registry like JSR's: what publishing sends is enough, and needs nothing but
 * gpu.js; a program that imports it type-checks and runs, without permissions, with nothing in Deno's
 * cache but what npm has.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { type Check, countChecks, type Counts, succeed } from "./command.ts";
import { copyPrograms } from "./install.ts";
import { dependenciesOf } from "./module_graph.ts";
import { openRegistry, type Registry } from "./registry.ts";

const ROOT = new URL("../../", import.meta.url);

/** Counts the checks of the package from a registry. */
export async function countJsr(dir: string): Promise<Counts> {
  console.error("publishing to a registry on this machine ...");
  await using registry = await openRegistry();
  const env = { JSR_URL: registry.url, DENO_DIR: await cacheWithNpm(`${dir}/cache`) };
  const deno = (folder: string, ...args: readonly string[]) =>
    succeed(`${dir}/${folder}`, [Deno.execPath(), ...args], env);
  await copyPrograms(`${dir}/script`, (source) => source.replaceAll(`"@ker`, `"jsr:@ker`));
  await copyPrograms(`${dir}/project`);
  await Deno.writeTextFile(`${dir}/worker.json`, WORKER);
  const checks: Check[] = [
    ["what is published is what deno.json includes", () => checkFiles(registry)],
    ["it imports its own files and gpu.js", () => checkImports(registry)],
    ["a script type-checks", () => deno("script", "check", "values.ts", "types.ts")],
    [
      "a worker type-checks",
      () => deno("script", "check", "--config=../worker.json", "values.ts", "types.ts"),
    ],
    [
      "a script runs without permissions",
      () => deno("script", "run", "--no-prompt", "--cached-only", "values.ts").then(checkUsed),
    ],
    ["deno add takes it into a project", () => deno("project", "add", `jsr:${config.name}`)],
    [
      "a program of the project runs without permissions",
      () => deno("project", "run", "--no-prompt", "values.ts").then(checkUsed),
    ],
  ];
  return await countChecks(checks);
}

const WORKER = JSON.stringify({ compilerOptions: { lib: ["deno.worker"] } });

/** @throws {Error} If a program did not come to its end. */
function checkUsed(output: string): void {
  if (!output.includes("every function was used")) throw new Error(output);
}

/** A cache for Deno that has nothing but the packages of npm. */
async function cacheWithNpm(folder: string): Promise<string> {
  const { npmCache } = JSON.parse(await succeed(ROOT, [Deno.execPath(), "info", "--json"]));
  await Deno.mkdir(folder);
  await Deno.symlink(npmCache, `${folder}/npm`);
  return folder;
}

/** @throws {Error} If the published files are not those that deno.json says. */
async function checkFiles({ files }: Registry): Promise<void> {
  const expected = (await Promise.all(config.publish.include.map(filesOf))).flat().sort();
  const published = [...files.keys()].map((path) => path.slice(1)).sort();
  if (published.join() !== expected.join()) {
    throw new Error(`the files must be ${expected}, got ${published}`);
  }
}

/** The files that a line of deno.json's `publish.include` means. */
async function filesOf(path: string): Promise<string[]> {
  if (!path.endsWith("/")) return [path];
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(path, ROOT))) {
    files.push(...await filesOf(`${path}${name}${isDirectory ? "/" : ""}`));
  }
  return files;
}

/** @throws {Error} If a published module imports what a user of the package may not have. */
function checkImports({ files }: Registry): void {
  for (const [path, bytes] of files) {
    if (!path.endsWith(".ts")) continue;
    for (const dependency of dependenciesOf(new TextDecoder().decode(bytes))) {
      const to = dependency.type === "static" ? dependency.specifier : dependency.argument;
      const own = to.startsWith(".") && files.has(new URL(to, `file://${path}`).pathname);
      if (!own && to !== config.imports["gpu.js"]) {
        throw new Error(`${path} must import published files and gpu.js, got ${to}`);
      }
    }
  }
}

/**
 * The package as JSR serves it to npm clients (JavaScript modules, their declarations in `_dist`, npm
 * dependencies in package.json), and the tests that run anywhere as JavaScript beside it.
 *
 * @module
 */
import { ts } from "ts-morph";
import config from "../../deno.json" with { type: "json" };
import { portableTests } from "../tools/portable.ts";
import { succeed } from "./command.ts";
import { readTar } from "./tar.ts";

const ROOT = new URL("../../", import.meta.url);
/** Numbers that tests read. */
const GOLDEN = "tests/golden/data/";
/** Where the package is, beside the tests. */
const PACKAGE = `node_modules/${config.name}`;

/** The package's name at JSR's npm registry. */
const NPM_NAME = `@jsr/${config.name.slice(1).replace("/", "__")}`;

/**
 * Writes the package into a folder. `deno pack` makes the modules and the declarations with the code
 * that JSR uses too, but arranges them in its own way.
 */
export async function buildPackage(to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  const archive = `${to}/packed.tgz`;
  const pack = ["pack", "--allow-dirty", "--no-source-maps", `--output=${archive}`];
  await succeed(ROOT, [Deno.execPath(), ...pack]);
  for (const [path, bytes] of await readTar(await Deno.readFile(archive))) {
    const file = path.slice("package/".length);
    if (file === "package.json") continue;
    await write(`${to}/${file.endsWith(".d.ts") ? `_dist/${file}` : file}`, bytes);
  }
  await Deno.remove(archive);
  const exports = Object.entries(config.exports).map(([name, file]) => {
    const stem = file.slice("./".length, -".ts".length);
    return [name, { types: `./_dist/${stem}.d.ts`, default: `./${stem}.js` }];
  });
  const manifest = {
    name: NPM_NAME,
    version: config.version,
    type: "module",
    dependencies: { "gpu.js": config.imports["gpu.js"].replace("npm:gpu.js@", "") },
    exports: Object.fromEntries(exports),
  };
  await write(`${to}/package.json`, JSON.stringify(manifest, null, 2));
}

/**
 * Writes the tests that need nothing of Deno into a folder, with all that they import.
 *
 * @returns The names of the test files.
 */
export async function buildTests(to: string): Promise<string[]> {
  const portable = await portableTests();
  const files = new Set([...portable.values()].flatMap((reached) => [...reached]));
  for (const file of files) {
    const path = `${to}/${asJavaScript(file).slice("tests/".length)}`;
    await write(path, linked(await transpiled(file)));
  }
  await copyFolder(GOLDEN, `${to}/golden/data`);
  for (const shim of ["npm/assert.ts", "package/bdd.ts", "bdd/uncaught.ts"]) {
    const source = await transpiled(`tests/${shim}`);
    await write(`${to}/${asJavaScript(shim)}`, source.replace("npm:deno-std@1.4.0/", "deno-std/"));
  }
  return [...portable.keys()].map((file) => asJavaScript(file).slice("tests/".length));
}

/** Copies the files of a folder. */
async function copyFolder(from: string, to: string): Promise<void> {
  for await (const { name } of Deno.readDir(new URL(from, ROOT))) {
    await write(`${to}/${name}`, await Deno.readFile(new URL(`${from}${name}`, ROOT)));
  }
}

/** Test code whose imports lead to the package and to the shims. */
function linked(source: string): string {
  return source
    .replaceAll(/from "(?:\.\.\/)+mod\.js"/g, `from "${config.name}"`)
    .replaceAll(/from "((?:\.\.\/)+)(ops|generated)\//g, `from "$1${PACKAGE}/$2/`)
    .replaceAll(`from "@std/assert"`, `from "${PLACE}/npm/assert.js"`)
    .replaceAll(`from "@std/testing/bdd"`, `from "${PLACE}/package/bdd.js"`);
}

/** The tests' own folder, as package.json names it: tests in deeper folders import the shims too. */
const PLACE = "#tests";

async function transpiled(file: string): Promise<string> {
  return stripped(await Deno.readTextFile(new URL(file, ROOT)));
}

function stripped(source: string): string {
  return ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  }).outputText;
}

function asJavaScript(file: string): string {
  return file.replace(/\.ts$/, ".js");
}

async function write(path: string, content: string | Uint8Array<ArrayBuffer>): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  if (typeof content === "string") await Deno.writeTextFile(path, content);
  else await Deno.writeFile(path, content);
}

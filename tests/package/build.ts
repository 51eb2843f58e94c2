/**
 * The package as JSR serves it to npm clients (JavaScript modules beside each other, types stripped,
 * npm dependencies in package.json), and the tests that run anywhere as JavaScript beside it.
 *
 * @module
 */
import { ts } from "ts-morph";
import config from "../../deno.json" with { type: "json" };
import { portableTests } from "../portable.ts";

const ROOT = new URL("../../", import.meta.url);
/** Where the package is, beside the tests. */
const PACKAGE = `node_modules/${config.name}`;

/** Writes the package into a folder. */
export async function buildPackage(to: string): Promise<void> {
  for (const file of ["mod.ts", ...await filesBelow("ops"), ...await filesBelow("generated")]) {
    await write(`${to}/${asJavaScript(file)}`, await transpiled(file));
  }
  const exports = Object.fromEntries(
    Object.entries(config.exports).map((
      [name, file],
    ) => [name, `./${asJavaScript(file.slice(2))}`]),
  );
  const gpu = config.imports["gpu.js"].replace("npm:gpu.js@", "");
  const { name, version, license } = config;
  const manifest = {
    name,
    version,
    license,
    type: "module",
    exports,
    dependencies: { "gpu.js": gpu },
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
  for (const shim of ["npm/assert.ts", "package/bdd.ts"]) {
    const source = await transpiled(`tests/${shim}`);
    await write(`${to}/${asJavaScript(shim)}`, source.replace("npm:deno-std@1.4.0/", "deno-std/"));
  }
  return [...portable.keys()].map((file) => asJavaScript(file).slice("tests/".length));
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

async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${name}`;
    if (isDirectory) files.push(...await filesBelow(path));
    else if (name.endsWith(".ts")) files.push(path);
  }
  return files;
}

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

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
}

/**
 * What TypeScript makes of the package's declarations, and Deno of its sources, under each of the
 * settings that change which names they may use. Declarations are never skipped.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { type Check, countChecks, type Counts, succeed } from "./command.ts";
import { PROGRAMS } from "./install.ts";

const ROOT = new URL("../../", import.meta.url);
const ENTRIES = Object.values(config.exports);

/** TypeScript: the newest, and the oldest that knows `Uint8Array<ArrayBuffer>`. */
export const COMPILERS = {
  typescript: "7.0.2",
  "typescript-oldest": "npm:typescript@5.7.3",
};

/** Settings that the declarations must compile under. */
interface Setting {
  readonly compiler: keyof typeof COMPILERS;
  readonly moduleResolution: "nodenext" | "bundler";
  readonly lib: readonly string[];
}

const SETTINGS: readonly Setting[] = [
  { compiler: "typescript", moduleResolution: "nodenext", lib: ["ES2022"] },
  { compiler: "typescript", moduleResolution: "nodenext", lib: ["ES2022", "DOM"] },
  { compiler: "typescript", moduleResolution: "nodenext", lib: ["ESNext"] },
  { compiler: "typescript", moduleResolution: "bundler", lib: ["ES2022"] },
  { compiler: "typescript", moduleResolution: "bundler", lib: ["ESNext", "DOM"] },
  { compiler: "typescript", moduleResolution: "bundler", lib: ["ESNext", "WebWorker"] },
  { compiler: "typescript-oldest", moduleResolution: "nodenext", lib: ["ES2022"] },
];

/** Libraries of Deno that the sources must compile with; Deno's own for a script goes without saying. */
const DENO_LIBRARIES: readonly (readonly string[])[] = [
  ["deno.worker"],
  ["deno.ns", "esnext", "dom", "dom.iterable", "dom.asynciterable"],
];

/** Counts the checks of types. */
export function countTypes(dir: string): Promise<Counts> {
  const checks: Check[] = [
    ["the programs import every export", () => checkComplete(dir)],
    ...SETTINGS.map((setting, i): Check => [
      `${setting.compiler} compiles them with ${setting.moduleResolution} and ${setting.lib}`,
      () => compile(dir, setting, `compiled${i}`),
    ]),
    ["they run under Node", () => runCompiled(dir, "compiled0")],
    ...DENO_LIBRARIES.map((lib): Check => [
      `Deno compiles the sources with ${lib}`,
      () => compileSources(dir, lib),
    ]),
  ];
  return countChecks(checks);
}

/** @throws {Error} If an entry or an export of it is in no program. */
async function checkComplete(dir: string): Promise<void> {
  const texts = await Promise.all(
    PROGRAMS.map((program) => Deno.readTextFile(`${dir}/consumer/${program}`)),
  );
  const text = texts.join("");
  const namesOf = (imports: RegExp) =>
    [...text.matchAll(imports)]
      .flatMap(([, names]) => names.split(",").map((name) => name.replace("type ", "").trim()));
  const ofRoot = new Set(namesOf(/import (?:type )?{([^}]*)} from "@kernorm\/kernorm"/g));
  // What the root shares with the entries apart from it is imported from the root.
  const apart: Readonly<Record<string, readonly string[]>> = {
    "./mpi": namesOf(/import (?:type )?{([^}]*)} from "@kernorm\/kernorm\/mpi"/g),
    "./onnx": namesOf(/import (?:type )?{([^}]*)} from "@kernorm\/kernorm\/onnx"/g),
    "./training": namesOf(/import (?:type )?{([^}]*)} from "@kernorm\/kernorm\/training"/g),
  };
  for (const [entry, file] of Object.entries(config.exports)) {
    const specifier = `"${config.name}${entry.slice(1)}"`;
    if (!text.includes(specifier)) throw new Error(`a program must import ${specifier}`);
    const imported = new Set([...ofRoot, ...apart[entry] ?? []]);
    const missing = (await exportsOf(file)).filter((name) => !imported.has(name));
    if (missing.length > 0) throw new Error(`a program must import ${missing} of ${specifier}`);
  }
}

async function exportsOf(file: string): Promise<string[]> {
  const output = await succeed(ROOT, [Deno.execPath(), "doc", "--json", file]);
  const { nodes }: { nodes: Record<string, { symbols: { name: string }[] }> } = JSON.parse(output);
  return Object.values(nodes).flatMap(({ symbols }) => symbols.map(({ name }) => name));
}

/** @throws {Error} If the programs do not compile. */
async function compile(dir: string, setting: Setting, outDir: string): Promise<void> {
  const { compiler, moduleResolution, lib } = setting;
  // `using` needs a library that has its symbols.
  const programs = PROGRAMS.filter((name) => name !== "disposal.ts" || lib.includes("ESNext"));
  const settings = {
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noUnusedLocals: true,
      skipLibCheck: false,
      target: "ES2022",
      module: moduleResolution === "nodenext" ? "nodenext" : "esnext",
      moduleResolution,
      lib,
      types: [],
      rootDir: "consumer",
      outDir,
    },
    files: programs.map((name) => `consumer/${name}`),
  };
  const project = `${dir}/${outDir}.json`;
  await Deno.writeTextFile(project, JSON.stringify(settings));
  await succeed(dir, ["node", `node_modules/${compiler}/bin/tsc`, "-p", project]);
}

/** @throws {Error} If the compiled program fails. */
async function runCompiled(dir: string, outDir: string): Promise<void> {
  const output = await succeed(dir, ["node", `${outDir}/values.js`]);
  if (!output.includes("every function was used")) throw new Error(output);
}

/** @throws {Error} If the sources do not compile. */
async function compileSources(dir: string, lib: readonly string[]): Promise<void> {
  const { imports, nodeModulesDir, compilerOptions } = config;
  const settings = {
    imports: { "gpu.js": imports["gpu.js"] },
    nodeModulesDir,
    compilerOptions: { ...compilerOptions, lib },
  };
  const file = `${dir}/deno.json`;
  await Deno.writeTextFile(file, JSON.stringify(settings));
  const check = [Deno.execPath(), "check", "--no-lock", `--config=${file}`];
  await succeed(ROOT, [...check, ...ENTRIES]);
}

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";

const ROOT = new URL("../../", import.meta.url);

/** The folders of ops/ as CONTRIBUTING.md lists them: each may import from those above it. */
const layers = await layersOf(await read("CONTRIBUTING.md"));
/** What every file of ops/ imports of the repository or of a package, types included. */
const imports = await importsOf("ops/");
/** The other folders with code. */
const OTHERS = ["bench/", "codegen/", "examples/", "generated/", "tests/"];
/** Public, but not in mod.ts: names such as `zeros` say too little there, MPI is for Deno alone, ONNX for a few. */
const APART: Readonly<Record<string, string>> = {
  "./mpi": "ops/mpi/mod.ts",
  "./onnx": "ops/onnx/mod.ts",
  "./training": "ops/training/mod.ts",
};

describe("the folders of ops/", () => {
  it("are those that CONTRIBUTING.md lists", async () => {
    const found: string[] = [];
    for await (const { name, isDirectory } of Deno.readDir(new URL("ops/", ROOT))) {
      assert(isDirectory, `ops/${name} must be in a folder`);
      found.push(name);
    }
    assertEquals([...layers].sort(), found.sort());
  });

  it("import from folders above them in that list alone", () => {
    const upwards = [...imports].flatMap(([file, targets]) =>
      targets.filter((target) => target.startsWith("ops/"))
        .filter((target) => layers.indexOf(folderOf(target)) > layers.indexOf(folderOf(file)))
        .map((target) => `${file} imports ${target}`)
    );
    assertEquals(upwards, []);
  });

  it("leave gpu.js to one file", () => {
    const users = [...imports].filter(([, targets]) => targets.includes("gpu.js"));
    assertEquals(users.map(([file]) => file), ["ops/runtime/gpu/library.ts"]);
  });

  it("are public where they have a mod.ts, all of which mod.ts exports but three", async () => {
    const exported = targetsOf("mod.ts", await read("mod.ts"));
    const apart = Object.values(APART);
    assert(!apart.some((file) => exported.includes(file)));
    const all = [...imports.keys()].filter((file) => /^ops\/\w+\/mod\.ts$/.test(file));
    assertEquals([...exported, ...apart].sort(), all.sort());
    const entries: Record<string, string> = JSON.parse(await read("deno.json")).exports;
    for (const [entry, file] of Object.entries(APART)) assertEquals(entries[entry], `./${file}`);
  });
});

describe("circles of imports", () => {
  it("are nowhere in the repository", async () => {
    const all = new Map([...imports, ["mod.ts", targetsOf("mod.ts", await read("mod.ts"))]]);
    for (const folder of OTHERS) {
      for (const [file, targets] of await importsOf(folder)) all.set(file, targets);
    }
    assertEquals(circleIn(all), undefined);
  });

  it("are found and named", () => {
    const circle = new Map([["a", ["b"]], ["b", ["c", "d"]], ["c", []], ["d", ["b"]]]);
    assertEquals(circleIn(circle), ["b", "d", "b"]);
    circle.set("d", ["c"]);
    assertEquals(circleIn(circle), undefined);
  });
});

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, ROOT));
}

/** The first column of the table of layers. */
function layersOf(text: string): string[] {
  const table = text.slice(text.indexOf("| Layer"));
  const rows = table.slice(0, table.indexOf("\n\n")).split("\n").slice(2);
  return rows.map((row) => row.match(/`ops\/(\w+)\/`/)![1]);
}

function folderOf(file: string): string {
  return file.split("/")[1];
}

async function importsOf(folder: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    const path = `${folder}${name}`;
    if (isDirectory) {
      for (const [file, list] of await importsOf(`${path}/`)) found.set(file, list);
    } else if (name.endsWith(".ts")) found.set(path, targetsOf(path, await read(path)));
  }
  return found;
}

/** What a file imports: paths from the repository's root, and names of packages. */
function targetsOf(file: string, text: string): string[] {
  const code = text.replace(/^ *(?:\*|\/\*|\/\/).*$/gm, "");
  return [...code.matchAll(/(?:\bfrom |\bimport\()"([^"]+)"/g)].map(([, target]) =>
    target.startsWith(".")
      ? new URL(target, new URL(file, ROOT)).href.slice(ROOT.href.length)
      : target
  );
}

/** One circle, from a file back to itself, if there is any. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    const at = path.indexOf(file);
    if (at >= 0) return [...path.slice(at), file];
    if (done.has(file)) return undefined;
    for (const target of graph.get(file) ?? []) {
      const circle = visit(target, [...path, file]);
      if (circle !== undefined) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const circle = visit(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

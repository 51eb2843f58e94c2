import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { Project, ts } from "ts-morph";
import { fileURLToPath } from "node:url";
import { generate } from "../../codegen/emit.ts";
import { main } from "../../codegen/main.ts";
import { packer } from "../../codegen/pack.ts";
import { variants } from "../../codegen/variants.ts";
import { loadGpu } from "../../ops/runtime/gpu/library.ts";
import { kernels } from "../../generated/kernels.ts";
import { texts } from "../../generated/texts.ts";
import type { Kernel } from "../../ops/plan/kernel.ts";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const REMEDY = "Run `deno task generate`.";

async function templates(): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const { name } of Deno.readDir(`${REPOSITORY}codegen/templates`)) {
    if (name.startsWith("_")) continue;
    const text = await Deno.readTextFile(`${REPOSITORY}codegen/templates/${name}`);
    texts.set(name.replace(".ts", ""), text);
  }
  return texts;
}

/** The kernel as TypeScript, with the types that its arguments and constants stand for. */
function typed({ name, constants, lanes, arguments: args }: Kernel): string {
  const source = texts[name];
  const types = {
    field: "number[][][]",
    matrix: "number[][]",
    vector: "number[]",
    scalar: "number",
  };
  const parameters = args.map((argument) => `${argument.name}: ${types[argument.kind]}`);
  const sizes = constants.map((constant) => `${constant}: number`).join("; ");
  const self = `this: { thread: { x: number; y: number; z: number }; constants: { ${sizes} } }`;
  const head = `function ${name}(${args.map((argument) => argument.name).join(", ")}) {`;
  assert(source.startsWith(head), `${name} must begin with its arguments`);
  const result = lanes === 1 ? "number" : `[${Array(lanes).fill("number").join(", ")}]`;
  return `export function ${name}(${[self, ...parameters].join(", ")}): ${result} {${
    source.slice(head.length)
  }`;
}

describe("generated/", () => {
  it("is what the templates and the manifest give", async () => {
    for (const { path, text } of generate(await templates(), variants, packer(await loadGpu()))) {
      assertStrictEquals(await Deno.readTextFile(`${REPOSITORY}${path}`), text, path);
    }
  });

  it("has a text for every kernel, and no other", () => {
    assertEquals(Object.keys(texts).sort(), kernels.map(({ name }) => name).sort());
  });

  it("holds only kernels without type errors", () => {
    const project = new Project({
      useInMemoryFileSystem: true,
      compilerOptions: { strict: true, lib: ["lib.es2015.d.ts"], target: ts.ScriptTarget.ES2015 },
    });
    const file = project.createSourceFile("/kernels.ts", kernels.map(typed).join("\n"));
    const messages = project.getProgram().getSemanticDiagnostics(file)
      .concat(project.getProgram().getSyntacticDiagnostics(file))
      .map((diagnostic) => `${diagnostic.getLineNumber()} ${diagnostic.getMessageText()}`);
    assertEquals(messages, []);
  });
});

describe("generator", () => {
  let root: string;
  let lines: string[];

  beforeEach(async () => {
    root = await Deno.makeTempDir();
    lines = [];
    await Deno.mkdir(`${root}/codegen/templates`, { recursive: true });
    for (const [stem, text] of await templates()) {
      await Deno.writeTextFile(`${root}/codegen/templates/${stem}.ts`, text);
    }
    assertStrictEquals(await run(), 0);
    lines = [];
  });

  afterEach(async () => {
    await Deno.remove(root, { recursive: true });
  });

  function run(...args: string[]): Promise<number> {
    return main(args, { root, print: (line) => lines.push(line) });
  }

  it("passes the check after a run into a fresh directory", async () => {
    assertStrictEquals(await run("--check"), 0);
    assertEquals(lines, []);
  });

  it("leaves unchanged files alone", async () => {
    const list = `${root}/generated/kernels.ts`;
    await Deno.utime(list, 1, 1);
    assertStrictEquals(await run(), 0);
    assertStrictEquals((await Deno.stat(list)).mtime?.getTime(), 1000);
    assertEquals(lines, [
      `generated/: ${[...Deno.readDirSync(`${root}/generated`)].length} files, 0 changed`,
    ]);
  });

  it("names stale, missing and extra files, and writes nothing, with --check", async () => {
    await Deno.writeTextFile(`${root}/generated/gdn_flat.ts`, "// edited\n", { append: true });
    await Deno.remove(`${root}/generated/kernels.ts`);
    await Deno.writeTextFile(`${root}/generated/notes.txt`, "");
    assertStrictEquals(await run("--check"), 1);
    assertEquals(lines, [
      "extra: generated/notes.txt",
      "stale: generated/gdn_flat.ts",
      "missing: generated/kernels.ts",
      REMEDY,
    ]);
    assertEquals(
      [...Deno.readDirSync(`${root}/generated`)].some((e) => e.name === "kernels.ts"),
      false,
    );
  });

  it("checks a repository without generated/ as one where all is missing", async () => {
    await Deno.remove(`${root}/generated`, { recursive: true });
    assertStrictEquals(await run("--check"), 1);
    assertEquals(lines.every((line) => line.startsWith("missing: ") || line === REMEDY), true);
  });

  it("repairs stale, missing and extra files", async () => {
    await Deno.writeTextFile(`${root}/generated/gdn_flat.ts`, "// edited\n");
    await Deno.remove(`${root}/generated/kernels.ts`);
    await Deno.writeTextFile(`${root}/generated/notes.txt`, "");
    assertStrictEquals(await run(), 0);
    assertEquals(lines[0].endsWith(", 3 changed"), true);
    assertStrictEquals(await run("--check"), 0);
  });

  it("notices an edited template", async () => {
    const path = `${root}/codegen/templates/gdn.ts`;
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace("root * root", "root + root"));
    assertStrictEquals(await run("--check"), 1);
    assertEquals(lines, ["stale: generated/gdn_flat.ts", "stale: generated/kernels.ts", REMEDY]);
  });

  it("prints the problems of a template and writes nothing", async () => {
    const path = `${root}/codegen/templates/gdn.ts`;
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, `${text.replace("root * root", "root ** 2")}\ntype T = 1;\n`);
    await Deno.remove(`${root}/generated/kernels.ts`);
    assertStrictEquals(await run(), 1);
    assertEquals(lines.length, 1);
    assertEquals(lines[0].split("\n").map((line) => line.replace(/:\d+:\d+/, "")), [
      "codegen/templates/gdn.ts template must hold imports, holes and kernels, got type alias declaration",
      "codegen/templates/gdn.ts operator must be one of + - * / < > <= >= === !== && ||, got **",
    ]);
    assertEquals(
      [...Deno.readDirSync(`${root}/generated`)].some((e) => e.name === "kernels.ts"),
      false,
    );
  });

  it("tells of a directory that cannot be read, as of any error but a missing one", async () => {
    await Deno.remove(`${root}/codegen/templates`, { recursive: true });
    await Deno.writeTextFile(`${root}/codegen/templates`, "");
    await assertRejects(() => run("--check"), Deno.errors.NotADirectory);
  });

  it("refuses an unknown flag", async () => {
    assertStrictEquals(await run("--chek"), 2);
    assertEquals(lines, ["Cannot generate: flag must be --check, got --chek"]);
  });
});

describe("codegen/main.ts", () => {
  /** Runs it as `deno task generate` does. */
  async function start(...args: string[]): Promise<{ code: number; stderr: string }> {
    const map = `--import-map=${REPOSITORY}tests/npm.import_map.json`;
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--quiet",
        "--no-lock",
        map,
        "--allow-env",
        "--allow-read=.",
        "codegen/main.ts",
        ...args,
      ],
      cwd: REPOSITORY,
      env: { NO_COLOR: "1" },
      stdout: "null",
    }).output();
    return { code, stderr: new TextDecoder().decode(stderr) };
  }

  it("checks the repository with no more than the right to read it", async () => {
    assertEquals(await start("--check"), { code: 0, stderr: "" });
  });

  it("exits with 2 and one line for an unknown flag", async () => {
    assertEquals(await start("--chek"), {
      code: 2,
      stderr: "Cannot generate: flag must be --check, got --chek\n",
    });
  });
});

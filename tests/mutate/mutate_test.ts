import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { drawn } from "./main.ts";
import { mutated, mutationsOf } from "./mutations.ts";
import { tableOf } from "./table.ts";
import { isMutable, isTemplate, testsOf } from "./tests.ts";

/** All that a source can become. */
const mutants = (source: string) =>
  mutationsOf(source).map((mutation) => mutated(source, mutation));

describe("mutations", () => {
  it("swap operators", () => {
    assertEquals(mutants("y = a + b;"), ["y = a - b;"]);
    assertEquals(mutants("y = a * b / c;"), ["y = a / b / c;", "y = a * b * c;"]);
    assertEquals(mutants("y = a < b && c === d;"), [
      "y = a <= b && c === d;",
      "y = a < b || c === d;",
      "y = a < b && c !== d;",
    ]);
    assertEquals(mutants("y -= a;"), ["y += a;"]);
  });

  it("change constants", () => {
    assertEquals(mutants("y = 0;"), ["y = 1;"]);
    assertEquals(mutants("y = -7;"), ["y = -8;"]);
    assertEquals(mutants("y = 0.25;"), ["y = 0.5;"]);
    assertEquals(mutants("y = 1e-3;"), ["y = 0.002;"]);
    assertEquals(mutants("y = true;"), ["y = false;"]);
    assertEquals(mutants("y = call(a, { c: true });"), ["y = call(a, { c: false });"]);
    assertEquals(mutants("y = 65_536;"), ["y = 65537;"]);
    // The next whole number would round to the same one.
    assertEquals(mutants("y = 3e38;"), ["y = 6e+38;"]);
  });

  it("turn conditions round, or never let them hold", () => {
    assertEquals(mutants("if (a) b = c;"), ["if (false) b = c;"]);
    assertEquals(mutants("y = a ? b : c;"), ["y = !(a) ? b : c;"]);
    assertEquals(mutants("y = !a;"), ["y = a;"]);
    assertEquals(mutants("y = -a;"), ["y = a;"]);
  });

  it("drop calls whose result nobody uses", () => {
    assertEquals(mutants("close(a);"), [";"]);
    assertEquals(mutants("await a.close();"), [";"]);
    assertEquals(mutants("void close();"), [";"]);
    assertEquals(mutants("y = close(a);"), []);
    assertEquals(mutants("class A extends B { constructor() { super(); } }"), []);
  });

  it("swap methods that are like each other", () => {
    assertEquals(mutants("y = Math.min(a, b);"), ["y = Math.max(a, b);"]);
    assertEquals(mutants("y = list.some(f);"), ["y = list.every(f);"]);
    assertEquals(mutants("y = a.toString();"), []);
  });

  it("count the other way, but not in the head of a loop", () => {
    assertEquals(mutants("a++;"), ["a--;"]);
    assertEquals(mutants("y = --a;"), ["y = ++a;"]);
    assertEquals(mutants("for (let i = a; i < n; i++) b = i;"), [
      "for (let i = a; i <= n; i++) b = i;",
    ]);
  });

  it("leave alone what is types, words, imports and holes", () => {
    const idle = [
      'import { a } from "b";',
      "type A = 1 | 2;",
      "interface B { readonly c: -1; }",
      'throw new Error(`must be ${1 + 2}` + (a ? "b" : "c"));',
      "let y: 1 | 2;",
      "y = a as 1 | 2;",
      'y = "a" + b;',
      'y += "a";',
      "declare const HOLE: true;",
      "y = { 1: a };",
      "const a: Keys<B> = { c: true };",
      'y = checkKeys("d", "e", a, { c: true });',
      "/** 1 + 2 */",
    ];
    for (const source of idle) assertEquals(mutants(source), [], source);
    // What comes after them is not left alone.
    assertEquals(mutants([...idle, "y = a * b;"].join("\n")).length, 1);
  });

  it("are told with their line and on one line", () => {
    const [{ line, what }] = mutationsOf("\n\nclose(\n  a,\n);\n");
    assertEquals([line, what], [3, "call close( a, ); dropped"]);
    const [{ what: long }] = mutationsOf(`call(${"a".repeat(90)});`);
    assertEquals(long.length, "call ".length + 50 + " dropped".length);
  });
});

describe("a draw of mutations", () => {
  const list = Array.from({ length: 100 }, (_, i) => i);

  it("is the same for one seed, in the order of the list, and another for another", () => {
    const some = drawn(list, 10, 3);
    assertEquals(some, drawn(list, 10, 3));
    assertEquals(some, [...some].sort((a, b) => a - b));
    assertEquals(new Set(some).size, 10);
    assert(`${some}` !== `${drawn(list, 10, 4)}`);
  });

  it("takes all where there are no more", () => {
    assertEquals(drawn(list, 1000, 1), list);
  });
});

describe("the tests of a file", () => {
  it("are named for every file that is changed, and are there", async () => {
    const named = new Set<string>();
    for (const file of [...await filesBelow("ops"), ...await filesBelow("codegen")]) {
      if (!isMutable(file)) continue;
      const tests = testsOf(file);
      assert(tests.length > 0, `${file} has no tests`);
      tests.forEach((test) => named.add(test));
    }
    for (const test of named) assert((await Deno.stat(test)).isFile, test);
  });

  it("are those of the most special row", () => {
    assertEquals(testsOf("ops/gdn/inverse.ts"), [
      "tests/gdn/inverse_test.ts",
      "tests/exports/exports_test.ts",
    ]);
    assertEquals(testsOf("ops/gdn/call.ts")[0], "tests/gdn/gdn_test.ts");
    assertEquals(testsOf("elsewhere.ts"), []);
  });

  it("are run after the generator where the file is a template", () => {
    assertEquals(
      [isTemplate("codegen/templates/gdn.ts"), isTemplate("codegen/specialize/fold.ts")],
      [
        true,
        false,
      ],
    );
    assertEquals(["ops/gdn/call.ts", "ops/runtime/webgl2/executor.ts", "mod.ts"].map(isMutable), [
      true,
      false,
      false,
    ]);
  });
});

describe("the table of mutants", () => {
  it("has the survivors first, and counts", () => {
    const at = (file: string, line: number, verdict: "killed" | "survived") => ({
      file,
      line,
      verdict,
      what: "a || b",
    });
    assertEquals(
      tableOf([at("b.ts", 2, "killed"), at("a.ts", 9, "killed"), at("c.ts", 1, "survived")]),
      [
        "| Verdict | Where | Mutation |",
        "| --- | --- | --- |",
        "| survived | c.ts:1 | `a \\|\\| b` |",
        "| killed | a.ts:9 | `a \\|\\| b` |",
        "| killed | b.ts:2 | `a \\|\\| b` |",
        "",
        "2 of 3 mutants killed (67 %), 1 survived",
      ].join("\n"),
    );
  });
});

async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) files.push(...await filesBelow(`${folder}/${name}`));
    else files.push(`${folder}/${name}`);
  }
  return files;
}

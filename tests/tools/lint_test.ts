import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import config from "../../deno.json" with { type: "json" };
import plugin from "./lint.ts";

/** The rules that a piece of code breaks. */
function broken(code: string): string[] {
  return Deno.lint.runPlugin(plugin, "code.ts", code).map(({ id }) => id);
}

describe("the rule against lists of variables", () => {
  for (
    const code of [
      "const [a, b] = [1, 2];",
      "let [a, b]: number[] = [x, y];",
      "export const [a, b] = [1, 2] as const;",
      "const [a, [b, c]] = [1, [2, 3]];",
      "for (let [i, j] = [0, 1]; i < j; i++) {}",
      "[a, b] = [1, 2];",
      "[a, b] = [b, c];",
      "[o.a, o.b] = [1, 2] satisfies number[];",
    ]
  ) {
    it(`is broken by ${code}`, () => {
      assertEquals(broken(code), ["kernorm/no-array-assignment"]);
    });
  }

  for (
    const code of [
      "const a = 1;\nconst b = 2;",
      "[a, b] = [b, a];",
      "[list[i], list[j]] = [list[j], list[i]];",
      "const [a, b] = f();",
      "const [a, b] = [1, 2].map(f);",
      "const [first, ...rest] = [...text];",
      "const { a, b } = { a: 1, b: 2 };",
      "for (const [key, value] of [[1, 2]]) {}",
      "const f = ([a, b] = [1, 2]) => a + b;",
    ]
  ) {
    it(`is kept by ${JSON.stringify(code)}`, () => {
      assertEquals(broken(code), []);
    });
  }
});

describe("the rule against the pathname of a file", () => {
  for (
    const code of [
      'const path = new URL("a.png", import.meta.url).pathname;',
      "read(new URL(name, import.meta.url).pathname);",
    ]
  ) {
    it(`is broken by ${code}`, () => {
      assertEquals(broken(code), ["kernorm/no-pathname-of-file"]);
    });
  }

  for (
    const code of [
      'const path = fileURLToPath(new URL("a.png", import.meta.url));',
      "const { href } = new URL(name, import.meta.url);",
      "const path = new URL(request.url).pathname;",
    ]
  ) {
    it(`is kept by ${code}`, () => {
      assertEquals(broken(code), []);
    });
  }
});

describe("the rules", () => {
  it("are those that deno lint has", () => {
    assertEquals(config.lint.plugins, ["./tests/tools/lint.ts"]);
  });
});

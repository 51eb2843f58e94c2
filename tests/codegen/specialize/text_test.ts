import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { body, evaluate, specialized } from "./sample.ts";

describe("specialize: text", () => {
  it("never regroups operations", () => {
    const text = "return a - (b - c) * (a / (b * c)) + -(a + b) * -c;";
    const source = `function k(a, b, c) {\n${
      body("a: number, b: number, c: number", text).join("\n")
    }\n}`;
    const expected = 5 - (3 - 7) * (5 / (3 * 7)) + -(5 + 3) * -7;
    assertStrictEquals(evaluate(source, 0, 5, 3, 7), expected);
  });

  it("writes numbers without separators, which old parsers refuse", () => {
    assertEquals(body("a: number", "return a * 1_000.5e-3;"), ["return a * 1000.5e-3;"]);
  });

  it("drops comments and keeps nested blocks indented", () => {
    const text = `let y = a; // first
/* between */
if (y > 0) {
  // inside
  y = 0;
} else {
  y = 1;
}
return y;`;
    assertEquals(body("a: number", text), [
      "let y = a;",
      "if (y > 0) {",
      "  y = 0;",
      "} else {",
      "  y = 1;",
      "}",
      "return y;",
    ]);
  });

  it("is a function that gpu.js takes as text", () => {
    assertStrictEquals(
      specialized(
        "export function k(this: Cell<never>, v: Vector): number {\n  return v[this.cell.c];\n}",
      ),
      "function k(v) {\n  return v[this.thread.x];\n}",
    );
  });
});

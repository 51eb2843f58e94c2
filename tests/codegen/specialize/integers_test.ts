import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { body } from "./sample.ts";

describe("specialize: integer constants", () => {
  it("inlines them at every use and removes their declarations", () => {
    const text = `let sum = 0;
for (let b = 0; b < 4; b++) {
  const first = b * 8;
  for (let j = 0; j < 8; j++) {
    const s = first + j;
    sum += v[s] * v[s + 1];
  }
}
return sum;`;
    assertEquals(body("v: Vector", text), [
      "let sum = 0;",
      "for (let b = 0; b < 4; b++) {",
      "  for (let j = 0; j < 8; j++) {",
      "    sum += v[(b * 8) + j] * v[((b * 8) + j) + 1];",
      "  }",
      "}",
      "return sum;",
    ]);
  });

  it("puts them in parentheses where an operator around them binds tighter", () => {
    assertEquals(
      body("v: Vector", "const s = this.cell.c + 1;\nreturn v[s * 2] + v[2 - s];"),
      ["return v[(this.thread.x + 1) * 2] + v[2 - (this.thread.x + 1)];"],
    );
  });

  it("inlines what a hole makes an integer", () => {
    const text = "const s = H ? this.cell.c : this.cell.c * 2;\nreturn v[s];";
    const values = { holes: { H: false } };
    assertEquals(body("v: Vector", text, values, "declare const H: boolean;"), [
      "return v[this.thread.x * 2];",
    ]);
  });

  it("keeps locals that are divided, called for, fractional or let", () => {
    const text = `const half = this.cell.c / 2;
const low = Math.floor(a);
const part = 0.5;
let count = 1;
return half + low + part + count;`;
    assertEquals(body("a: number", text), [
      "const half = this.thread.x / 2;",
      "const low = Math.floor(a);",
      "const part = 0.5;",
      "let count = 1;",
      "return half + low + part + count;",
    ]);
  });
});

import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TemplateError } from "../../../codegen/problem.ts";
import { body } from "./sample.ts";

describe("specialize: holes", () => {
  const flag = "declare const H: boolean;";
  const on = { holes: { H: true } };
  const off = { holes: { H: false } };

  it("keeps the taken branch of an if, without its braces", () => {
    const text = "let y = a;\nif (H) {\n  y = y + 1;\n} else {\n  y = y + 2;\n}\nreturn y;";
    assertEquals(body("a: number", text, on, flag), ["let y = a;", "y = y + 1;", "return y;"]);
    assertEquals(body("a: number", text, off, flag), ["let y = a;", "y = y + 2;", "return y;"]);
  });

  it("leaves nothing of an if without else that is not taken", () => {
    const text = "let y = a;\nif (H) {\n  y = y + 1;\n}\nreturn y;";
    assertEquals(body("a: number", text, off, flag), ["let y = a;", "return y;"]);
  });

  it("drops an open if and a loop that are left empty", () => {
    const text = `let y = a;
if (y > 0) {
  if (H) {
    y = 1;
  }
}
for (let j = 0; j < 3; j++) {
  if (H) {
    y = y + 1;
  }
}
return y;`;
    assertEquals(body("a: number", text, off, flag), ["let y = a;", "return y;"]);
  });

  it("takes the branch of a chain of string comparisons", () => {
    const holes = 'declare const MODE: "a" | "b" | "c";';
    const text = `let y = v;
if (MODE === "a") {
  y = 1;
} else if (MODE !== "b") {
  y = 3;
} else {
  y = 2;
}
return y;`;
    for (const [MODE, line] of [["a", "y = 1;"], ["b", "y = 2;"], ["c", "y = 3;"]]) {
      assertEquals(body("v: number", text, { holes: { MODE } }, holes)[1], line);
    }
  });

  it("folds a conditional in an index to the index alone", () => {
    const text = "return m[(H ? this.cell.n : 0)][this.cell.c];";
    assertEquals(body("m: Matrix", text, { format: "channelsLast", ...on }, flag), [
      "return m[this.thread.z][this.thread.x];",
    ]);
    assertEquals(body("m: Matrix", text, { format: "channelsLast", ...off }, flag), [
      "return m[0][this.thread.x];",
    ]);
  });

  it("puts the taken side of a conditional in parentheses where it binds less tightly", () => {
    const text = "return a * (H ? a + b : b);";
    assertEquals(body("a: number, b: number", text, on, flag), ["return a * (a + b);"]);
    assertEquals(body("a: number, b: number", text, off, flag), ["return a * b;"]);
  });

  it("keeps the open side of && and || where the hole does not decide", () => {
    const text =
      "let y = a;\nif (H && a > 0) {\n  y = 1;\n}\nif (a < 0 || H) {\n  y = 2;\n}\nreturn y;";
    assertEquals(body("a: number", text, on, flag), [
      "let y = a;",
      "if (a > 0) {",
      "  y = 1;",
      "}",
      "y = 2;",
      "return y;",
    ]);
    assertEquals(body("a: number", text, off, flag), [
      "let y = a;",
      "if (a < 0) {",
      "  y = 2;",
      "}",
      "return y;",
    ]);
  });

  it("folds negations and comparisons of folded conditions", () => {
    const text = "let y = a;\nif (!(H && !H)) {\n  y = 1;\n}\nreturn y;";
    assertEquals(body("a: number", text, on, flag), ["let y = a;", "y = 1;", "return y;"]);
  });

  it("takes the other branch of a negated hole, and leaves other negations", () => {
    const text =
      "let y = a;\nif (!H) {\n  y = 1;\n} else {\n  y = 2;\n}\nif (!(a > 0)) {\n  y = 3;\n}\nreturn y;";
    const open = ["if (!(a > 0)) {", "  y = 3;", "}", "return y;"];
    assertEquals(body("a: number", text, on, flag), ["let y = a;", "y = 2;", ...open]);
    assertEquals(body("a: number", text, off, flag), ["let y = a;", "y = 1;", ...open]);
  });

  it("fills FORMAT from the variant", () => {
    const holes = 'declare const FORMAT: "channelsLast" | "channelsFirst" | "flat";';
    const text = 'return FORMAT === "channelsLast" ? a : -a;';
    assertEquals(body("a: number", text, { format: "channelsLast" }, holes), ["return a;"]);
    assertEquals(body("a: number", text, { format: "channelsFirst" }, holes), ["return -a;"]);
  });

  it("refuses holes that are left, all of them", () => {
    const error = assertThrows(
      () => body("a: number", "let y = Math.max(a, H);\ny = H && a > 0;\nreturn y;", off, flag),
      TemplateError,
    );
    assertEquals(error.message.split("\n"), [
      "codegen/templates/sample.ts:3:21 hole H must stand in a condition that it decides",
      "codegen/templates/sample.ts:4:5 hole H must stand in a condition that it decides",
    ]);
  });

  it("refuses a set of holes other than the kernel's", () => {
    assertThrows(
      () => body("a: number", "return H ? a : 0;", { holes: { H: true, WIDE: true } }, flag),
      TypeError,
      "Cannot specialize k: holes must be [H], got [H, WIDE]",
    );
    assertThrows(
      () => body("a: number", "return H ? a : 0;", {}, flag),
      TypeError,
      "Cannot specialize k: holes must be [H], got []",
    );
    assertThrows(
      () => body("a: number", "return a;", on, flag),
      TypeError,
      "Cannot specialize k: holes must be [], got [H]",
    );
  });

  it("refuses a value that the hole's type does not name", () => {
    assertThrows(
      () =>
        body(
          "a: number",
          'return MODE === "a" ? a : 0;',
          { holes: { MODE: "c" } },
          'declare const MODE: "a" | "b";',
        ),
      TypeError,
      "Cannot specialize k: MODE must be one of a, b, got c",
    );
  });

  it("refuses a counter with the name of a local", () => {
    const text = `let y = a;
if (H) {
  const t = a * 0.5;
  y = t;
}
for (let t = 0; t < 3; t++) {
  y += t;
}
return y;`;
    assertEquals(body("a: number", text, off, flag).length, 5);
    assertThrows(
      () => body("a: number", text, on, flag),
      TemplateError,
      "codegen/templates/sample.ts:8:10 local t must be the only one of its name in the kernel",
    );
  });

  it("refuses locals that the merged branches both declare", () => {
    const text = `let y = a;
if (H) {
  const t = a * 0.5;
  y = t;
}
if (a > 0) {
  const t = a * 2.5;
  y = t;
}
return y;`;
    assertEquals(body("a: number", text, off, flag).length, 6);
    assertThrows(
      () => body("a: number", text, on, flag),
      TemplateError,
      "codegen/templates/sample.ts:9:9 local t must be the only one of its name in the kernel",
    );
  });
});

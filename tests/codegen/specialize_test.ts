import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Variant } from "../../codegen/manifest.ts";
import { TemplateError } from "../../codegen/problem.ts";
import { specialize } from "../../codegen/specialize/specialize.ts";
import { parseTemplateFile } from "../../codegen/template.ts";

/** Values of a variant of the function `k`; a flat kernel of one lane without holes by default. */
type Values = Partial<Pick<Variant, "format" | "lanes" | "holes">>;

function specialized(text: string, values: Values = {}): string {
  const { templates } = parseTemplateFile("sample", text);
  const rest = { format: "flat", lanes: 1, holes: {} } as const;
  return specialize(templates[0], {
    template: "sample",
    kernel: "k",
    name: "k",
    ...rest,
    ...values,
  }).source;
}

/** The lines of the specialised body of a kernel, unindented once. */
function body(parameters: string, statements: string, values: Values = {}, holes = ""): string[] {
  const text = `${holes}\nexport function k(${
    ["this: Cell<never>", parameters].join(", ")
  }): number {
${statements}
}`;
  return specialized(text, values).split("\n").slice(1, -1).map((line) => line.slice(2));
}

/** What a flat kernel's text computes for one cell, by running it as JavaScript. */
function evaluate(source: string, x: number, ...args: unknown[]): unknown {
  const run = new Function(`return (${source});`)();
  return run.call({ thread: { x, y: 0, z: 0 }, constants: { size: 3 } }, ...args);
}

describe("specialize: coordinates", () => {
  const read = "return at(x, this.cell.n, this.cell.c, this.cell.s) + m[this.cell.n][this.cell.c];";

  it("reads fields as x[n][s][c] in channelsLast", () => {
    assertEquals(body("x: Field, m: Matrix", read, { format: "channelsLast" }), [
      "return x[this.thread.z][this.thread.y][this.thread.x] + m[this.thread.z][this.thread.x];",
    ]);
  });

  it("reads fields as x[n][c][s] in channelsFirst", () => {
    assertEquals(body("x: Field, m: Matrix", read, { format: "channelsFirst" }), [
      "return x[this.thread.z][this.thread.y][this.thread.x] + m[this.thread.z][this.thread.y];",
    ]);
  });

  it("keeps the order of coordinates that are not the cell's own", () => {
    const other = "return at(x, 0, this.cell.c, this.cell.s + 1);";
    assertEquals(body("x: Field", other, { format: "channelsLast" }), [
      "return x[0][this.thread.y + 1][this.thread.x];",
    ]);
    assertEquals(body("x: Field", other, { format: "channelsFirst" }), [
      "return x[0][this.thread.y][this.thread.x + 1];",
    ]);
  });

  it("has one coordinate in flat", () => {
    assertEquals(body("v: Vector", "return v[this.cell.c];"), ["return v[this.thread.x];"]);
  });

  it("refuses the other coordinates in flat, each at its place", () => {
    const error = assertThrows(
      () => body("m: Matrix", "return m[this.cell.n][this.cell.s];"),
      TemplateError,
    );
    assertEquals(error.message.split("\n"), [
      "codegen/templates/sample.ts:3:10 this.cell.n must exist in flat",
      "codegen/templates/sample.ts:3:23 this.cell.s must exist in flat",
    ]);
  });

  it("refuses at in flat", () => {
    const error = assertThrows(() => body("x: Field", "return at(x, 0, this.cell.c, 0);"));
    assertStrictEquals(
      (error as Error).message,
      "codegen/templates/sample.ts:3:8 at must not be used in flat",
    );
  });

  it("answers with the constants that are left, sorted", () => {
    const text = `declare const WIDE: boolean;
export function k(this: Cell<"size" | "count" | "other">, v: Vector): number {
  return (WIDE ? this.constants.other : this.constants.size) * v[this.cell.c] + this.constants.count;
}`;
    const [template] = parseTemplateFile("sample", text).templates;
    const variant = {
      template: "sample",
      kernel: "k",
      name: "k",
      format: "flat",
      lanes: 1,
    } as const;
    assertEquals(specialize(template, { ...variant, holes: { WIDE: false } }).constants, [
      "count",
      "size",
    ]);
    assertEquals(specialize(template, { ...variant, holes: { WIDE: true } }).constants, [
      "count",
      "other",
    ]);
  });
});

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

describe("specialize: parameters", () => {
  const text = `declare const SCALED: boolean;
export function k(this: Cell<"a">, x: Vector, gamma: Vector, a: number): number {
  return SCALED ? gamma[0] * x[this.constants.a] : x[this.constants.a] * a;
}`;
  const kernelAt = (SCALED: boolean) => {
    const { templates } = parseTemplateFile("sample", text);
    const variant = {
      template: "sample",
      kernel: "k",
      name: "k",
      format: "flat",
      lanes: 1,
    } as const;
    return specialize(templates[0], { ...variant, holes: { SCALED } });
  };

  it("are those that the variant uses, in the template's order", () => {
    const names = (SCALED: boolean) => kernelAt(SCALED).parameters.map(({ name }) => name);
    assertEquals([names(true), names(false)], [["x", "gamma"], ["x", "a"]]);
    assertEquals(kernelAt(true).source.split("\n")[0], "function k(x, gamma) {");
  });
});

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

describe("specialize: lanes", () => {
  it("widens the innermost coordinate and shares what does not depend on it", () => {
    const text = `let u = b[this.cell.c];
for (let j = 0; j < this.constants.channels; j++) {
  const v = at(x, this.cell.n, j, this.cell.s);
  u += v * v * g[j][this.cell.c];
}
return at(x, this.cell.n, this.cell.c, this.cell.s) / u;`;
    const parameters = "x: Field, b: Vector, g: Matrix";
    assertEquals(body(parameters, text, { format: "channelsLast", lanes: 4 }), [
      "let u_0 = b[this.thread.x * 4 + 0];",
      "let u_1 = b[this.thread.x * 4 + 1];",
      "let u_2 = b[this.thread.x * 4 + 2];",
      "let u_3 = b[this.thread.x * 4 + 3];",
      "for (let j = 0; j < this.constants.channels; j++) {",
      "  const v = x[this.thread.z][this.thread.y][j];",
      "  u_0 += v * v * g[j][this.thread.x * 4 + 0];",
      "  u_1 += v * v * g[j][this.thread.x * 4 + 1];",
      "  u_2 += v * v * g[j][this.thread.x * 4 + 2];",
      "  u_3 += v * v * g[j][this.thread.x * 4 + 3];",
      "}",
      "return [" + [0, 1, 2, 3].map((lane) =>
        `x[this.thread.z][this.thread.y][this.thread.x * 4 + ${lane}] / u_${lane}`
      ).join(", ") + "];",
    ]);
  });

  it("widens positions in channelsFirst", () => {
    const text = `let u = b[this.cell.c];
const v = at(x, this.cell.n, 0, this.cell.s);
return u * v;`;
    assertEquals(body("x: Field, b: Vector", text, { format: "channelsFirst", lanes: 4 }), [
      "let u = b[this.thread.y];",
      "const v_0 = x[this.thread.z][0][this.thread.x * 4 + 0];",
      "const v_1 = x[this.thread.z][0][this.thread.x * 4 + 1];",
      "const v_2 = x[this.thread.z][0][this.thread.x * 4 + 2];",
      "const v_3 = x[this.thread.z][0][this.thread.x * 4 + 3];",
      "return [u * v_0, u * v_1, u * v_2, u * v_3];",
    ]);
  });

  it("repeats a branch whole for every lane that may take it", () => {
    const text = `let y = v[this.cell.c];
if (y < 0) {
  const t = y * 0.5;
  y = t;
}
return y;`;
    const lines = body("v: Vector", text, { lanes: 4 });
    assertEquals(lines.slice(4, 12), [
      "if (y_0 < 0) {",
      "  const t_0 = y_0 * 0.5;",
      "  y_0 = t_0;",
      "}",
      "if (y_1 < 0) {",
      "  const t_1 = y_1 * 0.5;",
      "  y_1 = t_1;",
      "}",
    ]);
    assertStrictEquals(lines.at(-1), "return [y_0, y_1, y_2, y_3];");
  });

  it("repeats a branch inside a repeated branch once per lane", () => {
    const text = `let y = v[this.cell.c];
let count = 0;
if (y < 0) {
  count += 1;
  if (y < a) {
    count += 10;
  }
} else if (y > a) {
  count += 100;
}
return count;`;
    const source = `function k(v, a) {\n${
      body("v: Vector, a: number", text, { lanes: 4 }).join("\n")
    }\n}`;
    const one = `function k(v, a) {\n${body("v: Vector, a: number", text).join("\n")}\n}`;
    for (const v of [[-2, -0.5, 0.5, 2], [2, 2, -2, -2], [0, -1, 1, -3]]) {
      for (const a of [-1, 0, 1]) {
        assertEquals(evaluate(source, 0, v, a), v.map((_, x) => evaluate(one, x, v, a)));
      }
    }
  });

  it("carries a difference back through a loop", () => {
    const text = `let a = 0;
let b = 0;
for (let j = 0; j < 3; j++) {
  a = b;
  b = v[this.cell.c];
}
return a;`;
    const lines = body("v: Vector", text, { lanes: 4 });
    assertEquals(lines.filter((line) => line.includes("a_")).length, 9);
  });

  it("keeps one name for what is alike in all lanes, also where a branch assigns it", () => {
    const text = `let u = 0;
if (a > 0) {
  u = a;
}
let t = 0;
if (v[this.cell.c] > 0) {
  t = a;
}
return u + t;`;
    const lines = body("v: Vector, a: number", text, { lanes: 4 });
    assertEquals(lines.filter((line) => line.includes("u_")), []);
    assertEquals(lines.filter((line) => line.startsWith("let t_")).length, 4);
  });

  it("agrees lane by lane with the kernel of one lane", () => {
    const text = `let u = w[0];
for (let j = 0; j < this.constants.size; j++) {
  const s = j * 4 + this.cell.c;
  if (v[s] > u) {
    u += v[s] * w[j];
  }
}
return u - (v[this.cell.c] - w[1]) * (u + 1);`;
    const v = Array.from({ length: 12 }, (_, i) => Math.sin(i * 7));
    const w = [0.1, -0.4, 0.7];
    const one = `function k(v, w) {\n${body("v: Vector, w: Vector", text).join("\n")}\n}`;
    const four = `function k(v, w) {\n${
      body("v: Vector, w: Vector", text, { lanes: 4 }).join("\n")
    }\n}`;
    assertEquals(evaluate(four, 0, v, w), [0, 1, 2, 3].map((x) => evaluate(one, x, v, w)));
  });
});

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

import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { body, evaluate } from "./sample.ts";

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

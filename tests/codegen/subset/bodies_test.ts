import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bodyProblems, kernelProblems } from "./problems.ts";

describe("subset: bodies", () => {
  it("takes everything else that templates are made of", () => {
    const body = `let y = a === 0 ? -a : Math.pow(v[this.cell.c], 2) / 1.5e-3;
const s = H ? this.cell.c : this.constants.size - 1;
const t = v[s + 1] - Math.min(y, 3.4e38);
for (let j = 1; j <= this.constants.size * (this.constants.size + 2) - 1; j += 2) {
  const k = j * 4;
  if (!(v[k] > 0) && t !== 1 || H) {
    y += v[k + this.cell.c];
  } else {
    y = y * 2;
  }
}
for (let j = 0; j < 3; j++) y -= v[j];
const isAbove = a > 0;
if (isAbove || !(isAbove ? H : y < 1)) y = isAbove && (y > 2) ? 1 : 2;`;
    assertEquals(bodyProblems(body), []);
  });

  it("reports every problem, in the order of the text", () => {
    assertEquals(bodyProblems("let y = a % 2;\nwhile (a > 0) {}\nlet z = outer + (() => 1)();"), [
      "1:9 operator must be one of + - * / < > <= >= === !== && ||, got %",
      "2:1 kernel must not contain while statement",
      "3:9 outer must be an argument, a local or a hole",
      "3:17 call must be of at or one of Math.{abs,acos,acosh,asin,asinh,atan,atan2,atanh,ceil,cos," +
      "cosh,exp,floor,log,log10,log2,max,min,pow,round,sign,sin,sinh,sqrt,tan,tanh,trunc}, " +
      "got (() => 1)",
    ]);
  });

  it("refuses fields other than through at, and at other than of fields", () => {
    assertEquals(
      bodyProblems(
        "let y = x[0];\nlet z = x;\nlet w = at(v, 0, 0, 0);\nlet q = at(x, 0, 0);\nlet r = at(x, 0, a, 0);",
        "v: Vector, x: Field, a: number",
      ),
      [
        "1:9 field x must be read by at(x, n, c, s)",
        "2:9 field x must be read by at(x, n, c, s)",
        "3:12 at must read an argument of type Field, got v",
        "4:9 at must have 4 arguments, got 3",
        "5:18 index must be integer arithmetic on coordinates, counters and constants",
      ],
    );
  });

  it("refuses a matrix that is indexed once", () => {
    assertEquals(bodyProblems("let y = m[0];", "v: Vector, m: Matrix, a: number"), [
      "1:9 matrix m must be read as m[row][column]",
    ]);
  });

  it("refuses a kernel that does not end in a return", () => {
    const kernel = (body: string) =>
      kernelProblems(`export function k(this: Cell<never>): number {${body}}`);
    assertEquals(kernel(""), ["1:1 kernel must end in a return"]);
    assertEquals(kernel(" let y = 1; "), ["1:48 kernel must end in a return"]);
    assertEquals(kernel(" return; "), ["1:48 return must have a value"]);
  });
});

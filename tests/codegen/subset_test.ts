import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileProblems, subsetProblems } from "../../codegen/subset/subset.ts";
import { parseTemplateFile } from "../../codegen/template.ts";

/** All problems of the first function of a template file, without the path that they begin with. */
function kernelProblems(text: string): string[] {
  const { templates } = parseTemplateFile("sample", text);
  return subsetProblems(templates[0]).map(withoutPath);
}

/** All problems of a body, whose first line is line 1 and begins in column 1. */
function bodyProblems(body: string, parameters = "v: Vector, a: number"): string[] {
  const uses = "if (a === v[0] && H) {}";
  const head =
    `declare const H: boolean; export function k(this: Cell<"size">, ${parameters}): number {`;
  // Everything is used at the end, so that only the body is at fault.
  const full = `${head} \n${body}`;
  const problems = kernelProblems(`${full}\n${uses}\nreturn 0;\n}`);
  return problems.map((problem) => problem.replace(/^(\d+)/, (line) => `${Number(line) - 1}`));
}

function withoutPath(problem: string): string {
  return problem.replace("codegen/templates/sample.ts:", "");
}

/** Bodies that must have exactly one problem, at the given place: one table, however long, to look things up. */
const REFUSED: readonly (readonly [name: string, body: string, problem: string])[] = [
  ["an arrow function", "let f = () => 1;", "1:9 kernel must not contain arrow function"],
  [
    "a nested function",
    "function f() { return 1; }",
    "1:1 kernel must not contain function declaration",
  ],
  [
    "a function expression",
    "let f = function () { return 1; };",
    "1:9 kernel must not contain function expression",
  ],
  ["a string", 'let y = "a";', "1:9 kernel must not contain string literal"],
  [
    "a string compared with something other than a hole",
    'let y = a === "a";',
    "1:15 kernel must not contain string literal",
  ],
  ["true", "let y = true;", "1:9 kernel must not contain true keyword"],
  [
    "an object",
    "let y = { a: 1 };",
    "1:9 kernel must not contain object literal expression",
  ],
  ["an array", "let y = [1];", "1:9 kernel must not contain array literal expression"],
  [
    "for..of",
    "for (const e of v) {}",
    "1:1 kernel must not contain for of statement",
  ],
  [
    "for..in",
    "for (const e in v) {}",
    "1:1 kernel must not contain for in statement",
  ],
  ["while", "while (a > 0) {}", "1:1 kernel must not contain while statement"],
  ["do", "do {} while (a > 0);", "1:1 kernel must not contain do statement"],
  [
    "break",
    "for (let j = 0; j < 3; j++) { break; }",
    "1:31 kernel must not contain break statement",
  ],
  [
    "continue",
    "for (let j = 0; j < 3; j++) { continue; }",
    "1:31 kernel must not contain continue statement",
  ],
  ["switch", "switch (a) {}", "1:1 kernel must not contain switch statement"],
  ["try", "try {} catch {}", "1:1 kernel must not contain try statement"],
  ["throw", "throw a;", "1:1 kernel must not contain throw statement"],
  ["an empty statement", ";", "1:1 kernel must not contain empty statement"],
  ["new", "let y = new Array(3);", "1:9 kernel must not contain new expression"],
  [
    "a template string",
    "let y = `a`;",
    "1:9 kernel must not contain no substitution template literal",
  ],
  [
    "a template string with a hole",
    "let y = `${a}`;",
    "1:9 kernel must not contain template expression",
  ],
  [
    "spread",
    "let y = Math.abs(...v);",
    "1:18 kernel must not contain spread element",
  ],
  [
    "destructuring",
    "let [y] = a;",
    "1:5 local must be a single name, got array binding pattern",
  ],
  ["let without a value", "let y;", "1:5 local y must have an initial value"],
  ["var", "var y = 1;", "1:1 local must be declared by const or let, got var"],
  ["two declarations", "let y = 1, z = 2;", "1:1 statement must declare one local, got 2"],
  ["a type annotation", "let y: number = 1;", "1:8 local y must have no type annotation"],
  ["as", "let y = a as number;", "1:9 kernel must not contain as expression"],
  ["!", "let y = a!;", "1:9 kernel must not contain non null expression"],
  [
    "satisfies",
    "let y = a satisfies number;",
    "1:9 kernel must not contain satisfies expression",
  ],
  [
    "a local that a lane could be named like",
    "let u_0 = 1;",
    "1:5 local must have a camelCase name, got u_0",
  ],
  ["a local that hides an argument", "let a = 1;", "1:5 local a must not hide another a"],
  [
    "a local that hides another",
    "let y = 1;\nif (a > 0) {\nlet y = 2;\n}",
    "3:5 local y must not hide another y",
  ],
  ["a local that hides at", "let at = 1;", "1:5 local at must not hide another at"],
  [
    "an early return",
    "if (a > 0) { return 1; }",
    "1:14 return must be the last statement of the kernel",
  ],
  [
    "a loop bounded by an argument",
    "for (let j = 0; j < a; j++) {}",
    "1:21 loop bound must be made of literals and this.constants by + - *",
  ],
  [
    "a loop bounded by a local",
    "const n = this.constants.size;\nfor (let j = 0; j < n; j++) {}",
    "2:21 loop bound must be made of literals and this.constants by + - *",
  ],
  [
    "a loop bounded by a quotient",
    "for (let j = 0; j < this.constants.size / 2; j++) {}",
    "1:21 loop bound must be made of literals and this.constants by + - *",
  ],
  [
    "a loop bounded by a product with a literal",
    "for (let j = 0; j < this.constants.size * 2; j++) {}",
    "1:21 loop bound must have no literal factor, or gpu.js stops at 1000 turns",
  ],
  [
    "a loop that starts at a constant",
    "for (let j = this.constants.size; j < 9; j++) {}",
    "1:10 loop must start j at an integer literal, or gpu.js stops it at 1000 turns",
  ],
  [
    "a loop that starts below zero",
    "for (let j = -1; j < 9; j++) {}",
    "1:10 loop must start j at an integer literal, or gpu.js stops it at 1000 turns",
  ],
  [
    "a loop that counts down",
    "for (let j = 9; j > 0; j++) {}",
    "1:17 loop must run while j < or <= a bound",
  ],
  [
    "a loop without a test",
    "for (let j = 0;; j++) {}",
    "1:1 loop must run while j < or <= a bound",
  ],
  [
    "a loop that steps down",
    "for (let j = 0; j < 9; j--) {}",
    "1:24 loop must step by j++ or j += an integer literal",
  ],
  [
    "a loop that does not step",
    "for (let j = 0; j < 9; j += 0) {}",
    "1:24 loop must step by j++ or j += an integer literal",
  ],
  [
    "a loop that does not step, written as a float",
    "for (let j = 0; j < 9; j += 0.0) {}",
    "1:24 loop must step by j++ or j += an integer literal",
  ],
  [
    "a loop that does not step, in base 16",
    "for (let j = 0; j < 9; j += 0x0) {}",
    "1:24 loop must step by j++ or j += an integer literal",
  ],
  [
    "a loop that steps by an argument",
    "for (let j = 0; j < 9; j += a) {}",
    "1:24 loop must step by j++ or j += an integer literal",
  ],
  [
    "a loop of two counters",
    "for (let j = 0, i = 0; j < 9; j++) {}",
    "1:1 loop must declare one counter",
  ],
  [
    "an assignment to a counter",
    "for (let j = 0; j < 9; j++) { j = 3; }",
    "1:31 loop counter j must not be assigned to",
  ],
  ["an assignment to an argument", "a = 1;", "1:1 argument a must not be assigned to"],
  ["an assignment to a const", "const y = 1.5;\ny = 2;", "2:1 const y must not be assigned to"],
  [
    "an assignment to an element",
    "v[0] = 1;",
    "1:1 assignment must be to a local, got element access expression",
  ],
  [
    "an assignment to a closure",
    "outer = 1;",
    "1:1 outer must be an argument, a local or a hole",
  ],
  [
    "an assignment inside an expression",
    "let y = 1;\nlet z = (y = 2);",
    "2:10 operator must be one of + - * / < > <= >= === !== && ||, got =",
  ],
  [
    "an assignment by %=",
    "let y = 1;\ny %= 2;",
    "2:1 assignment must be one of = += -= *= /=, got %=",
  ],
  ["a closure", "let y = outer;", "1:9 outer must be an argument, a local or a hole"],
  [
    "a local of another block",
    "if (a > 0) {\nlet y = 1;\n}\nlet z = y;",
    "4:9 y must be an argument, a local or a hole",
  ],
  ["Infinity", "let y = Infinity;", "1:9 Infinity must be an argument, a local or a hole"],
  ["NaN", "let y = NaN;", "1:9 NaN must be an argument, a local or a hole"],
  [
    "a number beyond float32",
    "let y = 3.5e38;",
    "1:9 number must be a finite float32, got 3.5e38",
  ],
  [
    "%",
    "let y = a % 2;",
    "1:9 operator must be one of + - * / < > <= >= === !== && ||, got %",
  ],
  [
    "a bitwise operator",
    "let y = a | 0;",
    "1:9 operator must be one of + - * / < > <= >= === !== && ||, got |",
  ],
  [
    "**",
    "let y = a ** 2;",
    "1:9 operator must be one of + - * / < > <= >= === !== && ||, got **",
  ],
  [
    "==",
    "let y = a == 2;",
    "1:9 operator must be one of + - * / < > <= >= === !== && ||, got ==",
  ],
  [
    "the comma operator",
    "let y = (a, 2);",
    "1:10 operator must be one of + - * / < > <= >= === !== && ||, got ,",
  ],
  ["~", "let y = ~a;", "1:9 operator must be - or ! before an operand, got ~a"],
  [
    "++ as a statement",
    "let y = 1;\ny++;",
    "2:1 statement must assign to a local, got postfix unary expression",
  ],
  [
    "++ in an expression",
    "let y = 1;\nlet z = y++;",
    "2:9 kernel must not contain postfix unary expression",
  ],
  [
    "a call as a statement",
    "Math.abs(a);",
    "1:1 statement must assign to a local, got call expression",
  ],
  [
    "Math.random",
    "let y = Math.random();",
    "1:9 call must be of at or one of Math.{abs,acos,acosh,asin,asinh,atan,atan2,atanh,ceil,cos," +
    "cosh,exp,floor,log,log10,log2,max,min,pow,round,sign,sin,sinh,sqrt,tan,tanh,trunc}, " +
    "got Math.random",
  ],
  ["max of three", "let y = Math.max(a, 1, 2);", "1:9 Math.max must have 2 arguments, got 3"],
  [
    "a member of Math",
    "let y = Math.PI;",
    "1:9 Math.PI must be this.cell.n, .c, .s or a member of this.constants",
  ],
  [
    "this.thread",
    "let y = this.thread.x;",
    "1:9 this.thread.x must be this.cell.n, .c, .s or a member of this.constants",
  ],
  [
    "an unknown constant",
    "let y = this.constants.other;",
    "1:9 constant other must be named by the type of this",
  ],
  [
    "an optional index",
    "let y = v?.[0];",
    "1:9 index must follow the array without ?.",
  ],
  ["an array by itself", "let y = v;", "1:9 vector v must be read as v[index]"],
  ["a number indexed", "let y = a[0];", "1:9 a must be an array to be indexed"],
  ["a vector indexed twice", "let y = v[0][1];", "1:9 vector v must be read as v[index]"],
  [
    "an index that is a float",
    "let s = this.cell.c;\nlet y = v[s];",
    "2:11 index must be integer arithmetic on coordinates, counters and constants",
  ],
  [
    "an index that is a quotient",
    "let y = v[this.cell.c / 2];",
    "1:11 index must be integer arithmetic on coordinates, counters and constants",
  ],
  [
    "an index that a hole and the data choose",
    "let y = v[H && a > 0 ? 0 : 1];",
    "1:11 index must be integer arithmetic on coordinates, counters and constants",
  ],
  [
    "an index that the data choose",
    "let y = v[a > 0 ? 0 : 1];",
    "1:11 index must be integer arithmetic on coordinates, counters and constants",
  ],
  ...[
    "this.cell.c > 1",
    "this.constants.size > 1",
    "H && this.cell.c > 1",
    "1 < 2",
  ].map((test): typeof REFUSED[number] => [
    `an index that ${test} chooses`,
    `let y = v[${test} ? 0 : 1];`,
    "1:11 index must be integer arithmetic on coordinates, counters and constants",
  ]),
  ...[
    "a",
    "(a)",
    "-a",
    "v[0]",
    "(a - 1)",
    "Math.abs(a)",
    "this.cell.c",
    "this.constants.size",
    "0",
    "(a > 0 ? 1 : 2)",
  ].flatMap((number) => {
    const problem = (column: number) =>
      `1:${column} condition must be made of comparisons, got the number ${number}`;
    return [
      [`the number ${number} for a test`, `let y = ${number} ? 1 : 2;`, problem(9)],
      [`the number ${number} for the test of if`, `if (${number}) {}`, problem(5)],
      [`the number ${number} behind !`, `let y = !${number} ? 1 : 2;`, problem(10)],
      [`the number ${number} before ||`, `let y = ${number} || a > 0 ? 1 : 2;`, problem(9)],
      [`the number ${number} behind &&`, `let y = a > 0 && ${number} ? 1 : 2;`, problem(18)],
    ] as const;
  }),
  [
    "the number of a local for a test",
    "let y = a;\nlet z = y ? 1 : 2;",
    "2:9 condition must be made of comparisons, got the number y",
  ],
  [
    "a counter for a test",
    "let y = 1;\nfor (let j = 0; j < 3; j++) y = j ? 1 : 2;",
    "2:33 condition must be made of comparisons, got the number j",
  ],
];

describe("subset: bodies", () => {
  for (const [name, body, problem] of REFUSED) {
    it(`refuses ${name}`, () => {
      assertEquals(bodyProblems(body), [problem]);
    });
  }

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

describe("subset: signatures", () => {
  const body = "{ return 0; }";

  it("refuses more than 7 arrays", () => {
    const names = [..."abcdefgh"];
    const text = (count: number) => {
      const used = names.slice(0, count);
      return `export function k(this: Cell<never>, ${
        used.map((name) => `${name}: Vector`).join(", ")
      }, z: number): number { return ${used.map((name) => `${name}[0]`).join(" + ")} + z; }`;
    };
    assertEquals(kernelProblems(text(7)), []);
    assertEquals(kernelProblems(text(8)), ["1:1 kernel must take at most 7 arrays, got 8"]);
  });

  it("refuses parameters that gpu.js or the library could not give", () => {
    assertEquals(
      kernelProblems(
        `export function k(this: Cell<never>, a: string, b?: number, c = 1, d_0: number, e: number): number {
return a + b + c + d_0;
}`,
      ),
      [
        "1:38 parameter a must be a Field, Matrix, Vector or number",
        "1:49 parameter b must be given in every call",
        "1:61 parameter c must be given in every call",
        "1:68 parameter must have a camelCase name, got d_0",
        "1:81 parameter e must be used",
        "2:8 a must be an argument, a local or a hole",
        "2:16 c must be an argument, a local or a hole",
      ],
    );
  });

  it("refuses a this that names no constants", () => {
    const problem = '1:1 kernel must begin with this: Cell<never> or this: Cell<"names">';
    assertEquals(kernelProblems(`export function k(): number ${body}`), [problem]);
    assertEquals(kernelProblems(`export function k(this: Cell<string>): number ${body}`), [
      problem,
    ]);
    assertEquals(kernelProblems(`export function k(this: Cell<"a", "b">): number ${body}`), [
      problem,
    ]);
    assertEquals(kernelProblems(`export function k(this: Cell<"a" | "b">): number ${body}`), []);
  });

  it("refuses another result than number", () => {
    assertEquals(kernelProblems(`export function k(this: Cell<never>): boolean ${body}`), [
      "1:39 kernel must return number",
    ]);
    assertEquals(kernelProblems(`export function k(this: Cell<never>) ${body}`), [
      "1:1 kernel must return number",
    ]);
  });

  it("refuses async, generator and generic functions", () => {
    const kernel = (name: string) =>
      kernelProblems(`export ${name}(this: Cell<never>): number ${body}`);
    assertEquals(kernel("async function k"), ["1:1 kernel must be a plain function"]);
    assertEquals(kernel("function* k"), ["1:1 kernel must be a plain function"]);
    assertEquals(kernel("function k<T>"), ["1:19 kernel must have no type parameters"]);
  });
});

describe("subset: files", () => {
  function problems(text: string): string[] {
    return fileProblems(parseTemplateFile("sample", text).file).map(withoutPath);
  }

  it("takes imports of the coordinates, holes and exported functions", () => {
    assertEquals(
      problems(`import { at } from "./_coordinates.ts";
declare const H: boolean, MODE_2: "a" | "b";
export function k() {}`),
      [],
    );
  });

  it("refuses everything else at the top", () => {
    assertEquals(
      problems(`import { x } from "./other.ts";
const H = true;
declare const lower: boolean;
declare const WIDTH: number;
function hidden() {}
type T = number;
class C {}`),
      [
        "1:1 import must be from ./_coordinates.ts, got ./other.ts",
        "2:7 hole must be a declare const",
        "3:15 hole must have an UPPER_CASE name, got lower",
        "4:15 hole must be of type boolean or a union of string literals",
        "5:1 function must be exported by its name",
        "6:1 template must hold imports, holes and kernels, got type alias declaration",
        "7:1 template must hold imports, holes and kernels, got class declaration",
      ],
    );
  });

  it("reports what is not TypeScript at its place", () => {
    const { syntaxErrors } = parseTemplateFile("sample", "export function k( {\n  return = 1;\n}");
    assertEquals(syntaxErrors.slice(0, 1), [
      "codegen/templates/sample.ts:2:10 ':' expected.",
    ]);
  });
});

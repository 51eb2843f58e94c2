import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bodyProblems, type Refused } from "./problems.ts";

const REFUSED: Refused = [
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
];

describe("subset: statements", () => {
  for (const [name, body, problem] of REFUSED) {
    it(`refuses ${name}`, () => {
      assertEquals(bodyProblems(body), [problem]);
    });
  }
});

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bodyProblems, type Refused } from "./problems.ts";

const REFUSED: Refused = [
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
  ].map((test): Refused[number] => [
    `an index that ${test} chooses`,
    `let y = v[${test} ? 0 : 1];`,
    "1:11 index must be integer arithmetic on coordinates, counters and constants",
  ]),
];

describe("subset: expressions", () => {
  for (const [name, body, problem] of REFUSED) {
    it(`refuses ${name}`, () => {
      assertEquals(bodyProblems(body), [problem]);
    });
  }
});

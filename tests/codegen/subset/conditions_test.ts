import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bodyProblems, type Refused } from "./problems.ts";

const REFUSED: Refused = [
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

describe("subset: conditions", () => {
  for (const [name, body, problem] of REFUSED) {
    it(`refuses ${name}`, () => {
      assertEquals(bodyProblems(body), [problem]);
    });
  }
});

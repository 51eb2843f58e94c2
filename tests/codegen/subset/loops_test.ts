import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bodyProblems, type Refused } from "./problems.ts";

const REFUSED: Refused = [
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
];

describe("subset: loops", () => {
  for (const [name, body, problem] of REFUSED) {
    it(`refuses ${name}`, () => {
      assertEquals(bodyProblems(body), [problem]);
    });
  }
});

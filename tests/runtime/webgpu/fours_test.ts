import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { plus, symbol } from "../../../ops/runtime/lowering/affine.ts";
import { type Step, Trees } from "../../../ops/runtime/lowering/tree.ts";
import { valuesInFours } from "../../../ops/runtime/webgpu/compiler/fours.ts";

describe("values that are read in fours", () => {
  const trees = new Trees();
  const along = { symbol: "lane", size: 4, aligned: true };
  const inRow = plus(symbol("lane"), symbol("row"), 8);

  /** A step that reads an element of a value. */
  const reads = (value: number, at = inRow): Step => {
    return { do: "set", name: "a", to: trees.make({ op: "load", value, at }) };
  };
  const found = (...steps: Step[]) => [...valuesInFours(steps, new Map(), along)];

  it("are those that are read so everywhere", () => {
    assertEquals(found(reads(0), reads(1), reads(1, symbol("row"))), [0]);
    // Rows that begin elsewhere.
    assertEquals(found(reads(0, plus(symbol("lane"), symbol("row"), 6))), []);
  });

  it("are so in branches and loops, too", () => {
    const test = trees.make({ op: "atLeast0", at: symbol("row") });
    const branch = (...then: Step[]): Step => ({ do: "if", test, then });
    const loop = (...body: Step[]): Step => {
      return { do: "loop", symbol: "i", first: 0, last: 7, body };
    };
    for (const inside of [branch, loop]) {
      assertEquals(found(inside(reads(0))), [0]);
      assertEquals(found(reads(0), inside(reads(0, symbol("row")))), []);
    }
  });
});

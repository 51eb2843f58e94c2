import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Affine,
  constant,
  plus,
  symbol,
  times,
} from "../../../ops/runtime/lowering/affine.ts";
import { choose, cutOf, settle } from "../../../ops/runtime/wasm/compiler/guards.ts";
import { type Step, Trees } from "../../../ops/runtime/lowering/tree.ts";
import { Unsupported } from "../../../ops/runtime/lowering/unsupported.ts";

const trees = new Trees();
const ranges = new Map([["lane", { first: 0, last: 15 }], ["row", { first: 0, last: 9 }]]);
const add: Step = { do: "set", name: "sum", to: trees.number(1) };
const when = (at: Affine, ...then: Step[]): Step => ({
  do: "if",
  test: trees.make({ op: "atLeast0", at }),
  then,
});
const loop = (last: number, ...body: Step[]): Step => ({
  do: "loop",
  symbol: "j",
  first: 0,
  last,
  body,
});
/** The condition that a form is below a limit. */
const below = (at: Affine, limit: number) => plus(constant(limit - 1), at, -1);

describe("guards", () => {
  it("that always hold or never do are gone", () => {
    assertEquals(settle([when(below(symbol("row"), 10), add)], ranges), [add]);
    assertEquals(settle([when(below(symbol("row"), 0), add)], ranges), []);
    const open = when(below(symbol("row"), 5), add);
    assertEquals(settle([open], ranges), [open]);
  });

  it("cut a loop where they become certain", () => {
    const limited = when(below(symbol("j"), 6), add);
    assertEquals(settle([loop(9, limited)], ranges), [
      loop(5, add),
      { do: "loop", symbol: "j", first: 6, last: 9, body: [] },
    ]);
  });

  it("cut only what all lanes agree on", () => {
    // j * 16 + lane < 100 holds for all lanes up to j = 5, and for some at j = 6.
    const at = below(plus(times(symbol("j"), 16), symbol("lane")), 100);
    const guarded = when(at, add);
    assertEquals(settle([loop(6, guarded)], ranges), [
      loop(5, add),
      { do: "loop", symbol: "j", first: 6, last: 6, body: [guarded] },
    ]);
  });

  it("say where rows are to be parted", () => {
    const at = below(plus(times(symbol("row"), 10), symbol("j")), 95);
    assertEquals(cutOf([loop(9, when(at, add))], "row", ranges), 9);
    assertEquals(cutOf([loop(9, add)], "row", ranges), undefined);
  });

  it("that lanes answer differently become choices", () => {
    const test = below(symbol("lane"), 7);
    const [chosen] = choose([when(test, add)], trees);
    assertEquals(chosen, {
      do: "set",
      name: "sum",
      to: trees.select(
        trees.make({ op: "atLeast0", at: test }),
        trees.number(1),
        trees.local("sum"),
      ),
    });
    const uniform = when(below(symbol("row"), 5), add);
    assertEquals(choose([uniform], trees), [uniform]);
    assertThrows(() => choose([when(test, loop(3, add))], trees), Unsupported);
  });
});

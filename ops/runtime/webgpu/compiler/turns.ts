/**
 * The turns of a loop that do something, where its whole body stands under conditions that hold up to
 * some turn: a loop that ends there needs no branch in each turn.
 *
 * @module
 */
import { type Affine, coefficient, without } from "../../lowering/affine.ts";
import type { Step } from "../../lowering/tree.ts";
import type { Loop } from "./statements.ts";

/** A loop's body without such conditions, and the last turns that they allow. */
export interface Turns {
  readonly body: readonly Step[];
  readonly lasts: readonly Affine[];
}

/** Takes the conditions off a loop's body. */
export function turnsOf({ symbol, body }: Loop): Turns {
  const lasts: Affine[] = [];
  for (;;) {
    const only = body.length === 1 ? body[0] : undefined;
    if (only?.do !== "if" || only.test.op !== "atLeast0") return { body, lasts };
    const { at } = only.test;
    // last - turn >= 0
    if (coefficient(at, symbol) !== -1) return { body, lasts };
    lasts.push(without(at, symbol));
    body = only.then;
  }
}

/**
 * Guards: conditions on integer forms that keep a loop inside its data. Most hold everywhere but at
 * the end, so ranges are cut in two where that makes a condition certain, and what varies from lane
 * to lane in the rest becomes a choice between values.
 *
 * @module
 */
import { boundsOf, coefficient, type Ranges, without } from "../../lowering/affine.ts";
import { truth } from "../../lowering/certain.ts";
import type { Expression, Step, Trees } from "../../lowering/tree.ts";
import { Unsupported } from "../../lowering/unsupported.ts";

/** Removes conditions that are certain and cuts loops where that makes them so. */
export function settle(steps: readonly Step[], ranges: Ranges): Step[] {
  return steps.flatMap((step): Step[] => {
    if (step.do === "if") {
      const certain = truth(step.test, ranges);
      if (certain === false) return [];
      const then = settle(step.then, ranges);
      if (certain === true || then.length === 0) return then;
      return [{ ...step, then }];
    }
    if (step.do !== "loop") return [step];
    const { symbol, first, last, body } = step;
    const over = (first: number, last: number): Step[] => {
      const inner = settle(body, new Map(ranges).set(symbol, { first, last }));
      return [{ do: "loop", symbol, first, last, body: inner }];
    };
    const at = cutOf(body, symbol, new Map(ranges).set(symbol, { first, last }));
    return at === undefined ? over(first, last) : [...over(first, at - 1), ...over(at, last)];
  });
}

/** Where to cut the range of a symbol so that a condition becomes certain on one side, if anywhere. */
export function cutOf(steps: readonly Step[], symbol: string, ranges: Ranges): number | undefined {
  const { first, last } = ranges.get(symbol)!;
  for (const step of steps) {
    if (step.do !== "if" && step.do !== "loop") continue;
    if (step.do === "loop") {
      const at = cutOf(step.body, symbol, new Map(ranges).set(step.symbol, step));
      if (at !== undefined) return at;
      continue;
    }
    if (truth(step.test, ranges) === undefined && step.test.op === "atLeast0") {
      const factor = coefficient(step.test.at, symbol);
      const { least } = boundsOf(without(step.test.at, symbol), ranges);
      // least + factor * symbol >= 0, whatever the other symbols are.
      const at = factor < 0
        ? Math.floor(least / -factor) + 1
        : factor > 0
        ? Math.ceil(-least / factor)
        : first;
      if (at > first && at <= last) return at;
    }
    const at = cutOf(step.then, symbol, ranges);
    if (at !== undefined) return at;
  }
  return undefined;
}

/** Whether a condition is decided by integers that are the same in all lanes: one can branch on it. */
export function isUniform(test: Expression): boolean {
  return test.op === "atLeast0" && !test.symbols.has("lane");
}

/** Replaces every branch that lanes may take differently by choices between values. */
export function choose(steps: readonly Step[], trees: Trees): Step[] {
  return steps.flatMap((step): Step[] => {
    if (step.do === "loop") return [{ ...step, body: choose(step.body, trees) }];
    if (step.do !== "if") return [step];
    const then = choose(step.then, trees);
    if (isUniform(step.test)) return [{ ...step, then }];
    return then.map((inner) => {
      if (inner.do !== "set") throw new Unsupported("a loop runs in some lanes only");
      const { name, to } = inner;
      return { do: "set", name, to: trees.select(step.test, to, trees.local(name)) };
    });
  });
}

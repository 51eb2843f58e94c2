/**
 * Conditions on integer forms that the ranges of their symbols decide.
 *
 * @module
 */
import { boundsOf, type Ranges } from "./affine.ts";
import type { Expression, Step } from "./tree.ts";

/** Whether a condition holds everywhere, nowhere, or here and there. */
export function truth(test: Expression, ranges: Ranges): boolean | undefined {
  if (test.op !== "atLeast0") return undefined;
  const { least, greatest } = boundsOf(test.at, ranges);
  return least >= 0 ? true : greatest < 0 ? false : undefined;
}

/** The steps without the branches that are always or never taken. */
export function withoutCertain(steps: readonly Step[], ranges: Ranges): Step[] {
  return steps.flatMap((step): Step[] => {
    if (step.do === "loop") {
      const inner = withoutCertain(step.body, new Map(ranges).set(step.symbol, step));
      return [{ ...step, body: inner }];
    }
    if (step.do !== "if") return [step];
    const certain = truth(step.test, ranges);
    if (certain === false) return [];
    const then = withoutCertain(step.then, ranges);
    return certain ? then : [{ ...step, then }];
  });
}

/**
 * Which values a shader reads four elements at a time only, so that it can have them as arrays of
 * vectors.
 *
 * @module
 */
import type { Affine } from "../../lowering/affine.ts";
import { type Expression, operands, type Step } from "../../lowering/tree.ts";
import { loadsIn, type Stage } from "./stages.ts";
import type { Loop } from "./statements.ts";
import { type Along, isInFours } from "./vectors.ts";

/**
 * Finds these values.
 *
 * @param along What vectors are read along where nothing is staged.
 */
export function valuesInFours(
  steps: readonly Step[],
  stages: ReadonlyMap<Loop, readonly Stage[]>,
  along: Along,
): ReadonlySet<number> {
  const inFours = new Map<number, boolean>();
  const read = (value: number, at: Affine, along: Along) => {
    inFours.set(value, inFours.get(value) !== false && isInFours(at, along));
  };
  const visit = (steps: readonly Step[], staged: ReadonlySet<Expression>): void => {
    const collect = (expression: Expression, seen = new Set<Expression>()): void => {
      if (staged.has(expression) || seen.has(expression)) return;
      seen.add(expression);
      if (expression.op === "load") read(expression.value, expression.at, along);
      operands(expression).forEach((part) => collect(part, seen));
    };
    for (const step of steps) {
      if (step.do === "set") collect(step.to);
      else if (step.do === "if") {
        collect(step.test);
        visit(step.then, staged);
      } else if (step.do === "loop") {
        const own = stages.get(step) ?? [];
        visit(step.body, new Set(own.map(({ factor }) => factor.expression)));
        for (const { factor: { expression }, along } of own) {
          loadsIn(expression).forEach(({ value, at }) => read(value, at, along));
        }
      }
    }
  };
  visit(steps, new Set());
  return new Set([...inFours].flatMap(([value, always]) => always ? [value] : []));
}

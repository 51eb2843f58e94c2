/**
 * What innermost loops read, replaced by reads of panels, and the loops that fill these.
 *
 * @module
 */
import { type Affine, constant, plus, symbol } from "../../lowering/affine.ts";
import { type Expression, operands, type Step, type Trees } from "../../lowering/tree.ts";

/** A loop of a body. */
export type Loop = Step & { readonly do: "loop" };

/** What is to stand for an expression, given the loops around it; `undefined` if it stays. */
export type Replace = (expression: Expression, loops: readonly Loop[]) => Expression | undefined;

/** Steps with the largest expressions of each innermost loop replaced that `instead` replaces. */
export function replaceReads(
  steps: readonly Step[],
  trees: Trees,
  instead: Replace,
  { branches }: { readonly branches: boolean },
): Step[] {
  const visit = (steps: readonly Step[], around: readonly Loop[]): Step[] =>
    steps.map((step): Step => {
      if (step.do === "if") return branches ? { ...step, then: visit(step.then, around) } : step;
      if (step.do !== "loop") return step;
      const loops = [...around, step];
      if (!step.body.every((inner) => inner.do === "set")) {
        return { ...step, body: visit(step.body, loops) };
      }
      const known = new Map<Expression, Expression>();
      const replace = (expression: Expression): Expression => {
        let replaced = known.get(expression);
        if (replaced === undefined) {
          replaced = instead(expression, loops) ??
            ("of" in expression
              ? trees.with(expression, operands(expression).map(replace))
              : expression);
          known.set(expression, replaced);
        }
        return replaced;
      };
      const body = step.body.map((inner): Step =>
        inner.do === "set" ? { ...inner, to: replace(inner.to) } : inner
      );
      return { ...step, body };
    });
  return visit(steps, []);
}

/**
 * The loops whose turns decide a number that is read from memory, if nothing else does but the symbols in
 * `others`, of which it must have the first, and if the innermost loop does.
 */
export function ownLoops(
  { symbols, locals, reads }: Expression,
  loops: readonly Loop[],
  others: readonly string[],
): Loop[] | undefined {
  if (!reads || locals.size > 0 || !symbols.has(others[0])) return undefined;
  const own = loops.filter(({ symbol }) => symbols.has(symbol));
  const known = [...others, ...own.map(({ symbol }) => symbol)];
  const isOwn = own.at(-1) === loops.at(-1) && [...symbols].every((name) => known.includes(name));
  return isOwn ? own : undefined;
}

/** How many turns loops have, one inside the other. */
export function turnsOf(loops: readonly Loop[]): number {
  return loops.reduce((product, { first, last }) => product * (last - first + 1), 1);
}

/** Where the turns of loops lie, `step` apart: those of the innermost loop one after the other. */
export function turnIndex(loops: readonly Loop[], step = 1): Affine {
  let at = constant(0);
  let apart = step;
  for (const { symbol: counter, first, last } of loops.toReversed()) {
    at = plus(at, plus(symbol(counter), constant(-first)), apart);
    apart *= last - first + 1;
  }
  return at;
}

/** A step inside of loops. */
export function within(loops: readonly Loop[], step: Step): Step {
  return loops.reduceRight<Step>((body, loop) => ({ ...loop, body: [body] }), step);
}

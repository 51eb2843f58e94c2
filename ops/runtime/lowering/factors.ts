/**
 * Factors: what the terms of a contraction are made of. Each belongs to a lane or to a row alone, so
 * that the cells of a tile can share it.
 *
 * @module
 */
import { type Axes, axesOf } from "./axes.ts";
import { contractionOf } from "./contraction.ts";
import { type Expression, operands, type Step } from "./tree.ts";

/** A step that repeats others. */
type Loop = Step & { readonly do: "loop" };

/** Something that is read in each turn of a loop, with what is computed of it alone. */
export interface Factor {
  readonly expression: Expression;
  /** What it differs along, besides the turns. */
  readonly axis: "lane" | "row";
  /** Conditions, the same for all cells of a tile, that hold wherever it is needed. */
  readonly tests: readonly Expression[];
}

/** The contractions among the loops of a kernel, with their factors. */
export type Contractions = ReadonlyMap<Loop, readonly Factor[]>;

/**
 * Finds the loops that contract; there are none if cells of a tile may branch differently.
 *
 * @param locals Along which axes the kernel's variables vary.
 */
export function contractionsOf(
  steps: readonly Step[],
  locals: ReadonlyMap<string, Axes>,
): Contractions {
  const found = new Map<Loop, readonly Factor[]>();
  const visit = (steps: readonly Step[]): boolean =>
    steps.every((step) => {
      if (step.do === "if") return isUniform(step.test) && !hasLoops(step.then) && visit(step.then);
      if (step.do !== "loop") return true;
      const factors = hasLoops(step.body) ? undefined : factorsOf(step, locals);
      if (factors !== undefined) found.set(step, factors);
      return visit(step.body);
    });
  return visit(steps) ? found : new Map();
}

/** Whether all cells of a tile decide alike. */
function isUniform({ symbols, locals }: Expression): boolean {
  return locals.size === 0 && !symbols.has("lane") && !symbols.has("row");
}

function hasLoops(steps: readonly Step[]): boolean {
  return steps.some((step) => step.do === "loop" || (step.do === "if" && hasLoops(step.then)));
}

/** The factors of an innermost loop, if it contracts and each of its turns reads nothing else per cell. */
function factorsOf(loop: Loop, locals: ReadonlyMap<string, Axes>): Factor[] | undefined {
  const found = new Map<Expression, Factor>();
  let contracts = false;
  let sharable = true;

  const collect = (
    expression: Expression,
    tests: readonly Expression[],
    seen = new Set<Expression>(),
  ): void => {
    if (seen.has(expression)) return;
    seen.add(expression);
    const axis = axisOf(expression, loop.symbol);
    if (axis !== undefined) {
      const known = found.get(expression)?.tests ?? tests;
      const both = known.filter((test) => tests.includes(test));
      found.set(expression, { expression, axis, tests: both });
      return;
    }
    if (expression.op === "load" && expression.symbols.has(loop.symbol)) {
      const { symbols } = expression;
      sharable &&= !symbols.has("lane") && !symbols.has("row");
    }
    operands(expression).forEach((part) => collect(part, tests, seen));
  };
  const visit = (steps: readonly Step[], tests: readonly Expression[]): void => {
    for (const step of steps) {
      if (step.do === "if") {
        collect(step.test, tests);
        visit(step.then, [...tests, step.test]);
      } else if (step.do === "set") {
        contracts ||= contractionOf(step.name, step.to, (part) =>
          axesOf(part, locals)) !== undefined;
        collect(step.to, tests);
      }
    }
  };
  visit(loop.body, []);
  return contracts && sharable ? [...found.values()] : undefined;
}

/** The one axis along which a number that is read in each turn differs, if it is one. */
function axisOf(
  { symbols, locals, reads }: Expression,
  counter: string,
): "lane" | "row" | undefined {
  const lane = symbols.has("lane");
  const row = symbols.has("row");
  if (!reads || locals.size > 0 || !symbols.has(counter) || lane === row) return undefined;
  return lane ? "lane" : "row";
}

/**
 * Along which axes of a tile a value varies: what is the same for all rows, or in all lanes, is computed
 * once for them.
 *
 * @module
 */
import type { Expression, Step } from "./tree.ts";

/** Whether something varies along the axes of a tile. */
export interface Axes {
  readonly lane: boolean;
  readonly row: boolean;
}

/** Whether two values vary alike. */
export function sameAxes(a: Axes | undefined, b: Axes | undefined): boolean {
  return a?.lane === b?.lane && a?.row === b?.row && a !== undefined;
}

/** The axes that are among symbols. */
export function axesOfSymbols(symbols: { has(name: string): boolean }): Axes {
  return { lane: symbols.has("lane"), row: symbols.has("row") };
}

/** The axes along which an expression varies, given those of the variables in it. */
export function axesOf(expression: Expression, locals: ReadonlyMap<string, Axes>): Axes {
  let lane = expression.symbols.has("lane");
  let row = expression.symbols.has("row");
  for (const name of expression.locals) {
    const axes = locals.get(name);
    lane ||= axes?.lane === true;
    row ||= axes?.row === true;
  }
  return { lane, row };
}

/** The axes of all variables: follows assignments until none depends on a further one. */
export function axesOfLocals(steps: readonly Step[]): ReadonlyMap<string, Axes> {
  const locals = new Map<string, Axes>();
  let changed = true;
  const visit = (steps: readonly Step[]) => {
    for (const step of steps) {
      if (step.do === "loop") visit(step.body);
      else if (step.do === "if") visit(step.then);
      else if (step.do === "set") {
        const known = locals.get(step.name);
        const to = axesOf(step.to, locals);
        const axes = { lane: !!known?.lane || to.lane, row: !!known?.row || to.row };
        if (known === undefined || !sameAxes(known, axes)) changed = true;
        locals.set(step.name, axes);
      }
    }
  };
  while (changed) {
    changed = false;
    visit(steps);
  }
  return locals;
}

/**
 * How much work a plan is, wherever it runs.
 *
 * @module
 */
import type { Launch, Program } from "../../plan/program.ts";
import { readsOf } from "../../plan/uses.ts";
import { lowerAlone } from "../lowering/lower.ts";
import { type Expression, operands, type Step, turnsIn } from "../lowering/tree.ts";

/** The work of one launch. */
export interface LaunchCost {
  /** Operations on numbers, of all cells. */
  readonly flops: number;
  /** Bytes of the arrays that it reads and writes, each counted once. */
  readonly bytes: number;
  /** Turns of loops that one cell takes one after the other. */
  readonly turns: number;
}

const BYTES = 4;

/** What operations cost that are not one instruction, in those that are. */
const DEAR: Readonly<Record<string, number>> = { "/": 4, sqrt: 4, exp: 16, log: 16, pow: 32 };

const FREE: ReadonlySet<string> = new Set(["number", "scalar", "local", "index", "load"]);

/** The work of a program, launch by launch. */
export function costOf(program: Program): LaunchCost[] {
  return program.launches.map((launch) => launchCost(program, launch));
}

function launchCost({ lengths }: Program, launch: Launch): LaunchCost {
  const { steps, result } = lowerAlone(launch);
  const [width, height, depth] = launch.grid;
  const numbers = [...new Set(readsOf(launch)), launch.result].reduce(
    (sum, value) => sum + lengths[value],
    0,
  );
  return {
    flops: (flopsIn(steps) + flopsOf(result)) * width * height * depth,
    bytes: numbers * BYTES,
    turns: turnsIn(steps),
  };
}

/** Operations of steps that are done once. */
function flopsIn(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => {
    switch (step.do) {
      case "set":
        return sum + flopsOf(step.to);
      case "store":
        return sum + flopsOf(step.from);
      case "if":
        return sum + flopsOf(step.test) + flopsIn(step.then);
      case "loop":
        return sum + (step.last - step.first + 1) * flopsIn(step.body);
    }
  }, 0);
}

/** Operations of an expression, each of which is done once however often it is used. */
function flopsOf(root: Expression): number {
  const seen = new Set<Expression>();
  const visit = (expression: Expression): number => {
    if (seen.has(expression)) return 0;
    seen.add(expression);
    const own = FREE.has(expression.op) ? 0 : DEAR[expression.op] ?? 1;
    return operands(expression).reduce((sum, operand) => sum + visit(operand), own);
  };
  return visit(root);
}

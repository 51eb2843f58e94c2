/**
 * Loops whose turns can be divided among threads.
 *
 * @module
 */
import { type Expression, forEachExpression, isCondition, type Step } from "../../lowering/tree.ts";
import type { Loop } from "./statements.ts";

/**
 * A loop of which each turn first computes something that depends on no other turn, and then collects
 * it. Threads can do the first for several turns at once; the second is done turn by turn, so that the
 * order of a sum stays what the kernel says.
 */
export interface Separate {
  readonly before: readonly Step[];
  readonly loop: Loop;
  /** What turns compute, each by itself. */
  readonly own: readonly Step[];
  /** Variables that one half leaves for the other. */
  readonly handed: readonly string[];
  /** What collects it. */
  readonly collects: readonly Step[];
  readonly after: readonly Step[];
}

/** The first such loop among the steps of a kernel; its turns are work only if they are loops themselves. */
export function separateLoop(steps: readonly Step[], result: Expression): Separate | undefined {
  for (const [at, loop] of steps.entries()) {
    if (loop.do !== "loop") continue;
    const before = steps.slice(0, at);
    const after = steps.slice(at + 1);
    const outside = namesIn([...before, ...after, { do: "set", name: "", to: result }]);
    for (let end = loop.body.length - 1; end > 0; end--) {
      const own = loop.body.slice(0, end);
      const collects = loop.body.slice(end);
      const assigned = assignedIn(own);
      const isOwn = [...assigned].every((name) => !outside.has(name)) &&
        !readBeforeSet(own) && disjoint(namesIn(own), assignedIn(collects));
      if (!isOwn || !own.some((step) => step.do === "loop")) continue;
      const read = namesIn(collects);
      const handed = [...assigned].filter((name) => read.has(name));
      const conditions = conditionsIn(own);
      if (handed.some((name) => conditions.has(name))) continue;
      return { before, loop, own, handed, collects, after };
    }
  }
  return undefined;
}

/** Variables that steps read or assign. */
function namesIn(steps: readonly Step[]): Set<string> {
  const names = assignedIn(steps);
  forEachExpression(steps, (expression) => {
    if (expression.op === "local") names.add(expression.name);
  });
  return names;
}

function assignedIn(steps: readonly Step[]): Set<string> {
  return new Set(steps.flatMap((step): string[] => {
    switch (step.do) {
      case "set":
        return [step.name];
      case "if":
        return [...assignedIn(step.then)];
      case "loop":
        return [...assignedIn(step.body)];
      default:
        return [];
    }
  }));
}

/** Variables that hold conditions. */
function conditionsIn(steps: readonly Step[]): Set<string> {
  return new Set(steps.flatMap((step): string[] => {
    if (step.do === "set") return isCondition(step.to) ? [step.name] : [];
    if (step.do === "store") return [];
    return [...conditionsIn(step.do === "if" ? step.then : step.body)];
  }));
}

/** Whether a variable that steps assign may be read before, with the number of an earlier turn. */
function readBeforeSet(steps: readonly Step[]): boolean {
  const assigned = assignedIn(steps);
  const visit = (steps: readonly Step[], before: ReadonlySet<string>): boolean => {
    const set = new Set(before);
    const isEarly = (name: string) => assigned.has(name) && !set.has(name);
    return steps.some((step) => {
      if (step.do === "loop") return visit(step.body, set);
      const root = step.do === "set" ? step.to : step.do === "if" ? step.test : step.from;
      if ([...root.locals].some(isEarly)) return true;
      if (step.do === "set") set.add(step.name);
      return step.do === "if" && visit(step.then, set);
    });
  };
  return visit(steps, new Set());
}

function disjoint(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return [...a].every((name) => !b.has(name));
}

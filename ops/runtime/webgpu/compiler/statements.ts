/**
 * Steps as lines of WGSL, for one cell or for several rows of cells that a thread computes together.
 *
 * @module
 */
import { type Expression, operands, type Step } from "../../lowering/tree.ts";
import { nameOf, type Names, spread, textOf, typeOf } from "./text.ts";

/** A step that repeats others. */
export type Loop = Step & { readonly do: "loop" };

/** Collects the lines of a shader's body. */
export class Statements {
  readonly lines: string[] = [];
  /** Names for each of the rows. */
  readonly #rows: readonly Names[];
  readonly #variables = new Map<string, string>();
  readonly #ownLoop: (loop: Loop, indent: string) => boolean;
  #count = 0;

  /** @param ownLoop Emits a loop in a way of its own, or answers that it does not. */
  constructor(
    rows: readonly Names[],
    ownLoop: (loop: Loop, indent: string) => boolean = () => false,
  ) {
    this.#rows = rows;
    this.#ownLoop = ownLoop;
  }

  /** Declarations of the variables that the steps so far assign. */
  get variables(): string[] {
    return [...this.#variables].map(([name, type]) => `  var ${name}: ${type};`);
  }

  steps(steps: readonly Step[], indent: string): void {
    for (const step of steps) this.#step(step, indent);
  }

  /** A line, a block or the end of one. */
  line(text: string, indent: string): void {
    this.lines.push(`${indent}${text}`);
  }

  /** The text of what a step computes; what it needs more than once is computed in lines before it. */
  value(root: Expression, names: Names, indent: string): string {
    const named = new Map<Expression, string>();
    for (const expression of sharedIn(root, names)) {
      const text = textOf(expression, names, named);
      const name = `t${this.#count++}`;
      this.line(`let ${name} = ${text};`, indent);
      named.set(expression, name);
    }
    return textOf(root, names, named);
  }

  #step(step: Step, indent: string): void {
    switch (step.do) {
      case "set":
        for (const names of this.#rows) {
          const vector = names.isVectorVariable(step.name);
          const value = this.value(step.to, names, indent);
          const variable = names.local(step.name);
          this.#variables.set(variable, typeOf(step.to, vector ? names.size : 1));
          this.line(`${variable} = ${vector ? spread(value, step.to, names) : value};`, indent);
        }
        break;
      case "if": {
        // Where there are several rows, they all branch alike.
        const test = this.value(step.test, this.#rows[0], indent);
        this.#block(`if (${test})`, step.then, indent);
        break;
      }
      case "loop": {
        if (this.#ownLoop(step, indent)) break;
        const name = nameOf(step.symbol);
        const head = `for (var ${name} = ${step.first}; ${name} <= ${step.last}; ${name}++)`;
        this.#block(head, step.body, indent);
        break;
      }
      case "store":
        throw new Error("Cannot emit WGSL: a kernel must store its result alone, got another");
    }
  }

  #block(head: string, body: readonly Step[], indent: string): void {
    this.line(`${head} {`, indent);
    this.steps(body, `${indent}  `);
    this.line("}", indent);
  }
}

/** What an expression is made of that it uses more than once, but for leaves: operands first. */
function sharedIn(root: Expression, names: Names): Expression[] {
  const uses = new Map<Expression, number>();
  const order: Expression[] = [];
  const visit = (expression: Expression): void => {
    const before = uses.get(expression) ?? 0;
    uses.set(expression, before + 1);
    if (before > 0 || names.known?.(expression) !== undefined) return;
    operands(expression).forEach(visit);
    order.push(expression);
  };
  visit(root);
  return order.filter((expression) =>
    uses.get(expression)! > 1 && expression !== root && !CHEAP.has(expression.op)
  );
}

const CHEAP: ReadonlySet<string> = new Set(["number", "scalar", "local", "index"]);

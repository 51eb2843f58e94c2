/**
 * From the syntax of one kernel to steps over trees. Names of constants and of variables that never
 * change disappear; integer arithmetic becomes affine forms of the cell's coordinates and the loops'
 * counters.
 *
 * @module
 */
import type { Launch } from "../../plan/program.ts";
import { constant, plus, symbol } from "./affine.ts";
import { counterOf } from "./counter.ts";
import { integerOf } from "./lower_integers.ts";
import { ARITHMETIC, Numbers, type Surroundings } from "./lower_numbers.ts";
import { Meanings } from "./meanings.ts";
import {
  type Expression as Syntax,
  type For,
  type KernelSyntax,
  type Statement,
  syntaxOf,
} from "./syntax.ts";
import { type BinaryOperation, type Expression, type Step, Trees } from "./tree.ts";
import { Unsupported, unsupported } from "./unsupported.ts";

/** A kernel as steps, and what it returns after them. */
export interface Lowered {
  readonly steps: readonly Step[];
  readonly result: Expression;
}

/** Lowers one launch. */
export function lower(syntax: KernelSyntax, launch: Launch, around: Surroundings): Lowered {
  return new Lowering(syntax, launch, around).run();
}

/** Lowers a launch by itself, over x, y and z. */
export function lowerAlone(launch: Launch): Lowered {
  return lower(syntaxOf(launch.kernel), launch, {
    trees: new Trees(),
    prefix: "",
    keep: (at) => at,
    known: () => undefined,
  });
}

class Lowering {
  readonly #syntax: KernelSyntax;
  readonly #prefix: string;
  readonly #trees: Trees;
  readonly #meanings: Meanings;
  readonly #numbers: Numbers;
  #count = 0;

  constructor(syntax: KernelSyntax, launch: Launch, around: Surroundings) {
    this.#syntax = syntax;
    this.#prefix = around.prefix;
    this.#trees = around.trees;
    this.#meanings = new Meanings(launch);
    this.#numbers = new Numbers(syntax, launch, around, this.#meanings);
  }

  run(): Lowered {
    const body = this.#syntax.body.body;
    const last = body.at(-1);
    if (last?.type !== "ReturnStatement" || last.argument === null) throw unsupported(last);
    const steps = this.#statements(body.slice(0, -1));
    const result = this.#numbers.number(last.argument);
    return { steps, result };
  }

  /** Statements after whose end the names mean what they meant before. */
  #block(statements: readonly Statement[]): Step[] {
    return this.#meanings.inBlock(() => this.#statements(statements));
  }

  #statements(statements: readonly Statement[]): Step[] {
    return statements.flatMap((statement) => this.#statement(statement));
  }

  #statement(statement: Statement): Step[] {
    switch (statement.type) {
      case "EmptyStatement":
        return [];
      case "BlockStatement":
        return this.#block(statement.body);
      case "VariableDeclaration":
        return statement.declarations.flatMap(({ id, init }) => this.#declare(id.name, init));
      case "ExpressionStatement":
        return [this.#assign(statement.expression)];
      case "ForStatement":
        return this.#loop(statement);
      case "IfStatement":
        return this.#branch(statement.test, statement.consequent, statement.alternate);
      default:
        throw unsupported(statement);
    }
  }

  #declare(name: string, init: Syntax | null): Step[] {
    if (init === null) throw new Unsupported(`${name} has no initial value`);
    if (!this.#syntax.assigned.has(name)) {
      const meaning = integerOf(init, this.#meanings) ?? this.#numbers.number(init);
      // The name of something that may change later would change with it: it gets a place instead.
      if ("terms" in meaning || meaning.locals.size === 0) {
        this.#meanings.set(name, meaning);
        return [];
      }
    }
    const to = this.#numbers.number(init);
    const local = this.#newName(name);
    this.#meanings.set(name, this.#trees.local(local));
    return [{ do: "set", name: local, to }];
  }

  #assign(expression: Syntax): Step {
    if (expression.type !== "AssignmentExpression" || expression.left.type !== "Identifier") {
      throw unsupported(expression);
    }
    const target = this.#meanings.get(expression.left.name);
    if (target === undefined || !("op" in target)) throw unsupported(expression.left);
    const right = this.#numbers.number(expression.right);
    const operator = expression.operator.slice(0, -1);
    if (operator !== "" && !ARITHMETIC.includes(operator)) throw unsupported(expression);
    const to = operator === ""
      ? right
      : this.#trees.binary(operator as BinaryOperation, target, right);
    return { do: "set", name: nameOf(target), to };
  }

  #loop(loop: For): Step[] {
    const counter = counterOf(loop);
    if (counter === undefined) throw new Unsupported("a loop is not a plain count");
    const first = integerOf(counter.first, this.#meanings);
    const end = integerOf(counter.end, this.#meanings);
    if (first?.terms.size !== 0 || end?.terms.size !== 0) {
      throw new Unsupported("a loop has bounds that vary");
    }
    const last = end.constant - (counter.inclusive ? 0 : 1);
    if (last < first.constant) return [];
    const name = this.#newName(counter.name);
    this.#meanings.ranges.set(name, { first: first.constant, last });
    const inner = this.#meanings.inBlock(() => {
      this.#meanings.set(counter.name, symbol(name));
      return this.#block([loop.body]);
    });
    return [{ do: "loop", symbol: name, first: first.constant, last, body: inner }];
  }

  #branch(test: Syntax, consequent: Statement, alternate: Statement | null): Step[] {
    if (test.type === "LogicalExpression" && test.operator === "&&" && alternate === null) {
      const { condition, steps } = this.#keptCondition(test.left);
      const inner = this.#branch(test.right, consequent, null);
      return [...steps, { do: "if", test: condition, then: inner }];
    }
    const { condition, steps } = this.#keptCondition(test);
    steps.push({ do: "if", test: condition, then: this.#block([consequent]) });
    if (alternate !== null) {
      const otherwise = condition.op === "atLeast0"
        ? this.#trees.make({ op: "atLeast0", at: plus(constant(-1), condition.at, -1) })
        : this.#trees.unary("not", condition);
      steps.push({ do: "if", test: otherwise, then: this.#block([alternate]) });
    }
    return steps;
  }

  /** A condition, in a place of its own if the branches may change what it was made of. */
  #keptCondition(syntax: Syntax): { readonly condition: Expression; readonly steps: Step[] } {
    const condition = this.#numbers.condition(syntax);
    if (condition.locals.size === 0) return { condition, steps: [] };
    const kept = this.#newName("test");
    return {
      condition: this.#trees.local(kept),
      steps: [{ do: "set", name: kept, to: condition }],
    };
  }

  /** A name that nothing else has: identifiers have no dot. */
  #newName(name: string): string {
    return `${this.#prefix}${name}.${this.#count++}`;
  }
}

function nameOf(local: Expression): string {
  if (local.op !== "local") throw new Unsupported("only variables can be assigned");
  return local.name;
}

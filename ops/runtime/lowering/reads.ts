/**
 * Where in its arguments a kernel reads, told from its syntax alone: which axes of the grid each index
 * follows, whatever the extents are.
 *
 * @module
 */
import type { Kernel } from "../../plan/kernel.ts";
import { type Expression, ownerOf, type Statement, syntaxOf } from "./syntax.ts";

/** An axis of the grid. */
export type GridAxis = "x" | "y" | "z";

/** What an index depends on. */
export interface Index {
  /** The axis whose coordinate it is, if it is one. */
  readonly is?: GridAxis | undefined;
  /** All axes that it depends on. */
  readonly axes: ReadonlySet<GridAxis>;
}

/** How a kernel reads. */
export interface Reads {
  /** For each argument the indices of each place where it is read, the innermost first. */
  readonly places: ReadonlyMap<string, readonly (readonly Index[])[]>;
  /** Axes whose coordinates are used for something else than an index: as numbers, or to decide. */
  readonly elsewhere: ReadonlySet<GridAxis>;
}

/** How kernels read does not depend on who asks. */
const known = new WeakMap<Kernel, Reads>();

/** How a kernel reads, found out once. */
export function readsOfKernel(kernel: Kernel): Reads {
  let reads = known.get(kernel);
  if (reads === undefined) {
    const reader = new Reader(kernel.arguments.map(({ name }) => name));
    syntaxOf(kernel).body.body.forEach((statement) => reader.statement(statement));
    reads = reader;
    known.set(kernel, reads);
  }
  return reads;
}

const NOTHING: Index = { axes: new Set() };

class Reader implements Reads {
  readonly places = new Map<string, Index[][]>();
  readonly elsewhere = new Set<GridAxis>();
  readonly #names = new Map<string, Index>();

  constructor(parameters: readonly string[]) {
    for (const name of parameters) this.places.set(name, []);
  }

  statement(statement: Statement): void {
    switch (statement.type) {
      case "VariableDeclaration":
        for (const { id, init } of statement.declarations) {
          if (init !== null) this.#names.set(id.name, this.#declared(id.name, init));
        }
        break;
      case "ForStatement":
        if (statement.init?.type === "VariableDeclaration") this.statement(statement.init);
        else this.#use(statement.init);
        this.#use(statement.test);
        this.#use(statement.update);
        this.statement(statement.body);
        break;
      case "BlockStatement":
        statement.body.forEach((inner) => this.statement(inner));
        break;
      case "IfStatement":
        this.#use(statement.test);
        this.statement(statement.consequent);
        if (statement.alternate !== null) this.statement(statement.alternate);
        break;
      case "ExpressionStatement":
        this.#use(statement.expression);
        break;
      case "ReturnStatement":
        this.#use(statement.argument);
    }
  }

  /** What a name stands for from here on; two variables of one name are taken for one. */
  #declared(name: string, init: Expression): Index {
    const before = this.#names.get(name);
    const now = this.#index(init);
    return before === undefined ? now : { axes: new Set([...before.axes, ...now.axes]) };
  }

  /** What an expression depends on as an index; the elements in it are noted as read. */
  #index(expression: Expression): Index {
    const [owner, name] = ownerOf(expression);
    if (owner === "thread") {
      const axis = name as GridAxis;
      return { is: axis, axes: new Set([axis]) };
    }
    if (expression.type === "Identifier") return this.#names.get(expression.name) ?? NOTHING;
    if (this.#isElement(expression)) {
      this.#element(expression);
      return NOTHING;
    }
    const axes = new Set<GridAxis>();
    for (const part of partsOf(expression)) {
      this.#index(part).axes.forEach((axis) => axes.add(axis));
    }
    return { axes };
  }

  /** Notes what an expression reads, and that coordinates in it are used as they are. */
  #use(expression: Expression | null): void {
    if (expression !== null) {
      this.#index(expression).axes.forEach((axis) => this.elsewhere.add(axis));
    }
  }

  #isElement(expression: Expression): boolean {
    return expression.type === "MemberExpression" && expression.computed;
  }

  #element(expression: Expression): void {
    const indices: Index[] = [];
    let array = expression;
    while (array.type === "MemberExpression" && array.computed) {
      indices.push(this.#index(array.property));
      array = array.object;
    }
    if (array.type === "Identifier") this.places.get(array.name)?.push(indices);
  }
}

/** The expressions that an expression is made of. */
function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.type) {
    case "BinaryExpression":
    case "LogicalExpression":
    case "AssignmentExpression":
      return [expression.left, expression.right];
    case "UnaryExpression":
    case "UpdateExpression":
      return [expression.argument];
    case "ConditionalExpression":
      return [expression.test, expression.consequent, expression.alternate];
    case "CallExpression":
      return expression.arguments;
    case "ArrayExpression":
      return expression.elements;
    default:
      return [];
  }
}

/**
 * The syntax tree of a kernel: the part of ESTree that generated kernels use, and the packed form in
 * which generated/ has it.
 *
 * @module
 */
import type { Kernel } from "../../plan/kernel.ts";

/** A place in memory or a name: `x`, `this.thread.x`, `a[i][j]`. */
export interface Member {
  readonly type: "MemberExpression";
  readonly object: Expression;
  readonly property: Expression;
  readonly computed: boolean;
}

/** A name. */
export interface Identifier {
  readonly type: "Identifier";
  readonly name: string;
}

/** Two operands and what is between them. */
export interface Binary {
  readonly type: "BinaryExpression" | "LogicalExpression";
  readonly operator: string;
  readonly left: Expression;
  readonly right: Expression;
}

/** An expression. */
export type Expression =
  | Member
  | Identifier
  | Binary
  | { readonly type: "Literal"; readonly value: unknown }
  | { readonly type: "ThisExpression" }
  /** What a kernel of several lanes returns. */
  | { readonly type: "ArrayExpression"; readonly elements: readonly Expression[] }
  | { readonly type: "UnaryExpression"; readonly operator: string; readonly argument: Expression }
  | {
    readonly type: "ConditionalExpression";
    readonly test: Expression;
    readonly consequent: Expression;
    readonly alternate: Expression;
  }
  | {
    readonly type: "CallExpression";
    readonly callee: Expression;
    readonly arguments: readonly Expression[];
  }
  | {
    readonly type: "AssignmentExpression";
    readonly operator: string;
    readonly left: Expression;
    readonly right: Expression;
  }
  | { readonly type: "UpdateExpression"; readonly operator: string; readonly argument: Expression };

/** `let a = 1, b = 2;`. */
export interface Declaration {
  readonly type: "VariableDeclaration";
  readonly declarations: readonly {
    readonly id: Identifier;
    readonly init: Expression | null;
  }[];
}

/** `for (init; test; update) body`. */
export interface For {
  readonly type: "ForStatement";
  readonly init: Declaration | Expression | null;
  readonly test: Expression | null;
  readonly update: Expression | null;
  readonly body: Statement;
}

/** A statement. */
export type Statement =
  | Declaration
  | For
  | { readonly type: "BlockStatement"; readonly body: readonly Statement[] }
  | { readonly type: "ExpressionStatement"; readonly expression: Expression }
  | { readonly type: "EmptyStatement" }
  | {
    readonly type: "IfStatement";
    readonly test: Expression;
    readonly consequent: Statement;
    readonly alternate: Statement | null;
  }
  | { readonly type: "ReturnStatement"; readonly argument: Expression | null };

/** A kernel as a function. */
export interface KernelSyntax {
  readonly params: readonly Identifier[];
  readonly body: { readonly body: readonly Statement[] };
  /** Names that are assigned after their declaration. */
  readonly assigned: ReadonlySet<string>;
}

/**
 * A part of a kernel's tree as it is kept in generated/ (`Kernel.tree`, JSON of a list of statements):
 *
 * - a number is itself, and a string a name with its owners: `"x"`, `"Math.sqrt"`, or short: `"@x"` for
 *   `this.thread.x`, `"#n"` for `this.constants.n`;
 * - `["[]", object, index]` is an element, `["[,]", ...]` a list, `["()", callee, ...args]` a call, `["?", test, yes, no]` a
 *   choice, `["++", name]` a count; any other expression is its operator with one or two operands;
 * - statements are `["let", name, value, ...]`, `["for", init, test, update, body]`, `["{", ...]`,
 *   `["if", test, then, else?]`, `["return", value]`, and assignments, `["+=", name, value]`.
 */
export type Packed = number | string | null | readonly Packed[];

/** Syntax does not depend on who asks for it. */
const unpacked = new WeakMap<Kernel, KernelSyntax>();

/** The syntax of a kernel, unpacked once. */
export function syntaxOf(kernel: Kernel): KernelSyntax {
  let syntax = unpacked.get(kernel);
  if (syntax === undefined) {
    if (kernel.tree === undefined) {
      throw new Error(`Cannot compile ${kernel.name}: only gpu.js runs kernels of several lanes`);
    }
    const assigned = new Set<string>();
    const packed = JSON.parse(kernel.tree) as (readonly Packed[])[];
    const body = packed.map((part) => statementOf(part, assigned));
    const params = kernel.arguments.map(({ name }) => identifier(name));
    syntax = { params, body: { body }, assigned };
    unpacked.set(kernel, syntax);
  }
  return syntax;
}

/** A statement; the names that it assigns are added to `assigned`. */
function statementOf(packed: Packed, assigned: Set<string>): Statement {
  const parts = packed as readonly Packed[];
  const expression = (i: number) => optionalOf(parts[i], assigned);
  switch (parts[0]) {
    case "let": {
      const declarations: { id: Identifier; init: Expression | null }[] = [];
      for (let i = 1; i < parts.length; i += 2) {
        declarations.push({ id: identifier(parts[i] as string), init: expression(i + 1) });
      }
      return { type: "VariableDeclaration", declarations };
    }
    case "for": {
      const init = parts[1];
      const isDeclaration = Array.isArray(init) && init[0] === "let";
      return {
        type: "ForStatement",
        init: isDeclaration ? statementOf(init, assigned) as Declaration : expression(1),
        test: expression(2),
        update: expression(3),
        body: statementOf(parts[4], assigned),
      };
    }
    case "{":
      return {
        type: "BlockStatement",
        body: parts.slice(1).map((part) => statementOf(part, assigned)),
      };
    case "if":
      return {
        type: "IfStatement",
        test: expressionOf(parts[1], assigned),
        consequent: statementOf(parts[2], assigned),
        alternate: parts.length > 3 ? statementOf(parts[3], assigned) : null,
      };
    case "return":
      return { type: "ReturnStatement", argument: expression(1) };
    default:
      return { type: "ExpressionStatement", expression: expressionOf(packed, assigned) };
  }
}

/** The operators that assign. */
const ASSIGNMENTS: readonly unknown[] = ["=", "+=", "-=", "*=", "/="];

/** An expression; the names that it assigns are added to `assigned`. */
function expressionOf(packed: Packed, assigned: Set<string>): Expression {
  if (typeof packed === "number") return { type: "Literal", value: packed };
  if (typeof packed === "string") return named(packed);
  const parts = packed as readonly Packed[];
  const operator = parts[0] as string;
  const of = parts.slice(1).map((part) => expressionOf(part, assigned));
  const left = of[0];
  const right = of[1];
  switch (operator) {
    case "[]":
      return { type: "MemberExpression", object: left, property: right, computed: true };
    case "[,]":
      return { type: "ArrayExpression", elements: of };
    case "()":
      return { type: "CallExpression", callee: left, arguments: of.slice(1) };
    case "?":
      return { type: "ConditionalExpression", test: left, consequent: right, alternate: of[2] };
    case "++":
    case "--":
      return { type: "UpdateExpression", operator, argument: left };
    case "&&":
    case "||":
      return { type: "LogicalExpression", operator, left, right };
  }
  if (of.length === 1) return { type: "UnaryExpression", operator, argument: left };
  if (ASSIGNMENTS.includes(operator)) {
    if (left.type === "Identifier") assigned.add(left.name);
    return { type: "AssignmentExpression", operator, left, right };
  }
  return { type: "BinaryExpression", operator, left, right };
}

function optionalOf(packed: Packed, assigned: Set<string>): Expression | null {
  return packed === null ? null : expressionOf(packed, assigned);
}

/** What the names of coordinates and constants begin with, in short and as it is. */
export const OWNERS: readonly (readonly [short: string, owner: string])[] = [
  ["@", "this.thread."],
  ["#", "this.constants."],
];

/** `x`, or `this.thread.x` as its owners and itself. */
function named(path: string): Expression {
  for (const [short, owner] of OWNERS) {
    if (path.startsWith(short)) return named(owner + path.slice(1));
  }
  if (!path.includes(".")) return path === "this" ? { type: "ThisExpression" } : identifier(path);
  const names = path.split(".");
  let found = named(names[0]);
  for (let i = 1; i < names.length; i++) {
    const property = identifier(names[i]);
    found = { type: "MemberExpression", object: found, property, computed: false };
  }
  return found;
}

function identifier(name: string): Identifier {
  return { type: "Identifier", name };
}

/** For `this.thread.x` `["thread", "x"]`; for anything else two empty names. */
export function ownerOf(syntax: Expression): [owner: string, name: string] {
  if (
    syntax.type === "MemberExpression" && !syntax.computed &&
    syntax.property.type === "Identifier" && syntax.object.type === "MemberExpression" &&
    syntax.object.object.type === "ThisExpression" && syntax.object.property.type === "Identifier"
  ) return [syntax.object.property.name, syntax.property.name];
  return ["", ""];
}

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
 * - a number is itself, and a string a name with its owners: `"x"`, `"this.thread.x"`, `"Math.sqrt"`;
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
    const body = (JSON.parse(kernel.tree) as (readonly Packed[])[]).map(statementOf);
    const assigned = new Set<string>();
    collectAssigned(body, assigned);
    const params = kernel.arguments.map(({ name }) => identifier(name));
    syntax = { params, body: { body }, assigned };
    unpacked.set(kernel, syntax);
  }
  return syntax;
}

function statementOf(packed: Packed): Statement {
  const [head, ...parts] = packed as readonly [string, ...Packed[]];
  switch (head) {
    case "let": {
      const pairs = Array.from({ length: parts.length / 2 }, (_, i) => ({
        id: identifier(parts[2 * i] as string),
        init: optional(parts[2 * i + 1], expressionOf),
      }));
      return { type: "VariableDeclaration", declarations: pairs };
    }
    case "for": {
      const [init, test, update, body] = parts;
      const isDeclaration = Array.isArray(init) && init[0] === "let";
      return {
        type: "ForStatement",
        init: isDeclaration ? statementOf(init) as Declaration : optional(init, expressionOf),
        test: optional(test, expressionOf),
        update: optional(update, expressionOf),
        body: statementOf(body),
      };
    }
    case "{":
      return { type: "BlockStatement", body: parts.map(statementOf) };
    case "if": {
      const [test, consequent, alternate = null] = parts;
      return {
        type: "IfStatement",
        test: expressionOf(test),
        consequent: statementOf(consequent),
        alternate: optional(alternate, statementOf),
      };
    }
    case "return":
      return { type: "ReturnStatement", argument: optional(parts[0], expressionOf) };
    default:
      return { type: "ExpressionStatement", expression: expressionOf(packed) };
  }
}

function expressionOf(packed: Packed): Expression {
  if (typeof packed === "number") return { type: "Literal", value: packed };
  if (typeof packed === "string") return named(packed.split("."));
  const [operator, ...parts] = packed as readonly [string, ...Packed[]];
  const of = parts.map(expressionOf);
  const [left, right, other] = of;
  if (operator === "[]") {
    return { type: "MemberExpression", object: left, property: right, computed: true };
  }
  if (operator === "[,]") return { type: "ArrayExpression", elements: of };
  if (operator === "()") return { type: "CallExpression", callee: left, arguments: of.slice(1) };
  if (operator === "?") {
    return { type: "ConditionalExpression", test: left, consequent: right, alternate: other };
  }
  if (operator === "++" || operator === "--") {
    return { type: "UpdateExpression", operator, argument: left };
  }
  if (of.length === 1) return { type: "UnaryExpression", operator, argument: left };
  if (/^[-+*/]?=$/.test(operator)) return { type: "AssignmentExpression", operator, left, right };
  const type = operator === "&&" || operator === "||" ? "LogicalExpression" : "BinaryExpression";
  return { type, operator, left, right };
}

/** `this.thread.x` as its owners and itself. */
function named(path: readonly string[]): Expression {
  const [first, ...rest] = path;
  const start: Expression = first === "this" ? { type: "ThisExpression" } : identifier(first);
  return rest.reduce<Expression>((object, name) => ({
    type: "MemberExpression",
    object,
    property: identifier(name),
    computed: false,
  }), start);
}

function identifier(name: string): Identifier {
  return { type: "Identifier", name };
}

function optional<T>(packed: Packed, read: (packed: Packed) => T): T | null {
  return packed === null ? null : read(packed);
}

/** Adds the names that a part of the tree assigns. */
function collectAssigned(node: unknown, names: Set<string>): void {
  if (Array.isArray(node)) return node.forEach((child) => collectAssigned(child, names));
  if (node === null || typeof node !== "object") return;
  const { type, left } = node as { type?: string; left?: Expression };
  if (type === "AssignmentExpression" && left?.type === "Identifier") names.add(left.name);
  for (const child of Object.values(node)) collectAssigned(child, names);
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

/**
 * The syntax tree of a kernel, as gpu.js parses it: the part of ESTree that generated kernels use.
 *
 * @module
 */
import type { Kernel } from "../../plan/kernel.ts";
import type { GpuLibrary } from "../gpu/declarations.ts";

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

/** Syntax does not depend on who asks for it. */
const parsed = new WeakMap<Kernel, KernelSyntax>();

/** Parses kernels with gpu.js' own parser, each once in a program's life. */
export function createParser(library: GpuLibrary): (kernel: Kernel) => KernelSyntax {
  // What follows parsing in gpu.js, the inference of types, is of no use here.
  const node = class extends library.WebAssemblyFunctionNode {
    override traceFunctionAST(_tree: unknown): void {}
  };
  return (kernel) => {
    let syntax = parsed.get(kernel);
    if (syntax === undefined) {
      const tree = new node(kernel.source, settings(kernel)).getJsAST() as KernelSyntax;
      const assigned = new Set<string>();
      collectAssigned(tree.body.body, assigned);
      syntax = { params: tree.params, body: tree.body, assigned };
      parsed.set(kernel, syntax);
    }
    return syntax;
  };
}

/** Adds the names that a part of the tree assigns. */
function collectAssigned(node: unknown, names: Set<string>): void {
  if (Array.isArray(node)) return node.forEach((child) => collectAssigned(child, names));
  if (node === null || typeof node !== "object") return;
  const { type, left } = node as { type?: string; left?: Expression };
  if (type === "AssignmentExpression" && left?.type === "Identifier") names.add(left.name);
  for (const child of Object.values(node)) collectAssigned(child, names);
}

/** What gpu.js asks of every function before it parses it. */
function settings(kernel: Kernel): object {
  return {
    name: "kernel",
    isRootKernel: true,
    output: [1, 1, 1],
    argumentTypes: kernel.arguments.map(({ kind }) => kind === "scalar" ? "Float" : "Input"),
    constants: {},
    constantTypes: {},
    constantBitRatios: {},
    leadingReturnStatement: "",
    lookupReturnType: () => undefined,
    lookupFunctionArgumentTypes: () => undefined,
  };
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

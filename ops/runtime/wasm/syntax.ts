/**
 * The syntax tree of a kernel, as gpu.js parses it: the part of ESTree that generated kernels use.
 *
 * @module
 */
import type { GpuLibrary } from "../gpu.ts";
import type { Kernel } from "../../_kernel.ts";

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
}

/** Parses kernels with gpu.js' own parser, each once. */
export function createParser(library: GpuLibrary): (kernel: Kernel) => KernelSyntax {
  // What follows parsing in gpu.js, the inference of types, is of no use here.
  const node = class extends library.WebAssemblyFunctionNode {
    override traceFunctionAST(_tree: unknown): void {}
  };
  const parsed = new WeakMap<Kernel, KernelSyntax>();
  return (kernel) => {
    let syntax = parsed.get(kernel);
    if (syntax === undefined) {
      syntax = new node(kernel.source, settings(kernel)).getJsAST() as KernelSyntax;
      parsed.set(kernel, syntax);
    }
    return syntax;
  };
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

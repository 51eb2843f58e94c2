/**
 * The syntax trees of kernels, parsed by gpu.js' own parser and packed for generated/. The form is
 * explained where it is read, in ops/runtime/lowering/syntax.ts.
 *
 * @module
 */
import type { Kernel } from "../ops/plan/kernel.ts";
import type { GpuLibrary } from "../ops/runtime/gpu/declarations.ts";
import {
  type Expression,
  OWNERS,
  type Packed,
  type Statement,
} from "../ops/runtime/lowering/syntax.ts";

/** Packs the tree of a kernel's text. */
export type Pack = (kernel: Pick<Kernel, "source" | "arguments">) => string;

/** What packs by gpu.js' parser. */
export function packer(library: GpuLibrary): Pack {
  // What follows parsing in gpu.js, the inference of types, is of no use here.
  const node = class extends library.WebAssemblyFunctionNode {
    override traceFunctionAST(_tree: unknown): void {}
  };
  return (kernel) => {
    const tree = new node(kernel.source, settings(kernel)).getJsAST() as {
      readonly body: { readonly body: readonly Statement[] };
    };
    return JSON.stringify(tree.body.body.map(packedStatement));
  };
}

function packedStatement(statement: Statement): Packed {
  switch (statement.type) {
    case "VariableDeclaration":
      return [
        "let",
        ...statement.declarations.flatMap(({ id, init }) => [id.name, optional(init)]),
      ];
    case "ForStatement": {
      const { init, test, update, body } = statement;
      const first = init?.type === "VariableDeclaration" ? packedStatement(init) : optional(init);
      return ["for", first, optional(test), optional(update), packedStatement(body)];
    }
    case "BlockStatement":
      return ["{", ...statement.body.map(packedStatement)];
    case "EmptyStatement":
      return ["{"];
    case "IfStatement": {
      const { test, consequent, alternate } = statement;
      const packed = ["if", packedExpression(test), packedStatement(consequent)];
      return alternate === null ? packed : [...packed, packedStatement(alternate)];
    }
    case "ReturnStatement":
      return ["return", optional(statement.argument)];
    case "ExpressionStatement":
      return packedExpression(statement.expression);
  }
}

function packedExpression(expression: Expression): Packed {
  switch (expression.type) {
    case "Literal":
      return expression.value as number;
    case "Identifier":
      return expression.name;
    case "ThisExpression":
      return "this";
    case "MemberExpression": {
      const { object, property, computed } = expression;
      return computed
        ? ["[]", packedExpression(object), packedExpression(property)]
        : shortened(`${packedExpression(object)}.${packedExpression(property)}`);
    }
    case "ArrayExpression":
      return ["[,]", ...expression.elements.map(packedExpression)];
    case "CallExpression":
      return [
        "()",
        packedExpression(expression.callee),
        ...expression.arguments.map(packedExpression),
      ];
    case "ConditionalExpression": {
      const { test, consequent, alternate } = expression;
      return ["?", ...[test, consequent, alternate].map(packedExpression)];
    }
    case "UnaryExpression":
    case "UpdateExpression":
      return [expression.operator, packedExpression(expression.argument)];
    default:
      return [
        expression.operator,
        packedExpression(expression.left),
        packedExpression(expression.right),
      ];
  }
}

/** A name with its owners, which are short if they are a kernel's own. */
function shortened(path: string): string {
  const found = OWNERS.find(([_, owner]) => path.startsWith(owner));
  return found === undefined ? path : found[0] + path.slice(found[1].length);
}

function optional(expression: Expression | null): Packed {
  return expression === null ? null : packedExpression(expression);
}

/** What gpu.js asks of every function before it parses it. */
function settings(kernel: Pick<Kernel, "arguments">): object {
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

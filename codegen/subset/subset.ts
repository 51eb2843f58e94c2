/**
 * Reports what gpu.js would not take, or would silently get wrong, at its place in the template:
 * here what is wrong with a file and with signatures; bodies are for subset_statements.ts.
 *
 * @module
 */
import { type FunctionDeclaration, Node, type SourceFile, type VariableStatement } from "ts-morph";
import { describe, locate, type Report } from "../problem.ts";
import { CAMEL_CASE, Scope } from "./scope.ts";
import { checkBody } from "./statements.ts";
import { constantsOf, holeValuesOf, kindOf, references, type Template } from "../template.ts";

const UPPER_CASE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/;

/** WebGPU promises eight storage buffers, and one is the result. */
const MAX_ARRAYS = 7;

/** Everything wrong with one template function, in the order of the text. */
export function subsetProblems(template: Template): string[] {
  const problems: { readonly position: number; readonly text: string }[] = [];
  function report(node: Node, message: string): void {
    problems.push({ position: node.getStart(), text: locate(node, message) });
  }
  checkSignature(template, report);
  checkBody(template.declaration, Scope.of(template), report);
  return problems.sort((a, b) => a.position - b.position).map(({ text }) => text);
}

/** Everything in a template file that is no import, no hole and no kernel. */
export function fileProblems(file: SourceFile): string[] {
  const problems: string[] = [];
  function report(node: Node, message: string): void {
    problems.push(locate(node, message));
  }
  for (const statement of file.getStatements()) {
    if (Node.isImportDeclaration(statement)) {
      const from = statement.getModuleSpecifierValue();
      if (from !== "./_coordinates.ts") {
        report(statement, `import must be from ./_coordinates.ts, got ${from}`);
      }
    } else if (Node.isVariableStatement(statement)) {
      checkHoles(statement, report);
    } else if (Node.isFunctionDeclaration(statement)) {
      if (!statement.isExported() || statement.isDefaultExport()) {
        report(statement, "function must be exported by its name");
      }
    } else {
      report(
        statement,
        `template must hold imports, holes and kernels, got ${describe(statement)}`,
      );
    }
  }
  return problems;
}

function checkHoles(statement: VariableStatement, report: Report): void {
  for (const hole of statement.getDeclarations()) {
    if (!statement.hasDeclareKeyword() || statement.isExported()) {
      report(hole, "hole must be a declare const");
    } else if (!UPPER_CASE.test(hole.getName())) {
      report(hole, `hole must have an UPPER_CASE name, got ${hole.getName()}`);
    } else if (holeValuesOf(hole.getTypeNode()) === undefined) {
      report(hole, "hole must be of type boolean or a union of string literals");
    }
  }
}

function checkSignature(template: Template, report: Report): void {
  const { declaration } = template;
  if (declaration.isAsync() || declaration.isGenerator()) {
    report(declaration, "kernel must be a plain function");
  }
  const [generic] = declaration.getTypeParameters();
  if (generic !== undefined) report(generic, "kernel must have no type parameters");
  if (constantsOf(declaration) === undefined) {
    report(declaration, 'kernel must begin with this: Cell<never> or this: Cell<"names">');
  }
  const returns = declaration.getReturnTypeNode();
  if (returns?.getText() !== "number") report(returns ?? declaration, "kernel must return number");
  const arrays = template.arguments.filter(({ kind }) => kind !== "scalar").length;
  if (arrays > MAX_ARRAYS) {
    report(declaration, `kernel must take at most ${MAX_ARRAYS} arrays, got ${arrays}`);
  }
  checkParameters(declaration, report);
}

function checkParameters(declaration: FunctionDeclaration, report: Report): void {
  const body = declaration.getBody();
  const used = new Set(body && references(body).map((node) => node.getText()));
  for (const parameter of declaration.getParameters()) {
    const name = parameter.getName();
    if (name === "this") continue;
    if (!CAMEL_CASE.test(name)) {
      report(parameter, `parameter must have a camelCase name, got ${name}`);
    } else if (
      parameter.isOptional() || parameter.isRestParameter() || parameter.hasInitializer()
    ) {
      report(parameter, `parameter ${name} must be given in every call`);
    } else if (kindOf(parameter.getTypeNode()) === undefined) {
      report(parameter, `parameter ${name} must be a Field, Matrix, Vector or number`);
    } else if (!used.has(name)) {
      report(parameter, `parameter ${name} must be used`);
    }
  }
}

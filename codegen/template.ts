/**
 * Reads a template file: its kernels, their parameters and the holes that they use.
 *
 * @module
 */
import { type FunctionDeclaration, Node, Project, type SourceFile, SyntaxKind } from "ts-morph";
import type { ArgumentKind, KernelArgument } from "../ops/_kernel.ts";
import { problemAt } from "./problem.ts";

/** One kernel of a template file, before its holes are filled. */
export interface Template {
  /** The template's file stem. */
  readonly file: string;
  readonly name: string;
  readonly declaration: FunctionDeclaration;
  readonly arguments: readonly KernelArgument[];
  /** The doc comment's text on one line, or "". */
  readonly summary: string;
  /** Names of the file's holes that the kernel uses, FORMAT apart. */
  readonly holes: ReadonlySet<string>;
}

const KINDS: Readonly<Record<string, ArgumentKind>> = {
  Field: "field",
  Matrix: "matrix",
  Vector: "vector",
  number: "scalar",
};

/** Parses the text of a template file. */
export function parseTemplates(stem: string, text: string): Template[] {
  const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });
  const file = project.createSourceFile(`/codegen/templates/${stem}.ts`, text);
  const holes = declaredHoles(file);
  return file.getFunctions().filter((fn) => fn.isExported()).map((declaration) => ({
    file: stem,
    name: declaration.getNameOrThrow(),
    declaration,
    arguments: declaration.getParameters().filter((p) => p.getName() !== "this").map((p) => {
      const kind = KINDS[p.getTypeNode()?.getText() ?? ""];
      if (kind === undefined) {
        throw problemAt(p, `parameter must be a Field, Matrix, Vector or number`);
      }
      return { name: p.getName(), kind };
    }),
    summary: (declaration.getJsDocs()[0]?.getDescription() ?? "").trim().replace(/\s+/g, " "),
    holes: usedHoles(declaration, holes),
  }));
}

/** Holes are the top-level `declare const`s. */
function declaredHoles(file: SourceFile): Set<string> {
  return new Set(
    file.getVariableStatements().filter((statement) => statement.hasDeclareKeyword())
      .flatMap((statement) => statement.getDeclarations().map((d) => d.getName())),
  );
}

function usedHoles(declaration: FunctionDeclaration, holes: ReadonlySet<string>): Set<string> {
  const names = declaration.getDescendantsOfKind(SyntaxKind.Identifier)
    .filter((node) => !Node.isPropertyAccessExpression(node.getParent()) || isObject(node))
    .map((node) => node.getText());
  return new Set(names.filter((name) => holes.has(name) && name !== "FORMAT"));
}

function isObject(node: Node): boolean {
  const parent = node.getParent();
  return Node.isPropertyAccessExpression(parent) && parent.getExpression() === node;
}

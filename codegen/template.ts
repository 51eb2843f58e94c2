/**
 * Reads a template file: its kernels, their parameters and the holes that they use. What is wrong
 * with them is for subset.ts to say.
 *
 * @module
 */
import { type FunctionDeclaration, Node, Project, type SourceFile, SyntaxKind } from "ts-morph";
import type { ArgumentKind, KernelArgument } from "../ops/plan/kernel.ts";
import { locateAt } from "./problem.ts";

/** One template file. */
export interface TemplateFile {
  readonly file: SourceFile;
  /** What keeps the text from being TypeScript; there is no point in looking further then. */
  readonly syntaxErrors: readonly string[];
  readonly templates: readonly Template[];
}

/** One kernel of a template file, before its holes are filled. */
export interface Template {
  /** The template's file stem. */
  readonly file: string;
  readonly name: string;
  readonly declaration: FunctionDeclaration;
  readonly arguments: readonly KernelArgument[];
  /** The members of `this.constants` that the type of `this` names. */
  readonly constants: ReadonlySet<string>;
  /** The doc comment's text on one line, or "". */
  readonly summary: string;
  /** The file's holes that the kernel uses, FORMAT among them, with the values of their types. */
  readonly holes: ReadonlyMap<string, readonly HoleValue[]>;
}

/** The value of a hole. */
export type HoleValue = boolean | string;

const KINDS: ReadonlyMap<string, ArgumentKind> = new Map([
  ["Field", "field"],
  ["Matrix", "matrix"],
  ["Vector", "vector"],
  ["number", "scalar"],
]);

/** Parses the text of a template file. */
export function parseTemplateFile(stem: string, text: string): TemplateFile {
  const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });
  const file = project.createSourceFile(`/codegen/templates/${stem}.ts`, text);
  const syntaxErrors = project.getProgram().getSyntacticDiagnostics(file).map((diagnostic) => {
    const message = diagnostic.getMessageText();
    return locateAt(
      file,
      diagnostic.getStart() ?? 0,
      typeof message === "string" ? message : message.getMessageText(),
    );
  });
  const holes = declaredHoles(file);
  const templates = file.getFunctions().filter((fn) => fn.isExported()).map((declaration) => ({
    file: stem,
    name: declaration.getName() ?? "",
    declaration,
    arguments: declaration.getParameters().flatMap((parameter) => {
      const kind = kindOf(parameter.getTypeNode());
      return kind === undefined ? [] : [{ name: parameter.getName(), kind }];
    }),
    constants: new Set(constantsOf(declaration)),
    summary: (declaration.getJsDocs()[0]?.getDescription() ?? "").trim().replace(/\s+/g, " "),
    holes: usedHoles(declaration, holes),
  }));
  return { file, syntaxErrors, templates };
}

/** The kind of an argument by its type, or `undefined` if a kernel can have none of that type. */
export function kindOf(type: Node | undefined): ArgumentKind | undefined {
  return KINDS.get(type?.getText() ?? "");
}

/**
 * The constants that the type of `this` names: `["a", "b"]` of `this: Cell<"a" | "b">`, none of
 * `this: Cell<never>`, and `undefined` of anything else.
 */
export function constantsOf(declaration: FunctionDeclaration): string[] | undefined {
  const type = declaration.getParameter("this")?.getTypeNode();
  if (!Node.isTypeReference(type) || type.getTypeName().getText() !== "Cell") return undefined;
  const [names, ...more] = type.getTypeArguments();
  if (names === undefined || more.length > 0) return undefined;
  return names.getKind() === SyntaxKind.NeverKeyword ? [] : literalsOf(names);
}

/** The values of a hole's type: `boolean`, or a union of string literals. */
export function holeValuesOf(type: Node | undefined): HoleValue[] | undefined {
  return type?.getKind() === SyntaxKind.BooleanKeyword ? [false, true] : literalsOf(type);
}

function literalsOf(type: Node | undefined): string[] | undefined {
  if (Node.isUnionTypeNode(type)) {
    const parts = type.getTypeNodes().map(literalsOf);
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  }
  const literal = Node.isLiteralTypeNode(type) ? type.getLiteral() : undefined;
  return Node.isStringLiteral(literal) ? [literal.getLiteralValue()] : undefined;
}

/** Holes are the top-level `declare const`s. */
function declaredHoles(file: SourceFile): Map<string, HoleValue[]> {
  return new Map(
    file.getVariableStatements().filter((statement) => statement.hasDeclareKeyword())
      .flatMap((statement) => statement.getDeclarations())
      .map((hole) => [hole.getName(), holeValuesOf(hole.getTypeNode()) ?? []]),
  );
}

function usedHoles(
  declaration: FunctionDeclaration,
  holes: ReadonlyMap<string, HoleValue[]>,
): Map<string, HoleValue[]> {
  const used = new Set(references(declaration).map((node) => node.getText()));
  return new Map([...holes].filter(([name]) => used.has(name)));
}

/** The identifiers inside a node that refer to something, so not the names of members. */
export function references(node: Node): Node[] {
  return node.getDescendantsOfKind(SyntaxKind.Identifier).filter((identifier) => {
    const parent = identifier.getParent();
    return !Node.isPropertyAccessExpression(parent) || parent.getExpression() === identifier;
  });
}

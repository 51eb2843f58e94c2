/**
 * What JSR tells of a module's imports in a version's metadata, so that clients can ask for all
 * modules of a package at once.
 *
 * @module
 */
import { ts } from "ts-morph";

type Position = readonly [line: number, column: number];
type Range = readonly [from: Position, to: Position];

/** One import or export from another module, in the words of the metadata. */
export type Dependency =
  | {
    readonly type: "static";
    readonly kind: "import" | "importType" | "export" | "exportType";
    readonly specifier: string;
    readonly specifierRange: Range;
  }
  | { readonly type: "dynamic"; readonly argument: string; readonly argumentRange: Range };

/** What a module imports, in the order of its text. */
export function dependenciesOf(source: string): Dependency[] {
  const file = ts.createSourceFile("module.ts", source, ts.ScriptTarget.Latest);
  const found: Dependency[] = [];
  const visit = (node: ts.Node): void => {
    const dependency = staticDependency(file, node) ?? dynamicDependency(file, node);
    if (dependency !== undefined) found.push(dependency);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function staticDependency(file: ts.SourceFile, node: ts.Node): Dependency | undefined {
  if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) return undefined;
  const specifier = node.moduleSpecifier;
  if (specifier === undefined || !ts.isStringLiteral(specifier)) return undefined;
  const kind = ts.isImportDeclaration(node) ? "import" : "export";
  const isType = ts.isImportDeclaration(node) ? node.importClause?.isTypeOnly : node.isTypeOnly;
  return {
    type: "static",
    kind: isType ? `${kind}Type` : kind,
    specifier: specifier.text,
    specifierRange: rangeOf(file, specifier),
  };
}

function dynamicDependency(file: ts.SourceFile, node: ts.Node): Dependency | undefined {
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword) {
    return undefined;
  }
  const [argument] = node.arguments;
  if (!ts.isStringLiteral(argument)) return undefined;
  return {
    type: "dynamic",
    argument: argument.text,
    argumentRange: rangeOf(file, argument),
  };
}

function rangeOf(file: ts.SourceFile, node: ts.Node): Range {
  const position = (at: number): Position => {
    const { line, character } = file.getLineAndCharacterOfPosition(at);
    return [line, character];
  };
  return [position(node.getStart(file)), position(node.getEnd())];
}

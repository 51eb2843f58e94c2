import type { Node, SourceFile } from "ts-morph";

/** Something in a template that cannot become a kernel: one located line per problem. */
export class TemplateError extends SyntaxError {
  override readonly name = "TemplateError";
}

/** Takes what is wrong and where. */
export type Report = (node: Node, message: string) => void;

/** `file:line:col message`, as compilers print it. */
export function locate(node: Node, message: string): string {
  return locateAt(node.getSourceFile(), node.getStart(), message);
}

/** The same for an offset into a file. */
export function locateAt(file: SourceFile, position: number, message: string): string {
  const { line, column } = file.getLineAndColumnAtPos(position);
  return `${file.getFilePath().replace(/^\//, "")}:${line}:${column} ${message}`;
}

/** A construct's name in words: "ArrowFunction" becomes "arrow function". */
export function describe(node: Node): string {
  return node.getKindName().replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}

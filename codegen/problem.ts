import type { Node } from "ts-morph";

/** Something in a template that cannot become a kernel, with its place. */
export class TemplateError extends SyntaxError {
  override readonly name = "TemplateError";
}

/** `file:line:col message`, as compilers print it. */
export function locate(node: Node, message: string): string {
  const file = node.getSourceFile();
  const { line, column } = file.getLineAndColumnAtPos(node.getStart());
  return `${file.getFilePath().replace(/^\//, "")}:${line}:${column} ${message}`;
}

/** An error at a node. */
export function problemAt(node: Node, message: string): TemplateError {
  return new TemplateError(locate(node, message));
}

import { Node, type Statement, SyntaxKind } from "ts-morph";
import { foldedValue, type HoleValues, simplified } from "./fold.ts";
import { declarationOf } from "./integers.ts";

/**
 * Names of the locals that differ between the lanes of a cell: those that depend, directly or
 * through others, on the coordinate that the lanes widen.
 */
export function varyingLocals(
  body: readonly Statement[],
  holes: HoleValues,
  coordinate: "c" | "s",
): Set<string> {
  const varying = new Set<string>();
  let before = -1;
  while (varying.size > before) {
    before = varying.size;
    for (const statement of body) collect(statement, holes, coordinate, varying, false);
  }
  return varying;
}

/** Whether what is evaluated under the holes reads the coordinate or a varying local. */
export function isVarying(
  node: Node,
  holes: HoleValues,
  coordinate: "c" | "s",
  varying: ReadonlySet<string>,
): boolean {
  if (Node.isExpression(node)) {
    const open = simplified(node, holes);
    if (open !== node) return isVarying(open, holes, coordinate, varying);
  }
  if (Node.isPropertyAccessExpression(node)) return node.getText() === `this.cell.${coordinate}`;
  if (Node.isIdentifier(node)) return varying.has(node.getText());
  return node.getChildren().some((child) => isVarying(child, holes, coordinate, varying));
}

/** Adds the locals that a statement makes varying. */
function collect(
  node: Statement,
  holes: HoleValues,
  coordinate: "c" | "s",
  varying: Set<string>,
  within: boolean,
): void {
  const varies = (part: Node) => isVarying(part, holes, coordinate, varying);
  if (Node.isVariableStatement(node)) {
    const declaration = declarationOf(node);
    if (within || varies(declaration.getInitializerOrThrow())) varying.add(declaration.getName());
  } else if (Node.isExpressionStatement(node)) {
    const assignment = node.getExpressionIfKind(SyntaxKind.BinaryExpression);
    if (assignment !== undefined && (within || varies(assignment.getRight()))) {
      varying.add(assignment.getLeft().getText());
    }
  } else if (Node.isBlock(node)) {
    for (const child of node.getStatements()) collect(child, holes, coordinate, varying, within);
  } else if (Node.isForStatement(node)) {
    collect(node.getStatement(), holes, coordinate, varying, within);
  } else if (Node.isIfStatement(node)) {
    const test = foldedValue(node.getExpression(), holes);
    const inside = within || (test === undefined && varies(node.getExpression()));
    if (test !== false) collect(node.getThenStatement(), holes, coordinate, varying, inside);
    const otherwise = node.getElseStatement();
    if (test !== true && otherwise !== undefined) {
      collect(otherwise, holes, coordinate, varying, inside);
    }
  }
}

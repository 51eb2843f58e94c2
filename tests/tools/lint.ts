/**
 * Rules of this repository for `deno lint`.
 *
 * @module
 */

/** Where two lists name the same things, values are exchanged: `[a, b] = [b, a]`. */
function isSwap(
  left: Deno.lint.ArrayPattern,
  right: Deno.lint.ArrayExpression,
  textOf: (node: Deno.lint.Node) => string,
): boolean {
  const texts = (nodes: readonly (Deno.lint.Node | null)[]) =>
    nodes.map((node) => node === null ? "" : textOf(node)).sort().join();
  return texts(left.elements) === texts(right.elements);
}

/** The list that an expression is, whatever types are claimed for it; a spread one is no plain list. */
function listOf(node: Deno.lint.Node | null): Deno.lint.ArrayExpression | undefined {
  if (node?.type === "TSAsExpression" || node?.type === "TSSatisfiesExpression") {
    return listOf(node.expression);
  }
  if (node?.type !== "ArrayExpression") return undefined;
  return node.elements.some((element) => element?.type === "SpreadElement") ? undefined : node;
}

const plugin: Deno.lint.Plugin = {
  name: "kernorm",
  rules: {
    // `const [a, b] = [x, y]` makes the reader count; exchanging values with `[a, b] = [b, a]` is fine.
    "no-array-assignment": {
      create(context) {
        const report = (node: Deno.lint.Node) =>
          context.report({
            node,
            message: "Several variables are set by a list",
            hint: "Give each a line of its own",
          });
        return {
          VariableDeclarator(node) {
            if (node.id.type === "ArrayPattern" && listOf(node.init) !== undefined) report(node);
          },
          AssignmentExpression(node) {
            const list = listOf(node.right);
            if (node.left.type !== "ArrayPattern" || list === undefined) return;
            if (!isSwap(node.left, list, (part) => context.sourceCode.getText(part))) report(node);
          },
        };
      },
    },
    // A space or an umlaut in the name of a folder is %20 or %C3%BC in `pathname`: no such file.
    "no-pathname-of-file": {
      create(context) {
        return {
          MemberExpression({ object, property }) {
            if (property.type !== "Identifier" || property.name !== "pathname") return;
            if (object.type !== "NewExpression") return;
            const base = object.arguments[1];
            if (base === undefined || context.sourceCode.getText(base) !== "import.meta.url") {
              return;
            }
            context.report({
              node: property,
              message: "The path of a file is taken from its URL as it is encoded there",
              hint: "Use fileURLToPath of node:url",
            });
          },
        };
      },
    },
  },
};

export default plugin;

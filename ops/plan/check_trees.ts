/**
 * Checks of trees of tensors.
 *
 * @module
 */
import { readable } from "../tensor/arguments.ts";
import { shown } from "../tensor/shown.ts";
import { asTensor, isPlain, memberOf } from "./tree.ts";

/** Trees are not nested deeper. */
const DEEPEST = 64;

/**
 * Checks that trees hold nothing but tensors.
 *
 * @param vectors Whether Float32Arrays count as tensors.
 * @throws {TypeError} If one holds something else, or cannot be read.
 */
export function checkTrees(
  action: string,
  trees: Readonly<Record<string, unknown>>,
  vectors = false,
): void {
  for (const name of Object.keys(trees)) {
    const tree = trees[name];
    const wrong = readable(action, name, () => wrongLeaf(tree, name, 0, vectors));
    if (wrong !== undefined) {
      throw new TypeError(`Cannot ${action}: ${wrong.path} must be a tensor, got ${wrong.what}`);
    }
  }
}

interface WrongLeaf {
  readonly path: string;
  readonly what: string;
}

function wrongLeaf(
  node: unknown,
  path: string,
  depth: number,
  vectors: boolean,
): WrongLeaf | undefined {
  if (asTensor(node) !== undefined) return undefined;
  // A proxy passes for an array of numbers until they are read.
  if (vectors && node instanceof Float32Array) return void node.length;
  // Also what holds itself.
  if (depth > DEEPEST) return { path, what: `more than ${DEEPEST} objects around it` };
  if (Array.isArray(node)) {
    // By index: iteration over entries would not see holes.
    for (let i = 0; i < node.length; i++) {
      const wrong = wrongLeaf(node[i], `${path}[${i}]`, depth + 1, vectors);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }
  const [symbol] = Object.getOwnPropertySymbols(Object(node));
  if (symbol !== undefined) return { path, what: `a key that is ${shown(symbol)}` };
  if (!isPlain(node)) return { path, what: shown(node) };
  for (const [key, child] of Object.entries(node)) {
    const wrong = wrongLeaf(child, `${path}${memberOf(key)}`, depth + 1, vectors);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

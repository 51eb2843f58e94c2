/**
 * What the function of a pipeline may be given, and what tells one input from another.
 *
 * @module
 */
import { asTensor, isPlain, memberOf } from "../plan/tree.ts";
import { describe } from "../tensor/shown.ts";

const PLAIN: ReadonlySet<string> = new Set(["undefined", "boolean", "bigint"]);

/**
 * The key of an input's trace: equal for trees of the same form, with tensors of the same shapes and
 * the same plain values.
 *
 * @throws {TypeError} If the input holds what is neither a tree nor a plain value: a change inside of it
 * would go unnoticed.
 */
export function keyOf(action: string, node: unknown, path = "input"): string {
  if (typeof node === "number") return Object.is(node, -0) ? "-0" : String(node);
  if (typeof node === "string") return JSON.stringify(node);
  if (node === null || PLAIN.has(typeof node)) return `${typeof node} ${node}`;
  const tensor = asTensor(node);
  if (tensor !== undefined) return `tensor ${tensor.shape.join()}`;
  if (Array.isArray(node)) {
    const keys = node.map((child, i) =>
      typeof child === "number" ? keyOf(action, child, path) : keyOf(action, child, `${path}[${i}]`)
    );
    return `[${keys.join()}]`;
  }
  if (isPlain(node)) {
    const entries = Object.entries(node).map(([key, child]) => {
      return `${JSON.stringify(key)}:${keyOf(action, child, `${path}${memberOf(key)}`)}`;
    });
    return `{${entries.join()}}`;
  }
  throw new TypeError(
    `Cannot ${action}: ${path} must be a tensor, a plain value, or a plain object or array of these, got ${
      describe(node)
    }`,
  );
}

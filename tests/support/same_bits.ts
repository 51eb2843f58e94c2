/**
 * Trees of tensors, compared bit for bit.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { isPlain } from "../../ops/plan/tree.ts";

/** Checks that two trees are the same, wherever their numbers lie; all NaNs are one. */
export function assertSameBits(actual: unknown, expected: unknown, path = "result"): void {
  const a = tensorIn(actual);
  const b = tensorIn(expected);
  if (a !== undefined && b !== undefined) {
    assertEquals([...a.shape], [...b.shape], path);
    assertEquals(a.data.length, b.data.length, path);
    const at = a.data.findIndex((value, i) => !Object.is(value, b.data[i]));
    assert(at < 0, `${path}: element ${at} is ${a.data[at]}, not ${b.data[at]}`);
  } else if (Array.isArray(expected)) {
    assert(Array.isArray(actual) && actual.length === expected.length, path);
    expected.forEach((child, i) => assertSameBits(actual[i], child, `${path}[${i}]`));
  } else if (isPlain(expected)) {
    assert(isPlain(actual), path);
    assertEquals(Object.keys(actual), Object.keys(expected), path);
    for (const [key, child] of Object.entries(expected)) {
      assertSameBits(actual[key], child, `${path}.${key}`);
    }
  } else assertEquals(actual, expected, path);
}

/** A tensor; a vector of an eager op stays the typed array that it was. */
function tensorIn(
  node: unknown,
): { readonly shape: readonly number[]; readonly data: Float32Array } | undefined {
  if (node instanceof Float32Array) return { shape: [node.length], data: node };
  if (node === null || typeof node !== "object" || !("shape" in node && "data" in node)) {
    return undefined;
  }
  return node as { shape: readonly number[]; data: Float32Array };
}

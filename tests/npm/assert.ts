/**
 * What tests use of @std/assert, from the npm package of the same sources: for networks without JSR.
 * That package has no types, and assertions narrow only through declared ones.
 */
import * as std from "npm:deno-std@1.4.0/assert/mod.js";

// deno-lint-ignore no-explicit-any -- as in @std/assert: any class, abstract or not
type Class<E> = abstract new (...args: any[]) => E;

export const assertEquals: <T>(actual: T, expected: T, message?: string) => void = std.assertEquals;
export const assertNotEquals: <T>(actual: T, expected: T, message?: string) => void =
  std.assertNotEquals;
export const assertStrictEquals: <T>(actual: T, expected: T, message?: string) => void =
  std.assertStrictEquals;
export const assertAlmostEquals: (
  actual: number,
  expected: number,
  tolerance?: number,
  message?: string,
) => void = std.assertAlmostEquals;
export const assertMatch: (actual: string, expected: RegExp, message?: string) => void =
  std.assertMatch;
export const assertStringIncludes: (actual: string, expected: string, message?: string) => void =
  std.assertStringIncludes;
export const assertThrows: <E extends Error>(
  fn: () => unknown,
  errorClass?: Class<E>,
  includes?: string,
  message?: string,
) => E = std.assertThrows;
export const assertRejects: <E extends Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: Class<E>,
  includes?: string,
  message?: string,
) => Promise<E> = std.assertRejects;
export const fail: (message?: string) => never = std.fail;

export function assert(condition: unknown, message?: string): asserts condition {
  std.assert(condition, message);
}

export function assertExists<T>(value: T, message?: string): asserts value is NonNullable<T> {
  std.assertExists(value, message);
}

export function assertInstanceOf<T>(
  value: unknown,
  expected: Class<T>,
  message?: string,
): asserts value is T {
  std.assertInstanceOf(value, expected, message);
}

export function assertFalse(condition: unknown, message?: string): asserts condition is false {
  std.assertFalse(condition, message);
}

/**
 * `@std/assert` where JSR does not answer: the npm copy of the same functions, which comes without
 * types, under the signatures that the tests rely on. Narrowing works as with the original.
 *
 * @module
 */
import * as std from "npm:deno-std@1.4.0/assert/mod.js";

type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;
type Falsy = false | 0 | 0n | "" | null | undefined;
type Compare = <T>(actual: T, expected: T, msg?: string) => void;

export const assert: (expr: unknown, msg?: string) => asserts expr = std.assert;
export const assertAlmostEquals: (
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
) => void = std.assertAlmostEquals;
export const assertArrayIncludes: <T>(
  actual: ArrayLike<T>,
  expected: ArrayLike<T>,
  msg?: string,
) => void = std.assertArrayIncludes;
export const assertEquals: Compare = std.assertEquals;
export const assertExists: <T>(actual: T, msg?: string) => asserts actual is NonNullable<T> =
  std.assertExists;
export const assertFalse: (expr: unknown, msg?: string) => asserts expr is Falsy = std.assertFalse;
export const assertGreater: Compare = std.assertGreater;
export const assertGreaterOrEqual: Compare = std.assertGreaterOrEqual;
export const assertInstanceOf: <T>(
  actual: unknown,
  expectedType: abstract new (...args: never[]) => T,
  msg?: string,
) => asserts actual is T = std.assertInstanceOf;
export const assertIsError: <E extends Error = Error>(
  error: unknown,
  errorClass?: ErrorClass<E>,
  msgMatches?: string | RegExp,
  msg?: string,
) => asserts error is E = std.assertIsError;
export const assertLess: Compare = std.assertLess;
export const assertLessOrEqual: Compare = std.assertLessOrEqual;
export const assertMatch: (actual: string, expected: RegExp, msg?: string) => void =
  std.assertMatch;
export const assertNotEquals: Compare = std.assertNotEquals;
export const assertNotInstanceOf: <A, T>(
  actual: A,
  unexpectedType: abstract new (...args: never[]) => T,
  msg?: string,
) => asserts actual is Exclude<A, T> = std.assertNotInstanceOf;
export const assertNotMatch: (actual: string, expected: RegExp, msg?: string) => void =
  std.assertNotMatch;
export const assertNotStrictEquals: Compare = std.assertNotStrictEquals;
export const assertObjectMatch: (
  actual: object,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
) => void = std.assertObjectMatch;
export const assertStrictEquals: <T>(
  actual: unknown,
  expected: T,
  msg?: string,
) => asserts actual is T = std.assertStrictEquals;
export const assertStringIncludes: (actual: string, expected: string, msg?: string) => void =
  std.assertStringIncludes;
export const equal: (actual: unknown, expected: unknown) => boolean = std.equal;
export const fail: (msg?: string) => never = std.fail;
export const unreachable: () => never = std.unreachable;

/** Answers with what was thrown, so that a test can look at more than the text. */
export const assertThrows: {
  (fn: () => unknown, msg?: string): unknown;
  <E extends Error>(
    fn: () => unknown,
    errorClass: ErrorClass<E>,
    msgIncludes?: string,
    msg?: string,
  ): E;
} = std.assertThrows;

/** Answers with what the promise rejected with. */
export const assertRejects: {
  (fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
  <E extends Error>(
    fn: () => PromiseLike<unknown>,
    errorClass: ErrorClass<E>,
    msgIncludes?: string,
    msg?: string,
  ): Promise<E>;
} = std.assertRejects;

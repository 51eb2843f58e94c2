/**
 * `@std/testing/bdd` where JSR does not answer: `node:test`, cut down by its types to what both
 * offer alike. The object form in particular is a type error here, since node:test would pass it
 * without running its body.
 *
 * @module
 */
import * as test from "node:test";

type Body = () => void | Promise<void>;
type Hook = (fn: Body) => void;

/** A suite or a test, and the same left out. */
interface Block<F> {
  (name: string, fn: F): void;
  skip(name: string, fn?: F): void;
}

export const describe: Block<() => void> = test.describe;
export const it: Block<Body> = test.it;
export const before: Hook = test.before;
export const after: Hook = test.after;
export const beforeEach: Hook = test.beforeEach;
export const afterEach: Hook = test.afterEach;

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
  skip(name: string, fn: F): void;
}

let loading = true;

// From the first registered test on, Deno's node:test mutes unhandled rejections. A module that
// throws while it loads would then pass with the tests registered so far. This listener comes before
// that one, and keeps such an error from it until the first body runs.
globalThis.addEventListener("unhandledrejection", (event) => {
  if (loading) event.stopImmediatePropagation();
});

function loaded(fn: Body): Body {
  return () => {
    loading = false;
    return fn();
  };
}

export const describe: Block<() => void> = test.describe;
export const it: Block<Body> = Object.assign(
  (name: string, fn: Body) => void test.it(name, loaded(fn)),
  { skip: (name: string) => void test.it.skip(name) },
);
export const before: Hook = (fn) => test.before(loaded(fn));
export const after: Hook = (fn) => test.after(loaded(fn));
export const beforeEach: Hook = (fn) => test.beforeEach(loaded(fn));
export const afterEach: Hook = (fn) => test.afterEach(loaded(fn));

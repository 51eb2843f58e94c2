/**
 * `@std/testing/bdd` outside of Deno: the runtime's own tests.
 *
 * @module
 */
const isBun = "Bun" in globalThis;
const test = await import(isBun ? "bun:test" : "node:test");

export const { describe, it } = test;
export const before = isBun ? test.beforeAll : test.before;
export const after = isBun ? test.afterAll : test.after;
export const beforeEach = test.beforeEach;
export const afterEach = test.afterEach;

/**
 * `@std/testing/bdd` outside of Deno: the runtime's own tests. Under Node, where webgpu is required, it
 * is that of the `webgpu` package, which gpu.js brings.
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

const { process, navigator } = globalThis as {
  process?: { env: Record<string, string | undefined> };
  navigator?: { gpu?: unknown };
};
const required = (process?.env.KERNORM_REQUIRE ?? "").split(",");
if (!isBun && required.includes("webgpu") && navigator?.gpu === undefined) {
  const name = "webgpu";
  const { create, globals } = await import(name);
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, "navigator", { value: { gpu: create([]) } });
}

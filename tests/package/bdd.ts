/**
 * `@std/testing/bdd` outside of Deno: the runtime's own tests, which fail where an error comes up that
 * nobody catches. Under Node, where webgpu is required, it is that of the `webgpu` package, which
 * gpu.js brings.
 *
 * @module
 */
import { endWatch, watched } from "../bdd/uncaught.ts";

type Body = () => void | Promise<void>;

const isBun = "Bun" in globalThis;
const test = await import(isBun ? "bun:test" : "node:test");

export const { describe } = test;
export const it = Object.assign(
  (name: string, body: Body) => test.it(name, watched(body)),
  { skip: test.it.skip },
);
const hook = (register: (body: Body) => void) => (body: Body) => register(watched(body));
export const before = hook(isBun ? test.beforeAll : test.before);
export const after = hook(isBun ? test.afterAll : test.after);
export const beforeEach = hook(test.beforeEach);
export const afterEach = hook(test.afterEach);
(isBun ? test.afterAll : test.after)(endWatch);

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

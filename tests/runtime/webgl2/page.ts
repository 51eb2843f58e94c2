/**
 * The parts of a page that WebGL2 comes from, watched and tampered with, and what the tests of that
 * executor run on it.
 *
 * @module
 */
import {
  batchNorm,
  gdn,
  initBatchNorm,
  initGdn,
  pipeline,
  type Runtime,
  type Tensor,
} from "../../../mod.ts";
import { it } from "@std/testing/bdd";
import { skipOf } from "../../support/backends.ts";
import { randomTensor } from "../../support/random.ts";

/** A method of a platform's object, by its name. */
export type Methods = Record<string, (...args: unknown[]) => unknown>;

/** Nothing in Deno, where the tests that use them are skipped. */
export const { WebGL2RenderingContext, OffscreenCanvas, HTMLCanvasElement } =
  globalThis as unknown as Record<
    "WebGL2RenderingContext" | "OffscreenCanvas" | "HTMLCanvasElement",
    { prototype: Methods }
  >;

const skip = skipOf("webgl2");

/** A test of the executor at work, skipped where it is not there. */
export function webgl2Test(what: string, body: () => Promise<void>): void {
  if (skip === undefined) it(what, body);
  else it.skip(`${what}: ${skip}`, body);
}

/** Runs a task with a method replaced; the replacement is given the original. */
export async function replacing<T>(
  { prototype }: { prototype: Methods },
  name: string,
  replace: (original: (...args: unknown[]) => unknown) => (...args: unknown[]) => unknown,
  task: () => Promise<T>,
): Promise<T> {
  const original = prototype[name];
  prototype[name] = function (...args) {
    return replace((...given) => original.apply(this, given)).apply(this, args);
  };
  try {
    return await task();
  } finally {
    prototype[name] = original;
  }
}

/** Runs a task with `getContext` replaced, on canvases of both kinds. */
export function replacingGetContext<T>(
  replace: (getContext: (...args: unknown[]) => unknown) => (...args: unknown[]) => unknown,
  task: () => Promise<T>,
): Promise<T> {
  return replacing(
    OffscreenCanvas,
    "getContext",
    replace,
    () => replacing(HTMLCanvasElement, "getContext", replace, task),
  );
}

/** Runs a task while every context that is created is noted, and may be tampered with. */
export function withContexts<T>(tamper: (gl: Methods) => void, task: () => Promise<T>): Promise<T> {
  return replacingGetContext((getContext) => (...args) => {
    const gl = getContext(...args) as Methods | null;
    if (gl !== null) tamper(gl);
    return gl;
  }, task);
}

/** How many objects of each kind a task leaves behind. */
export async function liveAfter(task: () => Promise<unknown>): Promise<Record<string, number>> {
  const kinds = ["Texture", "Buffer", "Framebuffer", "Shader", "Program"];
  const live = kinds.map(() => new Set<unknown>());
  const watched = kinds.reduce(
    (inner, kind, i) => () =>
      replacing(WebGL2RenderingContext, `create${kind}`, (create) => (...args) => {
        const object = create(...args);
        live[i].add(object);
        return object;
      }, () =>
        replacing(WebGL2RenderingContext, `delete${kind}`, (remove) => (object) => {
          live[i].delete(object);
          return remove(object);
        }, inner)),
    task,
  );
  await watched();
  return Object.fromEntries(kinds.map((kind, i) => [kind, live[i].size]));
}

/** Has a context be lost, as a driver might. */
export function lose(gl: Methods): void {
  (gl.getExtension("WEBGL_lose_context") as Methods).loseContext();
}

/** An op of one launch, one with several results, and a pipeline. */
export function someOps(runtime: Runtime) {
  const x = randomTensor([2, 6, 5, 8], { seed: 3 });
  const { params, state } = initBatchNorm(8);
  const variables = initGdn(8);
  const both = pipeline((ops, x: Tensor) => {
    const h = ops.groupNorm(ops.gdn(x, variables), {}, { groups: 2, center: false, scale: false });
    return ops.batchNorm(h, params, state);
  }, { runtime });
  return [
    () => gdn(x, variables, { runtime }),
    () => batchNorm(x, params, state, { dataFormat: "NHWC", runtime }),
    () => both(x),
  ];
}

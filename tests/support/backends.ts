/**
 * Backends as a test parameter: which are there, and one runtime of each.
 *
 * The absence of one that is required (tests/support/required.ts) is a failure; otherwise its tests are
 * skipped, with the reason in their name.
 *
 * @module
 */
import { createRuntime, type Runtime } from "../../mod.ts";
import { DEFAULT_PLAN_LIMIT, openRuntime } from "../../ops/runtime/open.ts";
import { after, it } from "@std/testing/bdd";
import { namesIn, query, required } from "./required.ts";
import { GuardedArena } from "./guarded_arena.ts";

/** A backend that tests run on. */
export type BackendName = "cpu" | "wasm" | "webgl2" | "webgpu";

/** The backends that this library has a compiler for. */
export const compiled: readonly BackendName[] = ["wasm", "webgpu"];

/** The backends to test: in a page those that its address names, if it does; in Deno all it may have. */
const named = namesIn(query?.get("backends"));
const tested = (["cpu", "wasm", "webgl2", "webgpu"] as const).filter((name) =>
  required.includes(name) ||
  (named.length > 0 ? named.includes(name) : name !== "webgl2" || query !== undefined)
);

const runtimes = new Map<BackendName, Runtime>();
const reasons = new Map<BackendName, string>();

for (const name of tested) {
  try {
    runtimes.set(name, await open(name));
  } catch (error) {
    if (required.includes(name)) throw error;
    reasons.set(name, (error as Error).message);
  }
}

/** On wasm in guard mode: what a test reads or writes outside of a tensor fails it. */
function open(backend: BackendName): Promise<Runtime> {
  return backend === "wasm"
    ? openRuntime(backend, DEFAULT_PLAN_LIMIT, { arena: GuardedArena })
    : createRuntime({ backend });
}

after(async () => {
  for (const runtime of runtimes.values()) await runtime.dispose();
});

/** The backends, with the reason why one is skipped. */
export const backends: readonly { readonly name: BackendName; readonly skip?: string }[] = tested
  .map((name) => {
    const skip = reasons.get(name);
    return { name, ...(skip !== undefined && { skip }) };
  });

/** Why the tests of one backend alone are skipped, if they are. */
export function skipOf(name: BackendName): string | undefined {
  const backend = backends.find((backend) => backend.name === name);
  return backend === undefined ? `${name} is not tested here` : backend.skip;
}

/** The runtime of a backend that is there. */
export function runtimeOf(name: BackendName): Promise<Runtime> {
  const runtime = runtimes.get(name);
  return runtime === undefined
    ? Promise.reject(new Error(reasons.get(name)))
    : Promise.resolve(runtime);
}

/**
 * One test for each backend; afterwards nothing may have run elsewhere, nor by gpu.js' own code where we
 * have a compiler.
 *
 * @param isHere Whether a backend has the test in this environment. @default {every backend has}
 */
export function itOnEachBackend(
  what: string,
  test: (runtime: Runtime, backend: BackendName) => Promise<void>,
  isHere: (backend: BackendName) => boolean = () => true,
): void {
  for (const { name, skip } of backends) {
    if (!isHere(name)) continue;
    if (skip !== undefined) {
      it.skip(`${what} on ${name}: ${skip}`, () => {});
      continue;
    }
    it(`${what} on ${name}`, async () => {
      const runtime = await runtimeOf(name);
      await test(runtime, name);
      const { runs, launchesByGpuJs } = runtime.stats();
      const elsewhere = Object.entries(runs).filter(([other, count]) =>
        other !== name && count > 0
      );
      if (elsewhere.length > 0 || (compiled.includes(name) && launchesByGpuJs > 0)) {
        throw new Error(
          `${name} must run itself, ran ${elsewhere} and ${launchesByGpuJs} by gpu.js`,
        );
      }
    });
  }
}

/**
 * Tests on the backends that compute at once.
 *
 * @module
 */
import type { Runtime } from "../../mod.ts";
import { it } from "@std/testing/bdd";
import { runtimeOf, skipOf } from "./backends.ts";

/** One test on wasm and one on cpu. */
export function itAtOnce(what: string, test: (runtime: Runtime) => void | Promise<void>): void {
  for (const backend of ["wasm", "cpu"] as const) {
    const skip = skipOf(backend);
    if (skip === undefined) {
      it(`${what} on ${backend}`, async () => await test(await runtimeOf(backend)));
    } else it.skip(`${what} on ${backend}: ${skip}`, () => {});
  }
}

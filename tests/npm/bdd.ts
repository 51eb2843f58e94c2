/**
 * `@std/testing/bdd` where JSR does not answer: `Deno.test` with steps, cut down by its types to what
 * the tests use.
 *
 * @module
 */
import { bodyOf, type Place, registering, runSuite, Suite, type Test } from "../bdd/suites.ts";
import { endWatch } from "../bdd/uncaught.ts";

/** Runtimes, and what gpu.js keeps, outlive the tests that opened them. */
const ALLOWED = { sanitizeOps: false, sanitizeResources: false };

const root = new Suite("", false);

// The last to end is what was registered first.
Deno.test.afterAll(async () => {
  for (const hook of root.hooks.after) await hook();
  await endWatch();
});
Deno.test.beforeAll(async () => {
  for (const hook of root.hooks.before) await hook();
});

export const { describe, it, before, after, beforeEach, afterEach } = registering(root, register);

function register(child: Suite | Test): void {
  if (child instanceof Suite) {
    const fn = (t: Deno.TestContext) => runSuite(child, [root.hooks], placeIn(t));
    return Deno.test({ ...ALLOWED, name: child.name, fn });
  }
  const body = bodyOf(child, [root.hooks]);
  Deno.test({ ...ALLOWED, name: child.name, ignore: !body, fn: () => body?.() });
}

/** Whether a suite ends with its first failure, as it does for mutants (tests/mutate/). */
const failsFast = Deno.env.get("KERNORM_FAIL_FAST") === "1";
let failed = false;

function placeIn(t: Deno.TestContext): Place {
  return {
    async test(name, body) {
      if (failed && failsFast) return;
      const passed = await t.step({ ...ALLOWED, name, ignore: !body, fn: () => body?.() });
      if (!passed && body) failed = true;
    },
    async suite(name, inside) {
      await t.step({ ...ALLOWED, name, fn: (t) => inside(placeIn(t)) });
    },
  };
}

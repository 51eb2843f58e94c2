/**
 * `@std/testing/bdd` in a page: what tests/npm/bdd.ts offers, run by {@linkcode runTests} once all
 * test files have been loaded.
 *
 * @module
 */
import { type Body, type Place, registering, runSuite, Suite } from "../bdd/suites.ts";
import { endWatch } from "../bdd/uncaught.ts";

/** How one test ended. */
export interface Outcome {
  /** Names of its suites and its own, joined by " > ". */
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  /** What it threw. */
  readonly error?: string;
  /** How long it took. */
  readonly milliseconds?: number;
}

const root = new Suite("", false);

export const { describe, it, before, after, beforeEach, afterEach } = registering(root);

/** How many suites and tests files have registered at their top level. */
export function registered(): number {
  return root.children.length;
}

/**
 * Runs everything that has been registered, in that order.
 *
 * @param filter Only tests whose full name contains it.
 * @param report Is told of each test as it ends.
 */
export async function runTests(
  filter: string,
  report: (outcome: Outcome) => void | Promise<void>,
): Promise<void> {
  const placeAt = (path: readonly string[]): Place => ({
    async test(own, body) {
      const name = [...path, own].join(" > ");
      if (!name.includes(filter)) return;
      await report(body ? { name, ...await outcome(body) } : { name, status: "skipped" });
    },
    suite: (name, inside) => inside(placeAt([...path, name])),
  });
  await runSuite(root, [], placeAt([]));
  const { status, error = "" } = await outcome(endWatch);
  if (status === "failed") await report({ name: "the end", status, error });
}

async function outcome(body: Body): Promise<Omit<Outcome, "name">> {
  const start = performance.now();
  const milliseconds = () => Math.round(performance.now() - start);
  try {
    await body();
    return { status: "passed", milliseconds: milliseconds() };
  } catch (error) {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    return { status: "failed", error: text, milliseconds: milliseconds() };
  }
}

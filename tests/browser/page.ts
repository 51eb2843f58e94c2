/**
 * The page's side of the runner: loads test files, then runs what they registered.
 *
 * @module
 */
import { type Outcome, registered, runTests } from "./bdd.ts";

/** What the runner puts into the page's globals. */
interface Bindings {
  /** Tells the runner of a test. */
  report(outcome: Outcome): Promise<void>;
}

/** What {@linkcode offer} puts there for the runner. */
export interface Offered {
  /** Runs the tests whose name contains the filter. */
  runTests(filter: string): Promise<void>;
}

/** Makes test files available to the runner; one that does not load, or has no tests, is a failed test. */
export function offer(files: Readonly<Record<string, () => Promise<unknown>>>): void {
  const page = globalThis as unknown as Offered & Bindings;
  page.runTests = async (filter) => {
    for (const [name, load] of Object.entries(files)) {
      const before = registered();
      try {
        await load();
        if (registered() === before) throw new Error(`${name} has no tests`);
      } catch (error) {
        const text = error instanceof Error ? error.stack ?? error.message : String(error);
        await page.report({ name, status: "failed", error: text });
      }
    }
    await runTests(filter, (outcome) => page.report(outcome));
  };
}

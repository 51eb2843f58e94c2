/**
 * `deno task fuzz api`: the whole public API against float64.
 *
 * @module
 */
import type { Backend } from "../../../mod.ts";
import { ApiFuzz, type CaseName, openFuzzed } from "./fuzz.ts";

/** What `deno task fuzz api` is told. */
export interface ApiOptions {
  readonly backend: Backend;
  readonly seconds: number;
  readonly cases: number;
  readonly seed: number;
  readonly structures: number;
  readonly hard: boolean;
  readonly op: string;
  /** One case alone. */
  readonly only?: CaseName | undefined;
  /** Whether to go on after a failure, and to count them. */
  readonly keepGoing: boolean;
}

/** Runs cases until the time is up or all are done; answers with the number of failures. */
export async function fuzzApi(options: ApiOptions): Promise<number> {
  const { backend, seconds, cases, seed, structures, hard, op, only, keepGoing } = options;
  await using runtime = await openFuzzed(backend);
  const fuzz = new ApiFuzz(runtime, { seed, structures, hard, filter: op });
  if (only !== undefined) {
    await fuzz.check(only);
    console.log(`${only.op}/${only.structure}/${only.seed} is right on ${backend}`);
    return 0;
  }
  console.error(`fuzzing on ${backend} from seed ${seed} ...`);
  const start = performance.now();
  let told = start;
  let failures = 0;
  let done = 0;
  for (; done < cases && performance.now() - start < 1000 * seconds; done++) {
    try {
      await fuzz.check(fuzz.nameOf(done));
    } catch (error) {
      console.error((error as Error).message);
      failures++;
      if (!keepGoing) break;
    }
    if (performance.now() - told < 5000) continue;
    told = performance.now();
    console.error(`${done + 1} cases, ${rate(done + 1, start)} a second ...`);
  }
  for (const [name, used] of [...fuzz.closest].sort((a, b) => b[1] - a[1]).slice(0, 5)) {
    console.error(`closest: ${name}, ${(100 * used).toFixed(0)} % of what it may be off`);
  }
  console.log(
    `${done} cases on ${backend} from seed ${seed}, ${rate(done, start)} a second, ` +
      `${runtime.stats().plansCompiled} plans compiled: ${failures} failed`,
  );
  return failures;
}

function rate(cases: number, start: number): number {
  return Math.round(1000 * cases / (performance.now() - start));
}

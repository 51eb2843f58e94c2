/**
 * Which medians are not to be relied on, as other work has disturbed them.
 *
 * @module
 */
import type { Result } from "./result.ts";

/** A median is unsteady if it is so many times the fastest round: something else was running. */
const UNSTEADY = 2;
/** A median that comes out alike twice is right, also where its fastest rounds are far faster. */
const ALIKE = 1.15;

/** Whether a median is not to be relied on. */
export function isUnsteady({ median, min }: Pick<Result, "median" | "min">): boolean {
  return median > UNSTEADY * min;
}

/**
 * The contenders of a race that other work has disturbed: their medians are far from their fastest
 * rounds, and differ from those of the race before.
 *
 * @param results The results of a race.
 * @param before Those of the same race run before; none if it is the first.
 * @returns Names of contenders.
 */
export function disturbedIn(
  results: readonly Result[],
  before: readonly Result[] = [],
): string[] {
  return results.filter((result) => {
    if (!isUnsteady(result)) return false;
    const same = before.find(({ name }) => name === result.name);
    return same === undefined || !areAlike(result.median, same.median);
  }).map(({ name }) => name);
}

function areAlike(a: number, b: number): boolean {
  return Math.max(a, b) <= ALIKE * Math.min(a, b);
}

/**
 * Runs something until nothing disturbs it.
 *
 * @param tries How often at most.
 * @param run Runs it once.
 * @param again Is told who was disturbed, before it is run again.
 * @returns The last results, and who was disturbed in them: nobody, unless all tries are used up.
 */
export async function untilSteady(
  tries: number,
  run: () => Promise<readonly Result[]>,
  again: (disturbed: readonly string[]) => void = () => {},
): Promise<{ readonly results: readonly Result[]; readonly disturbed: readonly string[] }> {
  let before: readonly Result[] = [];
  for (let left = tries;; left--) {
    const results = await run();
    const disturbed = disturbedIn(results, before);
    if (disturbed.length === 0 || left <= 1) return { results, disturbed };
    again(disturbed);
    before = results;
  }
}

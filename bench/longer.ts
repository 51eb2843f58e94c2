/**
 * Verdicts on how much longer one way takes than another.
 *
 * @module
 */
import { lowerEighth, median } from "./statistics.ts";
import { outcomeOf, type Verdict } from "./verdict.ts";

/** Without a difference, medians and lower eighths agree as well as this. */
const AGREE = 1.1;

/** A verdict on how much longer than one way another may take: `most` times as long. */
export function longerBy(
  what: string,
  most: number,
  one: readonly number[],
  other: readonly number[],
): Verdict {
  const ratio = median(other) / median(one);
  const least = lowerEighth(other) / lowerEighth(one);
  const met = ratio <= most;
  const steady = met === least <= most || Math.max(ratio / least, least / ratio) <= AGREE;
  return {
    what,
    bar: `<= ${most}x`,
    measured: `${ratio.toFixed(2)}x, lower eighths ${least.toFixed(2)}x`,
    outcome: steady ? outcomeOf(met) : "unsteady",
  };
}

/**
 * How much longer one way takes than another, of two that run in turn in one process.
 *
 * @module
 */
import { lowerEighth, median } from "./statistics.ts";
import { outcomeOf, type Verdict } from "./verdict.ts";

/** A way of doing something, once. */
export type Way = () => unknown;

const WARM_UP = 10;
const ROUNDS = 80;
const SETTLE_MS = 200;
/** Without a difference, medians and lower eighths agree as well as this. */
const AGREE = 1.1;

/** Milliseconds of the rounds of two ways, each round in the other order than the one before. */
export async function timedInTurn(one: Way, other: Way): Promise<[number[], number[]]> {
  const times: [number[], number[]] = [[], []];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    if (round === 0) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    for (const at of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const start = performance.now();
      await (at === 0 ? one : other)();
      if (round >= 0) times[at].push(performance.now() - start);
    }
  }
  return times;
}

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

/**
 * Ways to do something, timed in turn, so that what else the machine does befalls all of them alike.
 *
 * @module
 */

/** How long it goes on. */
export interface Turns {
  /** Rounds that are timed. */
  readonly rounds: number;
  /** Rounds before anything is timed: engines recompile what is hot. */
  readonly warmUp: number;
  /** Milliseconds between these, for what goes on beside them. @default {0} */
  readonly settle?: number;
}

/** The milliseconds of each way in each round. Every way begins a round in its turn. */
export async function timesInTurn(
  ways: readonly (() => unknown)[],
  { rounds, warmUp, settle = 0 }: Turns,
): Promise<number[][]> {
  const times: number[][] = ways.map(() => []);
  for (let round = -warmUp; round < rounds; round++) {
    if (round === 0) await new Promise((resolve) => setTimeout(resolve, settle));
    for (let i = 0; i < ways.length; i++) {
      const at = (i + warmUp + round) % ways.length;
      const start = performance.now();
      await ways[at]();
      if (round >= 0) times[at].push(performance.now() - start);
    }
  }
  return times;
}

/**
 * What becomes of a bar.
 *
 * @module
 */

/**
 * Unsteady is what cannot be told: something else ran beside one of the two, and slowed it more than
 * the other. It counts as not met.
 */
export type Outcome = "met" | "MISSED" | "unsteady";

/** A bar, measured. */
export interface Verdict {
  readonly what: string;
  readonly bar: string;
  readonly measured: string;
  readonly outcome: Outcome;
}

/** The outcome of what is steady. */
export function outcomeOf(met: boolean): Outcome {
  return met ? "met" : "MISSED";
}

/**
 * What becomes of a bar.
 *
 * @module
 */

/** A bar, measured. */
export interface Verdict {
  readonly what: string;
  readonly bar: string;
  readonly measured: string;
  readonly met: boolean;
}

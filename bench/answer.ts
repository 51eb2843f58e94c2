/**
 * Answers are looked at before they are timed: what is wrong has no speed.
 *
 * @module
 */
import type { Answer, Contender } from "./contender.ts";
import type { Check } from "./expected.ts";

/** Largest error of this library in any workload: float32 results of up to a few hundred. */
const OURS = 1e-4;
/** Largest error of another: some sum tens of thousands of numbers one by one in float32. */
const OTHERS = 1e-2;

/** An answer that is not right. */
export class WrongAnswer extends Error {
  override name = "WrongAnswer";
}

/**
 * The largest error of a contender's answer.
 *
 * @returns `null` where there is no answer to look at.
 * @throws {WrongAnswer} If it is wrong.
 */
export function errorOf(
  { name }: Pick<Contender, "name">,
  y: Answer | undefined,
  check: Check,
): number | null {
  if (y === undefined) return null;
  const error = check(y);
  const most = name.startsWith("kernorm") ? OURS : OTHERS;
  if (!(error < most)) {
    throw new WrongAnswer(`Cannot time ${name}: its error must be below ${most}, got ${error}`);
  }
  return error;
}

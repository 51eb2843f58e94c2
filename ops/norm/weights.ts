/**
 * Weights of the samples of a batch.
 *
 * @module
 */
import type { Plan, Value } from "../plan/plan.ts";
import { read } from "../plan/symbolic.ts";
import type { Vector } from "../tensor/types.ts";

/** What the weights of all elements may add up to: their count, whose inverse is a normal float32 too. */
const LEAST = 2 ** -126;
const MOST = 2 ** 126;

/**
 * Reads weights into a plan and has them checked at every run.
 *
 * @param elements How many elements of a set have the weight of one item.
 * @param isPart Whether they are those of one part of a whole, which may all be 0.
 * @throws {RangeError} At the run, if one is negative or not finite, all are 0, or their sum is hardly a
 * float32.
 */
export function readWeights(
  plan: Plan,
  action: string,
  batchWeights: Vector,
  elements: number,
  isPart = false,
): Value {
  const value = read(plan, "batchWeights", batchWeights);
  plan.require(value, (weights) => {
    const wrong = weights.find((weight) => !(Number.isFinite(weight) && weight >= 0));
    if (wrong !== undefined) {
      throw new RangeError(
        `Cannot ${action}: batchWeights must be finite numbers >= 0, got ${wrong}`,
      );
    }
    const sum = elements * weights.reduce((sum, weight) => sum + weight, 0);
    // Beside those of other parts, little weight does no harm.
    if (!isPart || sum > MOST) checkCount(action, sum);
  });
  return value;
}

/**
 * Checks what the weights of all elements add up to.
 *
 * @param among Whose elements they are, if not those of one call.
 * @throws {RangeError} If it is 0, or so small or large that their products with numbers are not to be
 * relied on.
 */
export function checkCount(action: string, sum: number, among?: string): void {
  if (sum >= LEAST && sum <= MOST) return;
  const rule = sum === 0
    ? `have a sum > 0${among === undefined ? "" : ` over ${among}`}`
    : `have a sum from 2^-126 to 2^126 over ${among ?? "all elements"}`;
  throw new RangeError(`Cannot ${action}: batchWeights must ${rule}, got ${sum}`);
}

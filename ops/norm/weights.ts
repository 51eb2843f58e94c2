/**
 * Weights of the samples of a batch.
 *
 * @module
 */
import type { Plan, Value } from "../plan/plan.ts";
import { read } from "../plan/symbolic.ts";
import type { Vector } from "../tensor/types.ts";

/** What the weights of all elements may add up to, so that small multiples and the inverse are normal float32s. */
const LEAST = 2 ** -126;
const MOST = 2 ** 120;

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
    const wrong = weights.find((weight) => !(weight >= 0 && weight < Infinity));
    if (wrong !== undefined) {
      throw new RangeError(
        `Cannot ${action}: batchWeights must be finite numbers >= 0, got ${wrong}`,
      );
    }
    const sum = weights.reduce((sum, weight) => sum + elements * weight, 0);
    // Beside those of other parts, little weight does no harm.
    checkCount(action, isPart ? Math.max(sum, 1) : sum);
  });
  return value;
}

/**
 * Checks what the weights of all elements add up to.
 *
 * @param whose All elements, or those of all replicas.
 * @throws {RangeError} If it is 0, or so small or large that their products with numbers are not to be
 * relied on.
 */
export function checkCount(action: string, sum: number, whose = "all elements"): void {
  if (sum >= LEAST && sum <= MOST) return;
  throw new RangeError(
    `Cannot ${action}: batchWeights must have a sum from 2^-126 to 2^120 over ${whose}, got ${sum}`,
  );
}

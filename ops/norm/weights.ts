/**
 * Weights of the samples of a batch.
 *
 * @module
 */
import type { Plan, Value } from "../plan/plan.ts";
import { read } from "../plan/symbolic.ts";
import type { Vector } from "../tensor/types.ts";

/**
 * Reads weights into a plan and has them checked at every run.
 *
 * @param none Whether all may be 0: those of one part of a whole.
 * @throws {RangeError} At the run, if one is negative or not finite, or all are 0.
 */
export function readWeights(
  plan: Plan,
  action: string,
  batchWeights: Vector,
  none = false,
): Value {
  const value = read(plan, "batchWeights", batchWeights);
  plan.require(value, (weights) => {
    const wrong = weights.find((weight) => !(Number.isFinite(weight) && weight >= 0));
    if (wrong !== undefined) {
      throw new RangeError(
        `Cannot ${action}: batchWeights must be finite numbers >= 0, got ${wrong}`,
      );
    }
    if (!none && !weights.some((weight) => weight > 0)) {
      throw new RangeError(`Cannot ${action}: batchWeights must have a sum > 0, got 0`);
    }
  });
  return value;
}

/**
 * The next state of batch norm.
 *
 * @module
 */
import type { Statistics } from "../norm/statistics.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { read, SymbolicTensor } from "../plan/symbolic.ts";
import type { Tensor } from "../tensor/types.ts";
import type { Checked } from "./options.ts";
import type { Correction } from "./renorm.ts";
import { type BatchNormState, tensorsOf } from "./state.ts";

export function newState(
  plan: Plan,
  moments: Statistics,
  state: BatchNormState,
  checked: Checked,
  correction: Correction | undefined,
): BatchNormState<Tensor> {
  const { decay, renormDecay, epsilon, unbiasedMovingVariance } = checked;
  const { shift: mean, squares, count } = moments;
  const average = (moving: Value, value: Value, rate = 1 - decay) =>
    plan.each("movingAverage", { moving, value, rate });
  const stored = (name: string, value: Parameters<typeof read>[2]) =>
    read(plan, `state.${name}`, value);
  const kept = tensorsOf(state);
  if (correction !== undefined) {
    const { deviation } = correction;
    const { movingStddev, renormMean, renormStddev } = state.renorm!;
    const rate = 1 - renormDecay;
    const stddev = average(stored("renorm.movingStddev", movingStddev), deviation);
    return {
      ...kept,
      movingMean: vector(average(stored("movingMean", state.movingMean), mean)),
      movingVariance: vector(plan.each("renormVariance", { stddev, epsilon })),
      renorm: {
        movingStddev: vector(stddev),
        renormMean: vector(average(stored("renorm.renormMean", renormMean), mean, rate)),
        renormStddev: vector(
          average(stored("renorm.renormStddev", renormStddev), deviation, rate),
        ),
      },
    };
  }
  const variance = plan.each("variance", { squares, count }, { UNBIASED: unbiasedMovingVariance });
  const movingVariance = vector(
    average(stored("movingVariance", state.movingVariance), variance),
  );
  if (!checked.zeroDebiasMovingMean) {
    const movingMean = vector(average(stored("movingMean", state.movingMean), mean));
    return { ...kept, movingMean, movingVariance };
  }
  const { biased, localStep } = state.debias!;
  const step = plan.each("affine", {
    a: stored("debias.localStep", localStep),
    factor: 1,
    term: 1,
  });
  const moved = average(stored("debias.biased", biased), mean);
  return {
    ...kept,
    movingMean: vector(plan.each("debiased", {
      biased: moved,
      weight: plan.each("collectedWeight", { step, rate: 1 - decay }),
    })),
    movingVariance,
    debias: { biased: vector(moved), localStep: new SymbolicTensor(step, []) },
  };
}

function vector(value: Value): Tensor {
  return new SymbolicTensor(value, [value.length]);
}

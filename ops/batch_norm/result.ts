/**
 * What batch norm returns.
 *
 * @module
 */
import type { Plan } from "../plan/plan.ts";
import { SymbolicTensor } from "../plan/symbolic.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { emptyLike } from "../tensor/zeros.ts";
import type { BatchNormValues } from "./call.ts";
import { newState } from "./moving.ts";
import { normalized } from "./normalized.ts";
import type { Checked } from "./options.ts";
import { type BatchNormState, tensorsOf } from "./state.ts";

/** What `batchNorm` returns. */
export interface BatchNormResult {
  /** The normalised tensor. */
  readonly y: Tensor;
  /** The state for the next call; a new object. */
  readonly state: BatchNormState<Tensor>;
}

/** Whether there is nothing to compute: of an empty x, given moments still move the state. */
export function isNothing(x: AnyTensor, { training, moments }: Checked): boolean {
  return sizeOf(x.shape) === 0 && !(training && moments !== undefined);
}

/** Records the result of batch norm whose arguments have been read. */
export function resultOf(
  plan: Plan,
  x: AnyTensor,
  state: BatchNormState,
  values: BatchNormValues,
): BatchNormResult {
  const { checked, moments, correction } = values;
  return {
    y: sizeOf(x.shape) === 0
      ? emptyLike(x)
      : new SymbolicTensor(normalized(plan, values, checked.activation), [...x.shape]),
    state: checked.training
      ? newState(plan, moments, state, checked, correction)
      : tensorsOf(state),
  };
}

/** The result of batch norm of nothing. */
export function unchanged(x: AnyTensor, state: BatchNormState): BatchNormResult {
  return { y: emptyLike(x), state: tensorsOf(state) };
}

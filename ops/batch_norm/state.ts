/**
 * The state of batch norm: its moving statistics.
 *
 * @module
 */
import { mapTensors } from "../plan/tree.ts";
import { checkKeys, checkNames, fieldsOf } from "../tensor/arguments.ts";
import { checkVector } from "../tensor/checks.ts";
import { shown } from "../tensor/shown.ts";
import { tensor } from "../tensor/tensor.ts";
import type { Tensor, Vector } from "../tensor/types.ts";

/** What batch norm carries from one training step to the next: plain data, structured-clone safe. */
export interface BatchNormState<V = Vector> {
  /**
   * Moving mean per channel. The mean of a batch that goes into it is within 3e-7 of the larger of its
   * magnitude and the batch's deviation, wherever up to three outliers lie.
   */
  readonly movingMean: V;
  /** Moving variance per channel. */
  readonly movingVariance: V;
  /** What `zeroDebiasMovingMean` needs. */
  readonly debias?: {
    /** Moving mean that started at 0. */
    readonly biased: V;
    /** Steps taken, shape `()`. */
    readonly localStep: V;
  };
  /** What `renorm` needs. */
  readonly renorm?: {
    /** Moving standard deviation per channel. */
    readonly movingStddev: V;
    /** Moving mean that r and d refer to. */
    readonly renormMean: V;
    /** Moving standard deviation that r and d refer to. */
    readonly renormStddev: V;
  };
}

/**
 * The fields of a state and of its parts, each read once.
 *
 * @throws {TypeError} If it is not a plain object, or a part is none.
 */
export function stateFields(action: string, state: BatchNormState): BatchNormState {
  if (state === null || typeof state !== "object") {
    throw new TypeError(
      `Cannot ${action}: state must come from initBatchNorm or an earlier call, got ${
        shown(state)
      }`,
    );
  }
  const own = fieldsOf(action, "state", state);
  const { debias, renorm } = own;
  if (debias === undefined && renorm === undefined) return own;
  return {
    ...own,
    ...(debias !== undefined && { debias: fieldsOf(action, "state.debias", debias) }),
    ...(renorm !== undefined && { renorm: fieldsOf(action, "state.renorm", renorm) }),
  };
}

export function checkState(
  action: string,
  state: BatchNormState,
  channels: number,
  needs: { readonly zeroDebiasMovingMean: boolean; readonly renorm: boolean },
): void {
  checkKeys(action, "state", state, {
    movingMean: true,
    movingVariance: true,
    debias: true,
    renorm: true,
  });
  const fields = (name: "debias" | "renorm", keys: readonly string[], option: string) => {
    const part = state[name] as Record<string, Vector> | undefined;
    if (part === undefined) {
      throw new TypeError(
        `Cannot ${action}: state must have ${name} { ${
          keys.join(", ")
        } } with ${option}, as initBatchNorm({ ${option} }) makes it, got none`,
      );
    }
    checkNames(action, `state.${name}`, part, keys);
    for (const key of keys) {
      checkVector(action, `state.${name}.${key}`, part[key], key === "localStep" ? [] : [channels]);
    }
  };
  checkVector(action, "state.movingMean", state.movingMean, [channels]);
  checkVector(action, "state.movingVariance", state.movingVariance, [channels]);
  if (needs.zeroDebiasMovingMean || state.debias !== undefined) {
    fields("debias", ["biased", "localStep"], "zeroDebiasMovingMean: true");
  }
  if (needs.renorm || state.renorm !== undefined) {
    fields("renorm", ["movingStddev", "renormMean", "renormStddev"], "renorm: true");
  }
}

/** A state whose vectors are tensors, with the same numbers. */
export function tensorsOf(state: BatchNormState): BatchNormState<Tensor> {
  const asTensor = (value: unknown): unknown => {
    if (Array.isArray(value)) return tensor(value);
    if (value instanceof Float32Array) return tensor(value);
    return value;
  };
  const entries = (record: object): Record<string, unknown> =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, asTensor(value)]));
  const { debias, renorm } = state;
  return mapTensors({
    ...entries(state),
    ...(debias !== undefined && { debias: entries(debias) }),
    ...(renorm !== undefined && { renorm: entries(renorm) }),
  }, (kept) => kept) as unknown as BatchNormState<Tensor>;
}

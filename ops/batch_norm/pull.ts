/**
 * Plans the way back through batch norm.
 *
 * @module
 */
import { beforeActivation } from "../norm/activation.ts";
import type { NormParams } from "../norm/options.ts";
import type { Part } from "../norm/parts.ts";
import { pullParts, type Totals } from "../norm/vjp.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { read, SymbolicTensor } from "../plan/symbolic.ts";
import type { AnyRuntime } from "../runtime/runtime.ts";
import type { AnyTensor } from "../tensor/types.ts";
import { emptyLike, zeros } from "../tensor/zeros.ts";
import { checkedAdjustment } from "./adjustment.ts";
import type { BatchNormValues } from "./call.ts";
import {
  affineCotangents,
  type BatchNormCotangents,
  factorOf,
  momentCotangents,
  weightCotangent,
} from "./cotangents.ts";
import { normalized } from "./normalized.ts";
import type { BatchNormOptions } from "./options.ts";

export const PULL = "pull back batchNorm";

/**
 * x and dy are read twice, for the sums and for the cotangent of x, which is written once; where the
 * moments do not depend on x, dy alone is read for the latter.
 *
 * @param totals The sums over a batch that x is a part of, instead of its own.
 */
export function pullBack(
  plan: Plan,
  x: AnyTensor,
  values: BatchNormValues,
  options: BatchNormOptions<AnyRuntime>,
  dy: Value,
  totals?: Totals,
): { readonly cotangents: BatchNormCotangents; readonly sums: Totals } {
  const { checked, view, value, moments, beta, gamma } = values;
  const parts = x.shape.map((size, axis): Part => ({
    size,
    pooled: axis !== view.channelsAxis,
    ...(axis === view.channelsAxis && { channel: "group" }),
  }));
  const weights = checked.training && checked.batchWeights !== undefined
    ? read(plan, "batchWeights", checked.batchWeights)
    : undefined;
  const back = pullParts(plan, {
    x: value,
    dy: beforeActivation(plan, checked.activation, () => normalized(plan, values, "none"), dy),
    parts,
    moments,
    epsilon: checked.epsilon,
    factor: factorOf(plan, values, parts),
    constant: !checked.training || checked.moments !== undefined,
    weights,
    totals,
  });
  const channels = affineCotangents(plan, values, back);
  const tensor = (value: Value, shape: readonly number[]) => new SymbolicTensor(value, [...shape]);
  const perChannel = [view.size.c];
  const cotangents = {
    x: tensor(back.x, x.shape),
    params: {
      ...(beta && { beta: tensor(channels.beta, perChannel) }),
      ...(gamma && { gamma: tensor(channels.gamma, perChannel) }),
    },
    ...(weights && {
      batchWeights: tensor(weightCotangent(plan, values, parts, back), [view.size.n]),
    }),
    ...(channels.adjustment && { adjustment: channels.adjustment }),
    ...(checked.training && options.moments && { moments: momentCotangents(plan, values, back) }),
  };
  return { cotangents, sums: back };
}

/** The cotangents where x has no elements. */
export function nothing(
  x: AnyTensor,
  params: NormParams,
  options: BatchNormOptions<AnyRuntime>,
): BatchNormCotangents {
  const { center, scale, training = true, batchWeights, adjustment, moments } = options;
  const like = (vector: NonNullable<NormParams["beta"]>) =>
    zeros("shape" in vector ? vector.shape : [vector.length]);
  // A function is not called for nothing.
  const pair = typeof adjustment === "object" && checkedAdjustment(PULL, adjustment);
  return {
    x: emptyLike(x),
    params: {
      ...(params.beta && center !== false && { beta: like(params.beta) }),
      ...(params.gamma && scale !== false && { gamma: like(params.gamma) }),
    },
    ...(training && batchWeights && { batchWeights: like(batchWeights) }),
    ...(training && pair && {
      adjustment: { scale: zeros(pair.scale.shape), bias: zeros(pair.bias.shape) },
    }),
    ...(training && moments && {
      moments: { mean: like(moments.mean), m2: like(moments.m2), count: zeros([]) },
    }),
  };
}

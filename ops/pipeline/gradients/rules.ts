/**
 * How each op of a pipeline is differentiated: what it returns, and the way back to its arguments.
 *
 * @module
 */
import type { BatchNormCotangents } from "../../batch_norm/cotangents.ts";
import type { MomentsGradients, SymbolicMomentsVjp } from "../../moments/vjp.ts";
import type { RecordedOps } from "../recorded_ops.ts";
import type { Recorders } from "../recorders.ts";
import { arithmeticRules } from "./arithmetic_rules.ts";
import { type Rule, ruleOf } from "./rule.ts";

/** The rules of all ops that have one. */
export function rulesOf(recorders: Recorders): Partial<Record<keyof RecordedOps, Rule>> {
  return {
    gdn: ruleOf(recorders.gdnVjp, "x", "params"),
    groupNorm: ruleOf(recorders.groupNormVjp, "x", "params"),
    instanceNorm: ruleOf(recorders.instanceNormVjp, "x", "params"),
    layerNorm: ruleOf(recorders.layerNormVjp, "x", "params"),
    rmsNorm: ruleOf(recorders.rmsNormVjp, "x", "params"),
    activate: ruleOf(recorders.activateVjp, "x"),
    batchNorm: ofBatchNorm(recorders),
    moments: ofMoments(recorders),
    ...arithmeticRules,
  };
}

/** Batch norm: the state that it returns is a constant. */
function ofBatchNorm({ batchNormVjp }: Recorders): Rule {
  const NAMES = ["batchWeights", "adjustment", "moments"] as const;
  return (plan, args) => {
    const [x, params, state, options] = args as Parameters<RecordedOps["batchNormVjp"]>;
    const { vjp, ...result } = batchNormVjp(plan, x, params, state, options);
    return {
      result,
      outputs: [result.y],
      inputs: [x, params, ...NAMES.map((name) => options?.[name])],
      pull([dy]) {
        const cotangents: BatchNormCotangents = vjp(dy!);
        return [cotangents.x, cotangents.params, ...NAMES.map((name) => cotangents[name])];
      },
    };
  };
}

/** Moments: what float32 takes from the mean is a constant. */
function ofMoments({ momentsVjp }: Recorders): Rule {
  return (plan, args) => {
    const [x, options] = args as Parameters<RecordedOps["momentsVjp"]>;
    const { moments, vjp }: SymbolicMomentsVjp = momentsVjp(plan, x, options);
    return {
      result: moments,
      outputs: [moments.count, moments.mean, moments.m2],
      inputs: [x, options?.batchWeights],
      pull([count, mean, m2]) {
        // What is undefined counts as left out.
        const cotangents = vjp({ count, mean, m2 } as MomentsGradients);
        return [cotangents.x, cotangents.batchWeights];
      },
    };
  };
}

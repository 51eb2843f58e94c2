/**
 * How each op of a pipeline is differentiated: what it returns, and the way back to its arguments.
 *
 * @module
 */
import type { BatchNormCotangents } from "../../batch_norm/cotangents.ts";
import type { MomentsGradients, SymbolicMomentsVjp } from "../../moments/vjp.ts";
import { arithmeticRules } from "./arithmetic_rules.ts";
import { fieldsOf } from "../../tensor/arguments.ts";
import type { RecordedOps } from "../ops.ts";
import type { Recorders } from "../recorders.ts";
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
    const own = options === undefined ? {} : fieldsOf("apply batchNorm", "options", options);
    const { vjp, ...result } = batchNormVjp(plan, x, params, state, own);
    return {
      result,
      outputs: [result.y],
      inputs: [x, params, ...NAMES.map((name) => own[name])],
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
    const own = options === undefined ? {} : fieldsOf("take moments", "options", options);
    const { moments, vjp }: SymbolicMomentsVjp = momentsVjp(plan, x, own);
    return {
      result: moments,
      outputs: [moments.count, moments.mean, moments.m2],
      inputs: [x, own.batchWeights],
      pull([count, mean, m2]) {
        const given: MomentsGradients = {
          ...(count !== undefined && { count }),
          ...(mean !== undefined && { mean }),
          ...(m2 !== undefined && { m2 }),
        };
        const cotangents = vjp(given);
        return [cotangents.x, cotangents.batchWeights];
      },
    };
  };
}

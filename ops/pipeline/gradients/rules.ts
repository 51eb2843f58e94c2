/**
 * How each op of a pipeline is differentiated: what it returns, and the way back to its arguments.
 *
 * @module
 */
import type { BatchNormCotangents } from "../../batch_norm/cotangents.ts";
import type { Plan } from "../../plan/plan.ts";
import type { MomentsGradients, SymbolicMomentsVjp } from "../../moments/vjp.ts";
import { fieldsOf } from "../../tensor/arguments.ts";
import type { Tensor } from "../../tensor/types.ts";
import type { RecordedOps } from "../ops.ts";
import type { Recorders } from "../recorders.ts";

/** An op that has been recorded with its way back. */
export interface Pullable {
  /** What the op returns. */
  readonly result: unknown;
  /** The tensors of the result through which gradients pass. */
  readonly outputs: readonly Tensor[];
  /** The arguments, or parts of them, to which they pass. */
  readonly inputs: readonly unknown[];
  /**
   * From cotangents of the outputs, of which at least one is there, to those of the inputs: trees in the
   * form of the inputs, where what is missing has no gradient.
   */
  readonly pull: (cotangents: readonly (Tensor | undefined)[]) => readonly unknown[];
}

type Rule = (plan: Plan, args: readonly unknown[]) => Pullable;

/** The op by whose name a twin is found that records both ways. */
type Both = Extract<keyof Recorders, `${string}Vjp`>;

/** The rules of all ops that have one. */
export function rulesOf(recorders: Recorders): Partial<Record<keyof RecordedOps, Rule>> {
  /** An op of x and parameters, whose twin returns y and the cotangents by these names. */
  const ofNames = (twin: Both, ...names: readonly string[]): Rule => (plan, args) => {
    const record = recorders[twin] as (plan: Plan, ...args: unknown[]) => {
      readonly y: Tensor;
      readonly vjp: (dy: Tensor) => Readonly<Record<string, unknown>>;
    };
    const { y, vjp } = record(plan, ...args);
    return {
      result: y,
      outputs: [y],
      inputs: names.map((_, i) => args[i]),
      pull([dy]) {
        const cotangents = vjp(dy!);
        return names.map((name) => cotangents[name]);
      },
    };
  };
  return {
    gdn: ofNames("gdnVjp", "x", "params"),
    groupNorm: ofNames("groupNormVjp", "x", "params"),
    instanceNorm: ofNames("instanceNormVjp", "x", "params"),
    layerNorm: ofNames("layerNormVjp", "x", "params"),
    rmsNorm: ofNames("rmsNormVjp", "x", "params"),
    activate: ofNames("activateVjp", "x"),
    batchNorm: ofBatchNorm(recorders),
    moments: ofMoments(recorders),
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

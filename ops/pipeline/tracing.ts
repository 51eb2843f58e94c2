/**
 * The ops that the function of a pipeline is traced with.
 *
 * @module
 */
import type { Plan } from "../plan/plan.ts";
import { checkArguments } from "../tensor/arguments.ts";
import { rulesOf } from "./gradients/rules.ts";
import { Tapes } from "./gradients/tapes.ts";
import type { PipelineOps, RecordedOps } from "./ops.ts";
import { MOST_ARGUMENTS, recordersOf } from "./recorders.ts";

const RECORDERS = recordersOf("trace a pipeline", "pipeline");
const RULES = rulesOf(RECORDERS);

/** The ops that record in a plan, none of which takes an argument too many. */
export function tracingOps(plan: Plan): PipelineOps {
  const tapes = new Tapes(plan, RECORDERS, RULES);
  const recorded = (Object.keys(RECORDERS) as (keyof RecordedOps)[]).map((name) => {
    return [name, (...args: unknown[]) => tapes.record(name, args)] as const;
  });
  const ops = [
    ...recorded,
    ["valueAndGrad", tapes.valueAndGrad.bind(tapes)],
    ["grad", tapes.grad.bind(tapes)],
    ["stopGradient", tapes.stopGradient.bind(tapes)],
  ] as readonly (readonly [keyof PipelineOps, (...args: unknown[]) => unknown])[];
  return Object.fromEntries(ops.map(([name, run]) => {
    const op = (...args: unknown[]) => {
      checkArguments(`trace ops.${name}`, args, MOST_ARGUMENTS[name]);
      return run(...args);
    };
    return [name, op];
  })) as unknown as PipelineOps;
}

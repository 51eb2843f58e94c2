/**
 * The ops that the function of a pipeline is traced with.
 *
 * @module
 */
import type { Plan } from "../plan/plan.ts";
import { checkArguments } from "../tensor/arguments.ts";
import { rulesOf } from "./gradients/rules.ts";
import { Tapes } from "./gradients/tapes.ts";
import type { PipelineOps } from "./ops.ts";
import type { RecordedOps } from "./recorded_ops.ts";
import { MOST_ARGUMENTS, recordersOf } from "./recorders.ts";

const RECORDERS = recordersOf("trace a pipeline", "pipeline");
const RULES = rulesOf(RECORDERS);

/** What the tapes do themselves. */
type OfTapes = Record<
  Exclude<keyof PipelineOps, keyof RecordedOps>,
  (...args: unknown[]) => unknown
>;

/** The ops that record in a plan, none of which takes an argument too many. */
export function tracingOps(plan: Plan): PipelineOps {
  const tapes = new Tapes(plan, RECORDERS, RULES);
  return Object.fromEntries(
    Object.entries(MOST_ARGUMENTS).map(([name, most]) => {
      const op = (...args: unknown[]) => {
        checkArguments(`trace ops.${name}`, args, most);
        return Object.hasOwn(RECORDERS, name)
          ? tapes.record(name as keyof RecordedOps, args)
          : (tapes as unknown as OfTapes)[name as keyof OfTapes](...args);
      };
      return [name, op];
    }),
  ) as unknown as PipelineOps;
}

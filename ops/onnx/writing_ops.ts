/**
 * The ops that a function is traced with: each is checked as in a pipeline, and written as nodes.
 *
 * @module
 */
import { MOST_ARGUMENTS, recordersOf } from "../pipeline/recorders.ts";
import type { PipelineOps } from "../pipeline/ops.ts";
import type { RecordedOps } from "../pipeline/recorded_ops.ts";
import { checkTrees } from "../plan/check_trees.ts";
import type { Plan } from "../plan/plan.ts";
import { SymbolicTensor } from "../plan/symbolic.ts";
import { mapTensors } from "../plan/tree.ts";
import { checkArguments, readable } from "../tensor/arguments.ts";
import type { Value } from "./graph.ts";
import { writers, type Written } from "./writers.ts";
import { ACTION, type Writing } from "./writing.ts";

const RECORDERS = recordersOf("trace a pipeline", "pipeline");

/** The ops of a pipeline, written as nodes. */
export function writingOps(w: Writing): PipelineOps {
  const names = Object.keys(MOST_ARGUMENTS) as (keyof PipelineOps)[];
  return Object.fromEntries(names.map((name) => {
    const op = (...args: unknown[]) => {
      checkArguments(`trace ops.${name}`, args, MOST_ARGUMENTS[name]);
      // Read once: what getters say later does not count.
      const own = readable(ACTION, "arguments", () => mapTensors(args, (tensor) => tensor, ACTION));
      return name === "stopGradient" ? stopped(own[0]) : written(w, name, own);
    };
    return [name, op];
  })) as unknown as PipelineOps;
}

/** A tree through which no gradient passes: here none does anyway. */
function stopped(tree: unknown): unknown {
  checkTrees("stop a gradient", { tree });
  return tree;
}

/** Records an op for its checks and the shapes of its results, and writes it. */
function written(w: Writing, name: keyof PipelineOps, args: readonly unknown[]): unknown {
  const write = writers[name as keyof RecordedOps] as
    | ((w: Writing, ...args: readonly unknown[]) => Written)
    | undefined;
  if (write === undefined) {
    throw new TypeError(
      `Cannot ${ACTION}: fn must only call ops that go forward, got a call of ops.${name}`,
    );
  }
  const record = RECORDERS[name as keyof RecordedOps] as (
    plan: Plan,
    ...args: readonly unknown[]
  ) => unknown;
  const result = record(w.plan, ...args);
  w.graph.op = name;
  if (result instanceof SymbolicTensor) w.bind(result, write(w, ...args) as Value);
  else bindFields(w, result as Readonly<Record<string, unknown>>, () => write(w, ...args));
  return result;
}

/** Binds the fields of a result. Of what is empty or known beforehand there is nothing to write. */
function bindFields(
  w: Writing,
  result: Readonly<Record<string, unknown>>,
  write: () => Written,
): void {
  const computed = Object.entries(result).filter(([, field]) => field instanceof SymbolicTensor);
  if (computed.length === 0) return;
  const values = write() as Readonly<Record<string, Value>>;
  for (const [key, tensor] of computed) w.bind(tensor as SymbolicTensor, values[key]);
}

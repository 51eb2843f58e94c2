/**
 * The ops of pipelines, each computed when it is called.
 *
 * @module
 */
import { fixedAdjustment } from "../batch_norm/adjustment.ts";
import { type BatchNormOptions, checkBatchNorm } from "../batch_norm/options.ts";
import { type BatchNormState, stateFields } from "../batch_norm/state.ts";
import { runOpAtOnce } from "../call/calls.ts";
import { checkTrees } from "../plan/check_trees.ts";
import type { Plan } from "../plan/plan.ts";
import { copyOf, mapTensors, owned } from "../plan/tree.ts";
import { checkComputesAtOnce, checkRuntime, isRuntime } from "../runtime/runner.ts";
import type { AnyRuntime } from "../runtime/runtime.ts";
import { checkArguments, fieldsOf, readable } from "../tensor/arguments.ts";
import type { TensorLike } from "../tensor/types.ts";
import type { PipelineOps } from "./ops.ts";
import type { RecordedOps } from "./recorded_ops.ts";
import { MOST_ARGUMENTS, recordersOf } from "./recorders.ts";
import { tracingOps } from "./tracing.ts";

/** Records an op; called with whatever a caller gives it. */
type Recorder = (plan: Plan, ...args: unknown[]) => unknown;

/** An op of both ways, each recorded by itself. */
interface BothWays {
  readonly forth: Recorder;
  /** Given the cotangents, and the arguments of the op. */
  readonly back: Recorder;
  /** How many arguments the way back takes. */
  readonly most: number;
  /** The arguments as both ways are to see them, where that is not as they were given. */
  readonly fixed?: (args: unknown[]) => unknown[];
}

/** An op, and how it is run. */
interface Op {
  readonly name: keyof RecordedOps;
  readonly action: string;
  readonly run: Recorder | BothWays;
}

let made: readonly Op[] | undefined;

/** All ops. Calls are remembered by their recorders, so there is one of each; pages that use none have none. */
function allOps(): readonly Op[] {
  return made ??= (Object.entries(recordersOf("run an op", "eager")) as [
    keyof RecordedOps,
    Recorder,
  ][]).map(([name, record]) => ({
    name,
    action: `run ops.${name}`,
    run: name.endsWith("Vjp") ? bothWaysOf(name, record) : record,
  }));
}

/**
 * The ops that a {@linkcode pipeline}'s function is given, each of which computes at once and returns
 * tensors with data: no promise, on wasm or cpu. A function that has been written for a pipeline runs
 * with them step by step, with the same numbers, where a debugger or a `console.log` can see them all.
 *
 * They compute on the calling thread, also on wasm with threads; pending calls go on beside them.
 * Calls are remembered as those of the ops outside of pipelines are. What a `vjp` needs of the arguments
 * is copied. In a scope the results stay in the runtime's memory until the scope ends; their type is the
 * same.
 *
 * @param runtime Where to run: a runtime on wasm or cpu, or a scope of one.
 * @returns The ops. Each throws what it does not take; where a pipeline takes no `runtime` or `replicas`
 * in the options of an op, neither do these.
 * @throws {TypeError} If it is no runtime, or one on another backend.
 *
 * @example Usage
 * ```ts
 * import { createRuntime, eager, type PipelineOps, type Tensor, tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = (ops: PipelineOps, x: Tensor) => {
 *   const centred = ops.sub(x, ops.mean(x));
 *   return ops.mean(ops.mul(centred, centred));
 * };
 * await using runtime = await createRuntime({ backend: "wasm" });
 * const ops = eager(runtime);
 * assertEquals(ops.mean(tensor([1, 3])).data[0], 2);
 * assertEquals(loss(ops, tensor([1, 3])).data[0], 1);
 * ```
 */
export function eager(runtime: AnyRuntime): PipelineOps {
  const action = "make eager ops";
  checkArguments(action, arguments, 1);
  if (runtime === undefined) {
    throw new TypeError(
      `Cannot ${action}: runtime must be given, as the shared one is opened by a call that is awaited, ` +
        "got undefined",
    );
  }
  checkRuntime(action, runtime);
  checkComputesAtOnce(action, runtime);
  /** The ops of the gradient that is being traced: those of its function record instead. */
  let tracing: PipelineOps | undefined;
  const ops = allOps().map(({ name, action, run }) => {
    const op = (...args: unknown[]) => {
      if (tracing !== undefined) return (tracing[name] as (...args: unknown[]) => unknown)(...args);
      const most = MOST_ARGUMENTS[name];
      checkArguments(action, args, most);
      refuseRuntime(action, args[most - 1]);
      return typeof run === "function"
        ? runOpAtOnce(action, runtime, run, ...args)
        : runBothWays(action, runtime, run, args);
    };
    return [name, op];
  });
  const gradients = (["valueAndGrad", "grad"] as const).map((name) => {
    const record: Recorder = (plan, ...args) => {
      const before = tracing;
      tracing = tracingOps(plan);
      try {
        return (tracing[name] as (...args: unknown[]) => unknown)(...args);
      } finally {
        tracing = before;
      }
    };
    const op = (...args: unknown[]) => {
      if (tracing !== undefined) return (tracing[name] as (...args: unknown[]) => unknown)(...args);
      checkArguments(`run ops.${name}`, args, MOST_ARGUMENTS[name]);
      return runOpAtOnce(`run ops.${name}`, runtime, record, ...args);
    };
    return [name, op];
  });
  const stopGradient = (...args: unknown[]) => {
    checkArguments("run ops.stopGradient", args, MOST_ARGUMENTS.stopGradient);
    if (tracing !== undefined) return tracing.stopGradient(args[0] as object);
    checkTrees("stop a gradient", { tree: args[0] }, true);
    return args[0];
  };
  return Object.fromEntries([...ops, ...gradients, ["stopGradient", stopGradient]]);
}

/** Remembered calls leave the runtime out, so that recorders do not see one that was given. */
function refuseRuntime(action: string, options: unknown): void {
  const given = readable(action, "options", () => (options as { runtime?: unknown })?.runtime);
  if (!isRuntime(given)) return;
  throw new TypeError(
    `Cannot ${action}: runtime must be given to eager, got one in an op's options`,
  );
}

function bothWaysOf(name: keyof PipelineOps, record: Recorder): BothWays {
  const pulled = (plan: Plan, args: unknown[]) =>
    record(plan, ...args) as { readonly vjp: (...cotangents: unknown[]) => unknown };
  return {
    forth: (plan, ...args) => {
      const { vjp: _, ...results } = pulled(plan, args);
      return results;
    },
    back: (plan, cotangents, args) =>
      pulled(plan, args as unknown[]).vjp(...cotangents as unknown[]),
    most: name === "momentsVjp" ? 2 : 1,
    ...(name === "batchNormVjp" && { fixed: withFixedAdjustment }),
  };
}

/** Runs an op, and returns the way back with its results. */
function runBothWays(
  action: string,
  runtime: AnyRuntime,
  { forth, back, most, fixed }: BothWays,
  args: unknown[],
): object {
  // The caller may change the data afterwards.
  const copies = readable(action, "arguments", () => mapTensors(args, copyOf, action));
  const kept = fixed === undefined ? copies : fixed(copies);
  const results = runOpAtOnce(action, runtime, forth, ...kept) as object;
  const vjp = (...cotangents: unknown[]) => {
    checkArguments(`${action}'s vjp`, cotangents, most);
    return runOpAtOnce(action, runtime, back, cotangents, kept);
  };
  return { ...results, vjp };
}

/** Arguments of batch norm whose adjustment, if it is a function, has been called once for both ways. */
function withFixedAdjustment(args: unknown[]): unknown[] {
  const [x, params, state, options] = args;
  if (options === undefined) return args;
  const action = "apply batchNorm";
  const own = fieldsOf(action, "options", options as BatchNormOptions);
  if (typeof own.adjustment !== "function") return args;
  const ownX = readable(action, "x", () => owned(x as TensorLike));
  const before = stateFields(action, state as BatchNormState);
  const { training } = readable(action, "x", () => checkBatchNorm(action, ownX, before, own));
  return [x, params, state, fixedAdjustment(action, ownX, own, training)];
}

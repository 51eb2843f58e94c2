/**
 * Calls that were recorded before. A call with arguments of the same shapes and the same plain
 * values records the same plan, so that it need not be checked and recorded again: only the data
 * differ, and each call reads its own.
 *
 * @module
 */
import { Plan } from "../plan/plan.ts";
import type { Slot } from "../plan/symbolic.ts";
import { mapTensors } from "../plan/tree.ts";
import { keeperOf } from "../runtime/execute.ts";
import { checkRuntime } from "../runtime/runner.ts";
import type { AnyRuntime, Placed } from "../runtime/runtime.ts";
import { readable } from "../tensor/arguments.ts";
import type { Elements } from "../tensor/elements.ts";
import type { Given } from "../tensor/foreign.ts";
import { LazyTensor } from "../tensor/lazy.ts";
import type { Tensor } from "../tensor/types.ts";
import { type Output, outputOf, runOutput } from "./output.ts";
import { matches, type Pattern, patternOf, rebuilt } from "./pattern.ts";

/** How many calls of one op are remembered. */
const LIMIT = 16;

interface Call {
  readonly pattern: Pattern;
  readonly slots: readonly Slot[];
  readonly output: Output<unknown>;
}

const remembered = new WeakMap<object, Calls>();

/**
 * Runs a single op.
 *
 * @param action What the op does, for messages.
 * @param record Checks its arguments and records it. Calls are remembered under this function, so it
 * must be the same one at every call.
 */
export function runOp<A extends readonly unknown[], T, R extends AnyRuntime>(
  action: string,
  runtime: R | undefined,
  record: (plan: Plan, ...args: A) => T,
  ...args: Given<A>
): Promise<Placed<T, R>> {
  checkRuntime(action, runtime);
  const keeper = keeperOf(runtime);
  if (keeper === undefined) {
    return runOutput(outputOfCall(record, ownArguments(action, args)), runtime);
  }
  let calls = remembered.get(keeper);
  if (calls === undefined) remembered.set(keeper, calls = new Calls());
  return calls.with(action, args, record, (output) => runOutput(output, runtime));
}

/** The calls that a runtime remembers. */
export class Calls {
  /** By their recorders. */
  readonly #byRecorder = new WeakMap<object, Call[]>();

  /**
   * Has an output run with the data of `args`.
   *
   * @param action What the op does, for messages.
   * @param record Records a call that is not known; what it throws is not remembered.
   */
  with<A extends readonly unknown[], T, R>(
    action: string,
    args: Given<A>,
    record: (plan: Plan, ...args: A) => T,
    run: (output: Output<T>) => R,
  ): R {
    let calls = this.#byRecorder.get(record);
    if (calls === undefined) this.#byRecorder.set(record, calls = []);
    // Data are put in place only where everything matches: a getter among the arguments may throw, or
    // call this op itself.
    let data: Elements[] = [];
    let call = readable(
      action,
      "arguments",
      () => calls.find(({ pattern }) => matches(pattern, args, data = [])),
    );
    if (call === undefined) {
      call = recorded(action, args, record);
      if (call === undefined) return run(outputOfCall(record, ownArguments(action, args)));
      calls.unshift(call);
      if (calls.length > LIMIT) calls.pop();
    } else {
      if (calls[0] !== call) {
        calls.splice(calls.indexOf(call), 1);
        calls.unshift(call);
      }
      for (let i = 0; i < data.length; i++) call.slots[i].current = data[i];
    }
    const { slots, output } = call;
    try {
      return run(output as Output<T>);
    } finally {
      // The data have been read by now, and are the caller's again.
      for (const slot of slots) slot.current = undefined;
    }
  }
}

/** A call to be remembered, whose slots hold the data of `args`, unless it has to be looked at always. */
function recorded<A extends readonly unknown[], T>(
  action: string,
  args: Given<A>,
  record: (plan: Plan, ...args: A) => T,
): Call | undefined {
  const slots: Slot[] = [];
  const pattern = readable(action, "arguments", () => patternOf(args, slots, 0));
  return pattern &&
    { pattern, slots, output: outputOfCall(record, rebuilt(pattern) as unknown as A) };
}

function outputOfCall<A extends readonly unknown[], T>(
  record: (plan: Plan, ...args: A) => T,
  args: A,
): Output<T> {
  const plan = new Plan();
  return outputOf(plan, record(plan, ...args));
}

/** Arguments in which the tensors of others have become ours, whose shapes no longer change. */
function ownArguments<A extends readonly unknown[]>(action: string, args: Given<A>): A {
  const own = (tensor: Tensor) =>
    tensor instanceof LazyTensor ? tensor : { shape: [...tensor.shape], data: tensor.data };
  return readable(action, "arguments", () => mapTensors<unknown>(args, own, action)) as A;
}

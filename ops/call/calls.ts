/**
 * Calls that were recorded before. A call with arguments of the same shapes and the same plain
 * values records the same plan, so that it need not be checked and recorded again: only the data
 * differ, and each call reads its own.
 *
 * @module
 */
import { Plan } from "../plan/plan.ts";
import { readFrom, type Slot } from "../plan/symbolic.ts";
import { mapTensors } from "../plan/tree.ts";
import { keeperOf } from "../runtime/execute.ts";
import { checkRuntime } from "../runtime/runner.ts";
import type { AnyRuntime, Placed } from "../runtime/runtime.ts";
import { readable } from "../tensor/arguments.ts";
import type { Elements } from "../tensor/elements.ts";
import type { Given } from "../tensor/foreign.ts";
import { LazyTensor } from "../tensor/lazy.ts";
import type { Tensor } from "../tensor/types.ts";
import { type Output, outputOf, runOutput, runOutputAtOnce } from "./output.ts";
import { isShort, type Numbers, type Pattern, patternOf, rebuilt } from "./pattern.ts";
import { Recent } from "./recent.ts";

interface Call {
  readonly pattern: Pattern;
  readonly slots: readonly Slot[];
  readonly output: Output<unknown>;
  /** Whether it can be told from other calls. */
  readonly lasts: boolean;
}

const remembered = new WeakMap<object, Calls>();

/**
 * Runs a single op. Where nothing has to be waited for, this returns no promise.
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
): Placed<T, R> | Promise<Placed<T, R>> {
  checkRuntime(action, runtime);
  const keeper = keeperOf(runtime);
  if (keeper === undefined) {
    return runOutput(outputOfCall(record, ownArguments(action, args)), runtime);
  }
  return callsOf(keeper).with(action, args, record, (output) => runOutput(output, runtime));
}

/** As {@linkcode runOp}, on a runtime that `checkComputesAtOnce` lets pass: never a promise. */
export function runOpAtOnce<A extends readonly unknown[], T, R extends AnyRuntime>(
  action: string,
  runtime: R,
  record: (plan: Plan, ...args: A) => T,
  ...args: Given<A>
): Placed<T, R> {
  const calls = callsOf(keeperOf(runtime)!);
  const run = (output: Output<T>) => runOutputAtOnce(output, runtime);
  return calls.with(action, args, record, run, true);
}

function callsOf(keeper: object): Calls {
  let calls = remembered.get(keeper);
  if (calls === undefined) remembered.set(keeper, calls = new Calls());
  return calls;
}

/** The calls that a runtime remembers. */
export class Calls {
  /** By their recorders. */
  readonly #byRecorder = new WeakMap<object, Recent<Call>>();

  /**
   * Has an output run with the data of `args`.
   *
   * @param action What the op does, for messages.
   * @param record Records a call that is not known; what it throws is not remembered.
   * @param strictly As for `matches`: what `args` are has not been looked at.
   */
  with<A extends readonly unknown[], T, R>(
    action: string,
    args: Given<A>,
    record: (plan: Plan, ...args: A) => T,
    run: (output: Output<T>) => R,
    strictly = false,
  ): R {
    let calls = this.#byRecorder.get(record);
    if (calls === undefined) this.#byRecorder.set(record, calls = new Recent());
    // Data are put in place only where everything matches: a getter among the arguments may throw, or
    // call this op itself.
    const data: Elements[] = [];
    let call = known(action, calls, args, data, strictly);
    if (call === undefined) {
      call = recorded(action, args, record);
      if (call === undefined) return run(outputOfCall(record, ownArguments(action, args)));
      if (call.lasts) calls.add(call);
    } else for (let i = 0; i < data.length; i++) call.slots[i].current = data[i];
    const { slots, output } = call;
    try {
      return run(output as Output<T>);
    } finally {
      // The data have been read by now, and are the caller's again.
      for (const slot of slots) slot.current = undefined;
    }
  }
}

function known(
  action: string,
  calls: Recent<Call>,
  args: unknown,
  data: Elements[],
  strictly: boolean,
): Call | undefined {
  return readable(action, "arguments", () => calls.find(args, data, strictly));
}

/** A call to be remembered, whose slots hold the data of `args`, unless it has to be looked at always. */
function recorded<A extends readonly unknown[], T>(
  action: string,
  args: Given<A>,
  record: (plan: Plan, ...args: A) => T,
): Call | undefined {
  const all: Slot[] = [];
  const lists: Numbers[] = [];
  const pattern = readable(action, "arguments", () => patternOf(args, all, lists, 0));
  if (pattern === undefined) return undefined;
  for (const { list, slot } of lists) {
    slot.current = Float32Array.from(list);
    readFrom(list, slot);
  }
  const output = outputOfCall(record, rebuilt(pattern) as unknown as A);
  const options = new Map<Slot, Numbers>();
  for (const numbers of lists) {
    // Only what the plan has read as data may be other numbers in another call.
    numbers.areData = output.recorded.owners.includes(numbers.list);
    if (numbers.areData) numbers.list.length = 0;
    else options.set(numbers.slot, numbers);
  }
  const slots = all.filter((slot) => !options.has(slot));
  return { pattern, slots, output, lasts: [...options.values()].every(isShort) };
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

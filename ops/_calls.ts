/**
 * Calls that were recorded before. A call with arguments of the same shapes and the same plain
 * values records the same plan, so that it need not be checked and recorded again: only the data
 * differ, and each call reads its own.
 *
 * @module
 */
import { readable } from "./_checks.ts";
import { type Given, numbersOf, shapeOf } from "./_foreign.ts";
import { type Slot, SlotTensor, SymbolicTensor } from "./_graph.ts";
import { Plan } from "./_plan.ts";
import { asTensor, isPlain, mapTensors, type Output, outputOf, runOutput } from "./_run.ts";
import { checkRuntime, isRuntime, keeperOf } from "./_runtime.ts";
import type { Runtime } from "./runtime.ts";
import type { Tensor, TensorLike } from "./tensor.ts";

/** How many calls of one op are remembered. */
const LIMIT = 16;
/** Lists of more plain values than this are not compared. */
const LONGEST_LIST = 256;
/** Arguments nested deeper than this are not compared; it ends cycles. */
const DEEPEST = 32;

/** What arguments look like, but for the data of their tensors. */
type Pattern =
  | {
    readonly is: "tensor";
    readonly shape: readonly number[];
    readonly length: number;
    readonly slot: Slot;
  }
  | { readonly is: "data"; readonly length: number; readonly slot: Slot }
  | { readonly is: "list"; readonly items: readonly Pattern[] }
  | { readonly is: "record"; readonly keys: readonly string[]; readonly items: readonly Pattern[] }
  | { readonly is: "value"; readonly value: unknown }
  | { readonly is: "runtime" };

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
export function runOp<A extends readonly unknown[], T>(
  action: string,
  runtime: Runtime | undefined,
  record: (plan: Plan, ...args: A) => T,
  ...args: Given<A>
): Promise<T> {
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
    let data: Float32Array[] = [];
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
    tensor instanceof SymbolicTensor ? tensor : { shape: [...tensor.shape], data: tensor.data };
  return readable(action, "arguments", () => mapTensors<unknown>(args, own, action)) as A;
}

/** The pattern of a tree, unless something in it has to be looked at in every call. */
function patternOf(node: unknown, slots: Slot[], depth: number): Pattern | undefined {
  if (node instanceof SymbolicTensor || typeof node === "function") return undefined;
  if (depth > DEEPEST) return undefined;
  if (node === null || typeof node !== "object") return { is: "value", value: node };
  // Where a call runs does not change what is recorded.
  if (isRuntime(node)) return { is: "runtime" };
  if (node instanceof Float32Array) {
    const slot: Slot = { current: node };
    slots.push(slot);
    return { is: "data", length: node.length, slot };
  }
  const tensor = asTensor(node);
  if (tensor !== undefined) {
    const { shape, data } = tensor;
    const slot: Slot = { current: data };
    slots.push(slot);
    return { is: "tensor", shape: [...shape], length: data.length, slot };
  }
  if (Array.isArray(node)) {
    const items = node.length > LONGEST_LIST ? undefined : patternsOf(node, slots, depth);
    return items && { is: "list", items };
  }
  if (!isPlain(node) || Object.getPrototypeOf(node) === null) return undefined;
  const keys = Object.keys(node);
  const items = patternsOf(
    keys.map((key) => (node as Record<string, unknown>)[key]),
    slots,
    depth,
  );
  return items && { is: "record", keys, items };
}

function patternsOf(
  nodes: readonly unknown[],
  slots: Slot[],
  depth: number,
): Pattern[] | undefined {
  const patterns: Pattern[] = [];
  for (const node of nodes) {
    const pattern = patternOf(node, slots, depth + 1);
    if (pattern === undefined) return undefined;
    patterns.push(pattern);
  }
  return patterns;
}

/** Whether arguments look like a pattern; `data` then are those of its slots, in their order. */
function matches(pattern: Pattern, node: unknown, data: Float32Array[]): boolean {
  switch (pattern.is) {
    case "value":
      return Object.is(pattern.value, node);
    case "runtime":
      return isRuntime(node);
    case "data":
      if (!(node instanceof Float32Array) || node.length !== pattern.length) return false;
      data.push(node);
      return true;
    case "tensor": {
      if (node === null || typeof node !== "object" || node instanceof SymbolicTensor) return false;
      const shape = shapeOf(node);
      if (shape?.length !== pattern.shape.length) return false;
      for (let i = 0; i < shape.length; i++) if (shape[i] !== pattern.shape[i]) return false;
      const numbers = numbersOf(node as TensorLike);
      if (numbers?.length !== pattern.length) return false;
      data.push(numbers);
      return true;
    }
    case "list": {
      const { items } = pattern;
      if (!Array.isArray(node) || node.length !== items.length) return false;
      for (let i = 0; i < items.length; i++) if (!matches(items[i], node[i], data)) return false;
      return true;
    }
    case "record": {
      const { keys, items } = pattern;
      if (
        node === null || typeof node !== "object" ||
        Object.getPrototypeOf(node) !== Object.prototype
      ) return false;
      let i = 0;
      for (const key in node) {
        if (key !== keys[i] || !matches(items[i], (node as Record<string, unknown>)[key], data)) {
          return false;
        }
        i++;
      }
      return i === keys.length;
    }
  }
}

/** Arguments like those that a pattern was made from, whose data are those of the call being run. */
function rebuilt(pattern: Pattern): unknown {
  switch (pattern.is) {
    case "value":
      return pattern.value;
    case "runtime":
      return undefined;
    case "list":
      return pattern.items.map(rebuilt);
    case "record":
      return Object.fromEntries(pattern.keys.map((key, i) => [key, rebuilt(pattern.items[i])]));
    case "data":
      return new SlotTensor([pattern.length], pattern.slot);
    case "tensor":
      return new SlotTensor(pattern.shape, pattern.slot);
  }
}

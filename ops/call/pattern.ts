/**
 * Patterns of arguments: what two calls must have in common to be the same plan.
 *
 * @module
 */
import { DeviceSlotTensor, type Slot, SlotTensor, SymbolicTensor } from "../plan/symbolic.ts";
import { asTensor, isPlain } from "../plan/tree.ts";
import { isRuntime } from "../runtime/runner.ts";
import { DeviceTensor, type Elements } from "../tensor/elements.ts";
import { numbersOf, shapeOf } from "../tensor/foreign.ts";
import { LazyTensor } from "../tensor/lazy.ts";
import { sameShape } from "../tensor/shape.ts";
import type { TensorLike } from "../tensor/types.ts";

/** Lists of more plain values than this are not compared. */
const LONGEST_LIST = 256;
/** Arguments nested deeper than this are not compared; it ends cycles. */
const DEEPEST = 32;

/** What arguments look like, without the data of their tensors. */
export type Pattern =
  | {
    readonly is: "tensor";
    readonly shape: readonly number[];
    readonly length: number;
    readonly slot: Slot;
  }
  | { readonly is: "device"; readonly shape: readonly number[]; readonly slot: Slot }
  | { readonly is: "data"; readonly length: number; readonly slot: Slot }
  | Numbers
  | { readonly is: "list"; readonly items: readonly Pattern[] }
  | { readonly is: "record"; readonly keys: readonly string[]; readonly items: readonly Pattern[] }
  | { readonly is: "value"; readonly value: unknown }
  | { readonly is: "runtime" };

/** A list of numbers, which may be options, such as axes, or data, such as gamma. */
export interface Numbers {
  readonly is: "numbers";
  /** Those of the call that was recorded; emptied if they are data. */
  readonly list: number[];
  readonly length: number;
  readonly slot: Slot;
  /** Whether they are data, as is known once the call has been recorded; else all must be the same. */
  areData: boolean;
}

/**
 * The pattern of a tree, unless something in it has to be looked at in every call.
 *
 * @param slots Gets the slots of its data, and of all lists of numbers.
 * @param lists Gets these lists.
 */
export function patternOf(
  node: unknown,
  slots: Slot[],
  lists: Numbers[],
  depth: number,
): Pattern | undefined {
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
  if (node instanceof DeviceTensor) {
    const slot: Slot = { current: node.elements };
    slots.push(slot);
    return { is: "device", shape: node.shape, slot };
  }
  const tensor = asTensor(node);
  if (tensor !== undefined) {
    const { shape, data } = tensor;
    const slot: Slot = { current: data };
    slots.push(slot);
    return { is: "tensor", shape: [...shape], length: data.length, slot };
  }
  if (Array.isArray(node)) {
    const children: unknown[] = Array.from(node);
    if (children.length > 0 && areNumbers(children)) {
      const slot: Slot = { current: undefined };
      const numbers: Numbers = {
        is: "numbers",
        list: children,
        length: children.length,
        slot,
        areData: false,
      };
      lists.push(numbers);
      slots.push(slot);
      return numbers;
    }
    const items = children.length > LONGEST_LIST
      ? undefined
      : patternsOf(children, slots, lists, depth);
    return items && { is: "list", items };
  }
  if (!isPlain(node) || Object.getPrototypeOf(node) === null) return undefined;
  const keys = Object.keys(node);
  const items = patternsOf(
    keys.map((key) => (node as Record<string, unknown>)[key]),
    slots,
    lists,
    depth,
  );
  return items && { is: "record", keys, items };
}

function patternsOf(
  nodes: readonly unknown[],
  slots: Slot[],
  lists: Numbers[],
  depth: number,
): Pattern[] | undefined {
  const patterns: Pattern[] = [];
  for (const node of nodes) {
    const pattern = patternOf(node, slots, lists, depth + 1);
    if (pattern === undefined) return undefined;
    patterns.push(pattern);
  }
  return patterns;
}

function areNumbers(list: unknown[]): list is number[] {
  // By index, as `every` passes over holes.
  for (let i = 0; i < list.length; i++) if (typeof list[i] !== "number") return false;
  return true;
}

/** Whether a list of numbers can be compared in every call. */
export function isShort({ length }: Numbers): boolean {
  return length <= LONGEST_LIST;
}

/**
 * Whether arguments look like a pattern; `data` then are those of its slots, in their order.
 *
 * @param strictly Whether a record that has a symbol or a getter looks like none: it has not been looked
 * at before, and getters are asked once, by what looks closely.
 */
export function matches(
  pattern: Pattern,
  node: unknown,
  data: Elements[],
  strictly = false,
): boolean {
  switch (pattern.is) {
    case "value":
      return Object.is(pattern.value, node);
    case "runtime":
      return isRuntime(node);
    case "data":
      if (!(node instanceof Float32Array) || node.length !== pattern.length) return false;
      data.push(node);
      return true;
    case "numbers": {
      const { list, length, areData } = pattern;
      if (!Array.isArray(node) || node.length !== length) return false;
      if (!areData) return list.every((number, i) => Object.is(number, node[i]));
      if (!areNumbers(node)) return false;
      data.push(Float32Array.from(node));
      return true;
    }
    case "tensor": {
      if (node === null || typeof node !== "object" || node instanceof LazyTensor) return false;
      const shape = node instanceof Float32Array ? [node.length] : shapeOf(node);
      if (shape === undefined || !sameShape(pattern.shape, shape)) return false;
      const numbers = node instanceof Float32Array ? node : numbersOf(node as TensorLike);
      if (numbers?.length !== pattern.length) return false;
      data.push(numbers);
      return true;
    }
    case "device":
      if (!(node instanceof DeviceTensor) || !sameShape(pattern.shape, node.shape)) return false;
      data.push(node.elements);
      return true;
    case "list": {
      const { items } = pattern;
      if (!Array.isArray(node) || node.length !== items.length) return false;
      for (let i = 0; i < items.length; i++) {
        if (!matches(items[i], node[i], data, strictly)) return false;
      }
      return true;
    }
    case "record": {
      const { keys, items } = pattern;
      if (
        node === null || typeof node !== "object" ||
        Object.getPrototypeOf(node) !== Object.prototype ||
        (strictly && Object.getOwnPropertySymbols(node).length > 0)
      ) return false;
      let i = 0;
      for (const key in node) {
        if (key !== keys[i] || (strictly && hasGetter(node, key))) return false;
        const child = (node as Record<string, unknown>)[key];
        if (!matches(items[i], child, data, strictly)) return false;
        i++;
      }
      return i === keys.length;
    }
  }
}

function hasGetter(node: object, key: string): boolean {
  return Object.getOwnPropertyDescriptor(node, key)?.get !== undefined;
}

/** Arguments like those that a pattern was made from, whose data are those of the call being run. */
export function rebuilt(pattern: Pattern): unknown {
  switch (pattern.is) {
    case "value":
      return pattern.value;
    case "runtime":
      return undefined;
    case "numbers":
      return pattern.list;
    case "list":
      return pattern.items.map(rebuilt);
    case "record":
      return Object.fromEntries(pattern.keys.map((key, i) => [key, rebuilt(pattern.items[i])]));
    case "data":
      return new SlotTensor([pattern.length], pattern.slot);
    case "tensor":
      return new SlotTensor(pattern.shape, pattern.slot);
    case "device":
      return new DeviceSlotTensor(pattern.shape, pattern.slot);
  }
}

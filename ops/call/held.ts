/**
 * Tensors that an op of several runs holds in between.
 *
 * @module
 */
import { DeviceSlotTensor } from "../plan/symbolic.ts";
import { copyOf, mapTensors } from "../plan/tree.ts";
import { readable } from "../tensor/arguments.ts";
import { type DeviceData, DeviceTensor } from "../tensor/elements.ts";
import type { AnyTensor } from "../tensor/types.ts";

/**
 * Copies of the tensors of a tree, which the caller may change or end meanwhile; those on a device stay
 * where they are, with one holder more.
 *
 * @param action What they are for, for messages.
 * @param held Gets what has to be released in the end.
 */
export function heldCopies<T>(action: string, tree: T, held: DeviceData[]): T {
  return readable(action, "arguments", () =>
    mapTensors(tree, (tensor) => {
      if (!(tensor instanceof DeviceTensor)) return copyOf(tensor);
      const current = tensor.elements.retain();
      held.push(current);
      return new DeviceSlotTensor([...tensor.shape], { current });
    }, action));
}

/** The numbers of a tensor, which may be on a device; they outlive the memory of a scope. */
export function numbersOf(tensor: AnyTensor): Float32Array | Promise<Float32Array> {
  if (tensor instanceof DeviceTensor) return tensor.elements.read();
  return "location" in tensor ? tensor.data.slice() : tensor.data;
}

/** Ends a tensor in the memory of a scope before its scope does: such an op makes many. */
export function release(tensor: AnyTensor | undefined): void {
  if (tensor !== undefined && "location" in tensor) tensor[Symbol.dispose]();
}

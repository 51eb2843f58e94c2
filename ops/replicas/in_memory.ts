/**
 * Numbers that are to be sent.
 *
 * @module
 */
import { numbersOf } from "../call/held.ts";
import { mapTensors } from "../plan/tree.ts";
import { readable } from "../tensor/arguments.ts";
import { DeviceTensor } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/types.ts";

/** A tree whose tensors on a device have been read; without any, itself and at once. */
export function inMemory<T>(action: string, tree: T): T | Promise<T> {
  const reading: Promise<readonly [Tensor, Float32Array]>[] = [];
  readable(action, "arguments", () =>
    mapTensors(tree, (tensor) => {
      if (tensor instanceof DeviceTensor) reading.push(read(tensor));
      return tensor;
    }, action));
  return reading.length === 0 ? tree : replaced(action, tree, reading);
}

async function read(tensor: DeviceTensor): Promise<readonly [Tensor, Float32Array]> {
  return [tensor, await numbersOf(tensor)];
}

async function replaced<T>(
  action: string,
  tree: T,
  reading: readonly Promise<readonly [Tensor, Float32Array]>[],
): Promise<T> {
  const numbers = new Map(await Promise.all(reading));
  return mapTensors(tree, (tensor) => {
    const data = numbers.get(tensor) as Float32Array<ArrayBuffer> | undefined;
    return data === undefined ? tensor : { shape: [...tensor.shape], data };
  }, action);
}

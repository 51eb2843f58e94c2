/**
 * The tensors that ops record with: symbolic ones inside a pipeline, and those of remembered calls.
 *
 * @module
 */
import { checkNumbers } from "../tensor/checks.ts";
import { type DeviceData, DeviceTensor, type Elements, elementsOf } from "../tensor/elements.ts";
import { LazyTensor } from "../tensor/lazy.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { Tensor, Vector } from "../tensor/types.ts";
import type { Plan, Value } from "./plan.ts";

/** What an op returns inside a pipeline, with the way back to the cotangents C of its arguments. */
export interface SymbolicVjp<C> {
  /** The op's result. */
  readonly y: Tensor;
  /** From a cotangent of `y`, of its shape, to those of the arguments. */
  readonly vjp: (dy: Tensor) => C;
}

/** A tensor inside a pipeline: it has a shape, and its data exist only while the pipeline runs. */
export class SymbolicTensor extends LazyTensor {
  override readonly shape: readonly number[];
  readonly #value: Value;

  constructor(value: Value, shape: readonly number[]) {
    super();
    this.#value = value;
    this.shape = shape;
  }

  override get data(): Float32Array<ArrayBuffer> {
    throw new TypeError(
      "Cannot read the data of a tensor inside a pipeline: it must be passed to ops or returned, " +
        "got a read while the pipeline is traced",
    );
  }

  /** Its value in `plan`. */
  valueIn(plan: Plan): Value {
    if (this.#value.plan !== plan) {
      throw new TypeError(
        "Cannot use a tensor of a pipeline elsewhere: it must be passed to that pipeline's own ops " +
          "or returned, got one outside its trace",
      );
    }
    return this.#value;
  }
}

/** Where a remembered call finds the data of the call that is being run. */
export interface Slot {
  current: Elements | undefined;
}

/** A tensor in a remembered call: its data are those of whichever call is being run. */
export class SlotTensor implements Tensor {
  readonly shape: readonly number[];
  readonly #slot: Slot;

  constructor(shape: readonly number[], slot: Slot) {
    this.shape = shape;
    this.#slot = slot;
  }

  get data(): Float32Array<ArrayBuffer> {
    return this.#slot.current as Float32Array<ArrayBuffer>;
  }
}

/** As {@linkcode SlotTensor}, for data on a device. */
export class DeviceSlotTensor extends DeviceTensor {
  override readonly shape: readonly number[];
  readonly #slot: Slot;

  constructor(shape: readonly number[], slot: Slot) {
    super();
    this.shape = shape;
    this.#slot = slot;
  }

  override get data(): never {
    throw new Error("Cannot read data: they must be in memory, got some on a device");
  }

  override get elements(): DeviceData {
    return this.#slot.current as DeviceData;
  }
}

/** Lists of remembered calls, whose numbers are those of whichever call is being run. */
const listSlots = new WeakMap<readonly number[], Slot>();

/** Has plans that read a list find its numbers in a slot. */
export function readFrom(list: readonly number[], slot: Slot): void {
  listSlots.set(list, slot);
}

/** Reads a tensor or vector into a plan; the caller's data are read at the start of every run. */
export function read(plan: Plan, name: string, vector: Vector): Value {
  if (vector instanceof SymbolicTensor) return vector.valueIn(plan);
  if (vector instanceof Float32Array) return plan.input(name, vector, vector.length, () => vector);
  if (Array.isArray(vector)) {
    const slot = listSlots.get(vector);
    if (slot !== undefined) return plan.input(name, vector, vector.length, () => slot.current!);
    return plan.input(name, vector, vector.length, () => {
      checkNumbers("run a pipeline", name, vector);
      return Float32Array.from(vector);
    });
  }
  const tensor = vector as Tensor;
  return plan.input(name, tensor, sizeOf(tensor.shape), () => elementsOf(tensor));
}

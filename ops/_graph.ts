/**
 * What ops record with: tensors of the caller and symbolic ones alike, read into a plan.
 *
 * @module
 */
import type { Plan, Value } from "./_plan.ts";
import { formatShape, sameShape, sizeOf } from "./_shape.ts";
import type { Tensor, Vector } from "./tensor.ts";

/** A tensor inside a pipeline: it has a shape, and its data exist only while the pipeline runs. */
export class SymbolicTensor implements Tensor {
  readonly shape: readonly number[];
  readonly #value: Value;

  constructor(value: Value, shape: readonly number[]) {
    this.#value = value;
    this.shape = shape;
  }

  get data(): Float32Array {
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
  current: Float32Array | undefined;
}

/** A tensor in a remembered call: its data are those of whichever call is being run. */
export class SlotTensor implements Tensor {
  readonly shape: readonly number[];
  readonly #slot: Slot;

  constructor(shape: readonly number[], slot: Slot) {
    this.shape = shape;
    this.#slot = slot;
  }

  get data(): Float32Array {
    return this.#slot.current!;
  }
}

/** Checks that an argument is a tensor whose data fill its shape. */
export function checkTensor(action: string, name: string, x: unknown): asserts x is Tensor {
  if (x instanceof SymbolicTensor) return;
  const { shape, data } = (x ?? {}) as Partial<Tensor>;
  if (!Array.isArray(shape) || !(data instanceof Float32Array)) {
    throw new TypeError(
      `Cannot ${action}: ${name} must be a tensor of float32 data, got ${describe(x)}`,
    );
  }
  if (data.length !== sizeOf(shape)) {
    throw new TypeError(
      `Cannot ${action}: ${name} must have ${sizeOf(shape)} elements for shape ${
        formatShape(shape)
      }, got ${data.length}`,
    );
  }
}

/** Checks that an argument is one number for each element of `shape`. */
export function checkVector(
  action: string,
  name: string,
  vector: unknown,
  shape: readonly number[],
): asserts vector is Vector {
  if (Array.isArray(vector) || vector instanceof Float32Array) {
    if (Array.isArray(vector) && !vector.every((element) => typeof element === "number")) {
      throw new TypeError(`Cannot ${action}: ${name} must hold numbers, got ${describe(vector)}`);
    }
    if (shape.length === 1 && vector.length === shape[0]) return;
    throw new TypeError(
      `Cannot ${action}: ${name} must have shape ${formatShape(shape)}, got ${
        formatShape([vector.length])
      }`,
    );
  }
  checkTensor(action, name, vector);
  if (!sameShape(vector.shape, shape)) {
    throw new TypeError(
      `Cannot ${action}: ${name} must have shape ${formatShape(shape)}, got ${
        formatShape(vector.shape)
      }`,
    );
  }
}

/** Reads a tensor or vector into a plan; the caller's data are read anew at every run. */
export function read(plan: Plan, name: string, vector: Vector): Value {
  if (vector instanceof SymbolicTensor) return vector.valueIn(plan);
  if (vector instanceof Float32Array) return plan.input(name, vector, vector.length, () => vector);
  if (Array.isArray(vector)) {
    return plan.input(name, vector, vector.length, () => Float32Array.from(vector));
  }
  const tensor = vector as Tensor;
  const length = sizeOf(tensor.shape);
  return plan.input(name, tensor, length, () => checkedData(name, tensor, length));
}

/** A pipeline reads captured tensors again; one whose data have been swapped must still fit. */
function checkedData(name: string, { data }: Tensor, length: number): Float32Array {
  if (data.length !== length) {
    throw new TypeError(
      `Cannot run a pipeline: ${name} must keep its ${length} elements, got ${data.length}`,
    );
  }
  return data;
}

/** What an argument is, for messages. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return `${typeof value}`;
  const name: unknown = value.constructor?.name;
  return `an object of class ${typeof name === "string" ? name : "none"}`;
}

/** What an argument is if it is an object, and else its value, for messages. */
export function shown(value: unknown): string {
  return typeof value === "object" ? describe(value) : String(value);
}

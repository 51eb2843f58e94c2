/**
 * What ops record with: tensors of the caller and symbolic ones alike, read into a plan.
 *
 * @module
 */
import { readable } from "./_checks.ts";
import { LazyTensor } from "./_lazy.ts";
import type { Plan, Value } from "./_plan.ts";
import { formatShape, sameShape, sizeOf } from "./_shape.ts";
import { shown } from "./_shown.ts";
import type { Tensor, TensorLike, Vector } from "./tensor.ts";

/** A tensor inside a pipeline: it has a shape, and its data exist only while the pipeline runs. */
export class SymbolicTensor extends LazyTensor {
  override readonly shape: readonly number[];
  readonly #value: Value;

  constructor(value: Value, shape: readonly number[]) {
    super();
    this.#value = value;
    this.shape = shape;
  }

  override get data(): Float32Array {
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
  readable(action, name, () => checkOwnTensor(action, name, x));
}

function checkOwnTensor(action: string, name: string, x: unknown): void {
  if (x instanceof LazyTensor) return;
  const { shape, data } = (x ?? {}) as Partial<Tensor>;
  if (!Array.isArray(shape) || !(data instanceof Float32Array)) {
    throw new TypeError(
      `Cannot ${action}: ${name} must be a tensor of float32 data, got ${describeTensor(x)}`,
    );
  }
  checkShape(action, name, shape);
  if (data.length !== sizeOf(shape)) {
    throw new TypeError(
      `Cannot ${action}: ${name} must have ${sizeOf(shape)} elements for shape ${
        formatShape(shape)
      }, got ${data.length}`,
    );
  }
}

/** Checks the extents of a tensor that somebody else has made. */
function checkShape(action: string, name: string, shape: readonly unknown[]): void {
  // By index, as `every` passes over holes.
  for (let axis = 0; axis < shape.length; axis++) {
    const extent = shape[axis];
    if (Number.isSafeInteger(extent) && (extent as number) >= 0) continue;
    const extents = Array.from(shape, (extent) => shownNested(extent)).join(", ");
    throw new TypeError(
      `Cannot ${action}: ${name} must have a shape of integers >= 0, got (${extents})`,
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
  readable(action, name, () => checkOwnVector(action, name, vector, shape));
}

function checkOwnVector(
  action: string,
  name: string,
  vector: unknown,
  shape: readonly number[],
): void {
  if (Array.isArray(vector) || vector instanceof Float32Array) {
    if (Array.isArray(vector)) checkNumbers(action, name, vector);
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

/** Checks that every element of a list is a number. */
function checkNumbers(action: string, name: string, list: readonly unknown[]): void {
  // By index, as `every` passes over holes.
  for (let i = 0; i < list.length; i++) {
    if (typeof list[i] === "number") continue;
    throw new TypeError(`Cannot ${action}: ${name} must hold numbers, got ${describe(list[i])}`);
  }
}

/** Reads a tensor or vector into a plan; the caller's data are read at the start of every run. */
export function read(plan: Plan, name: string, vector: Vector): Value {
  if (vector instanceof SymbolicTensor) return vector.valueIn(plan);
  if (vector instanceof Float32Array) return plan.input(name, vector, vector.length, () => vector);
  if (Array.isArray(vector)) {
    return plan.input(name, vector, vector.length, () => {
      checkNumbers("run a pipeline", name, vector);
      return Float32Array.from(vector);
    });
  }
  const tensor = vector as Tensor;
  return plan.input(name, tensor, sizeOf(tensor.shape), () => tensor.data);
}

/**
 * Checks that data which a pipeline has captured still fill what was compiled for them.
 *
 * @throws {TypeError} If their owner has swapped, shrunk, grown or transferred them.
 */
export function checkKept(name: string, data: Float32Array, length: number): void {
  if (data.length === length) return;
  throw new TypeError(
    `Cannot run a pipeline: ${name} must keep its ${length} elements, got ${data.length}`,
  );
}

/** What an argument is that should have been a tensor, and how it becomes one. */
function describeTensor(x: unknown): string {
  if (Array.isArray(x)) return `an array; ${MAKES_ONE}`;
  if (ArrayBuffer.isView(x)) return `a ${x.constructor.name} without a shape; ${MAKES_ONE}`;
  const { shape, dims, data } = (x ?? {}) as Partial<TensorLike>;
  if (!Array.isArray(shape ?? dims)) return describe(x);
  if (Array.isArray(data)) return `data in an array; ${ROUNDS}`;
  if (!ArrayBuffer.isView(data) || data instanceof DataView) return describe(x);
  return `${
    (data as ArrayBufferView).constructor.name.replace("Array", "").toLowerCase()
  } data; ${ROUNDS}`;
}

const MAKES_ONE = "tensor(data, shape) makes one of it";
const ROUNDS = "tensor(data, shape) rounds numbers to float32";

/** What an argument is, for messages. */
export function describe(value: unknown): string {
  return typeof value === "object" ? shown(value) : typeof value;
}

/** An element of a list for messages: strings are quoted, lists are in brackets. */
function shownNested(value: unknown, depth = 0): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (!Array.isArray(value)) return shown(value);
  // A list may hold itself.
  if (depth === MOST_NESTED || value.length > MOST_SHOWN) return "an array";
  return `[${value.map((inner) => shownNested(inner, depth + 1)).join(", ")}]`;
}

const MOST_NESTED = 4;
const MOST_SHOWN = 16;

/**
 * Checks of arguments. Each throws before anything runs, with what was expected and what was given.
 *
 * @module
 */
import { extentsOf, readable } from "./arguments.ts";
import type { Elements } from "./elements.ts";
import { LazyTensor } from "./lazy.ts";
import { checkNumber } from "./numbers.ts";
import { formatShape, sameShape, sizeOf } from "./shape.ts";
import { describe, shownNested } from "./shown.ts";
import type { AnyTensor, Tensor, TensorLike, Vector } from "./types.ts";

const MAKES_ONE = "tensor(data, shape) makes one of it";
const ROUNDS = "tensor(data, shape) rounds numbers to float32";

/**
 * A tensor that is going to be read here and now, as an object of ours: its shape and data are read
 * once.
 *
 * @throws {TypeError} If it is not a tensor whose data fill its shape.
 */
export function tensorFrom(action: string, name: string, tensor: unknown): Tensor {
  return readable(action, name, () => {
    checkTensor(action, name, tensor);
    const own = { shape: [...tensor.shape], data: tensor.data };
    checkTensor(action, name, own);
    // A proxy of a typed array is an instance of its class, and cannot be read as one.
    if (ArrayBuffer.isView(own.data)) return own;
    throw new TypeError(`Cannot ${action}: ${name} must hold a Float32Array, got a proxy`);
  });
}

/**
 * One number for each element of `shape`, as a tensor of our own: a vector's numbers are copied.
 *
 * @throws {TypeError} If it is of another shape, or holds something else.
 */
export function vectorFrom(
  action: string,
  name: string,
  vector: unknown,
  shape: readonly number[],
): Tensor {
  const data = readable(action, name, () => {
    checkVector(action, name, vector, shape);
    return Float32Array.from("data" in vector ? vector.data : vector);
  });
  const own = { shape: [...shape], data };
  checkTensor(action, name, own);
  return own;
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

/** Checks that a tensor has as many axes as are needed. */
export function checkLeastRank(
  action: string,
  name: string,
  shape: readonly number[],
  least: number,
): void {
  if (shape.length >= least) return;
  throw new TypeError(
    `Cannot ${action}: ${name} must have rank >= ${least}, got shape ${formatShape(shape)}`,
  );
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
export function checkNumbers(action: string, name: string, list: readonly unknown[]): void {
  // By index, as `every` passes over holes.
  for (let i = 0; i < list.length; i++) {
    if (typeof list[i] === "number") continue;
    throw new TypeError(`Cannot ${action}: ${name} must hold numbers, got ${describe(list[i])}`);
  }
}

/**
 * Checks that data which a pipeline has captured still fill what was compiled for them.
 *
 * @throws {TypeError} If their owner has swapped, shrunk, grown or transferred them.
 */
export function checkKept(name: string, data: Elements, length: number): void {
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
  if (data instanceof Float32Array) return `dims in place of a shape; ${MAKES_ONE}`;
  if (!ArrayBuffer.isView(data) || data instanceof DataView) return describe(x);
  return `${
    (data as ArrayBufferView).constructor.name.replace("Array", "").toLowerCase()
  } data; ${ROUNDS}`;
}

/**
 * Checks a number of channels, of which parameters have as many elements or their square.
 *
 * @throws {RangeError} If it is not an integer from 1, or too large.
 */
export function checkChannels(action: string, channels: number): void {
  checkNumber(action, "channels", channels, "count");
  extentsOf(action, "channels", [channels]);
}

/**
 * Checks a cotangent of a result that is shaped like `x`.
 *
 * @throws {TypeError} If it is not a tensor of that shape.
 */
export function checkCotangent(action: string, x: AnyTensor, dy: AnyTensor): void {
  checkTensor(action, "dy", dy);
  if (sameShape(dy.shape, x.shape)) return;
  throw new TypeError(
    `Cannot ${action}: dy must have shape ${formatShape(x.shape)}, got ${formatShape(dy.shape)}`,
  );
}

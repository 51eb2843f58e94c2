/**
 * Tensors: a shape and its float32 elements.
 *
 * @module
 */
import { formatShape, sizeOf } from "./_shape.ts";

/** A dense array of float32 numbers. */
export interface Tensor {
  /** Extent of each axis; `[]` for a single number. */
  readonly shape: readonly number[];
  /** The elements in row-major order, without gaps. */
  readonly data: Float32Array;
}

/** Numbers nested to any depth, all lists of one depth being equally long. */
export type NestedArray = number | readonly NestedArray[];

/** What {@linkcode tensor} makes a tensor of. */
export type TensorData =
  | NestedArray
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** One number per channel: what ops take for parameters and state. Tensors come out. */
export type Vector = Tensor | Float32Array | readonly number[];

/**
 * Makes a tensor of nested arrays, or of flat data with a shape.
 *
 * @param data Numbers. A `Float32Array` is kept as it is, without a copy; the rest becomes float32.
 * @param shape Extent of each axis; by default that of the nesting, or the length of flat data.
 * @returns The tensor.
 * @throws {TypeError} If the nesting is ragged, an element is not a number, or the data do not fill
 * the shape.
 * @throws {RangeError} If an extent is not an integer from 0.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(tensor([[1, 2, 3], [4, 5, 6]]).shape, [2, 3]);
 * assertEquals(tensor(new Float32Array(12), [2, 2, 3]).shape, [2, 2, 3]);
 * ```
 */
export function tensor(data: TensorData, shape?: readonly number[]): Tensor {
  const flat = isTypedArray(data)
    ? { shape: [data.length], data: data instanceof Float32Array ? data : Float32Array.from(data) }
    : fromNested(data);
  if (shape === undefined) return flat;
  for (const extent of shape) {
    if (!(Number.isSafeInteger(extent) && extent >= 0)) {
      throw new RangeError(`Cannot make a tensor: shape must hold integers >= 0, got ${extent}`);
    }
  }
  if (flat.data.length !== sizeOf(shape)) {
    throw new TypeError(
      `Cannot make a tensor: data must have ${sizeOf(shape)} elements for shape ${
        formatShape(shape)
      }, got ${flat.data.length}`,
    );
  }
  return { shape: [...shape], data: flat.data };
}

function isTypedArray(data: TensorData): data is Exclude<TensorData, NestedArray> {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    throw new TypeError("Cannot make a tensor: data must be numbers, got big integers");
  }
  return ArrayBuffer.isView(data) && !(data instanceof DataView);
}

function fromNested(data: NestedArray): Tensor {
  const shape: number[] = [];
  for (let level: NestedArray = data; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
  }
  const flat = new Float32Array(sizeOf(shape));
  let next = 0;
  const fill = (level: NestedArray, path: readonly number[]) => {
    const expected = shape[path.length];
    const found = Array.isArray(level) ? level.length : undefined;
    if (found !== expected) {
      throw new TypeError(
        `Cannot make a tensor: data${path.map((i) => `[${i}]`).join("")} must be ${
          expected === undefined ? "a number" : `an array of ${expected}`
        }, got ${found === undefined ? typeof level : `an array of ${found}`}`,
      );
    }
    if (Array.isArray(level)) level.forEach((inner, i) => fill(inner, [...path, i]));
    else if (typeof level === "number") flat[next++] = level;
    else {
      throw new TypeError(
        `Cannot make a tensor: data${
          path.map((i) => `[${i}]`).join("")
        } must be a number, got ${typeof level}`,
      );
    }
  };
  fill(data, []);
  return { shape, data: flat };
}

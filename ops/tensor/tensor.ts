/**
 * Makes tensors of nested lists and of flat data.
 *
 * @module
 */
import { checkArguments, extentsOf, readable } from "./arguments.ts";
import { formatShape, sizeOf } from "./shape.ts";
import { describe } from "./shown.ts";
import type { Tensor } from "./types.ts";

/** Numbers nested to any depth, all lists of one depth being equally long. */
export type NestedArray = number | readonly NestedArray[];

/** What {@linkcode tensor} makes a tensor of. */
export type TensorData =
  | NestedArray
  | (ArrayLike<number> & ArrayBufferView);

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
export function tensor<D extends TensorData>(
  data: D,
  shape?: readonly number[],
): Tensor<D extends Float32Array<SharedArrayBuffer> ? D : Float32Array<ArrayBuffer>> {
  type Kept = D extends Float32Array<SharedArrayBuffer> ? D : Float32Array<ArrayBuffer>;
  const action = "make a tensor";
  checkArguments(action, arguments, 2);
  const flat = readable(action, "data", () => isTypedArray(data) ? typed(data) : fromNested(data));
  if (shape === undefined) return flat as Tensor<Kept>;
  const extents = extentsOf(action, "shape", shape);
  if (flat.data.length !== sizeOf(extents)) {
    throw new TypeError(
      `Cannot ${action}: data must have ${sizeOf(extents)} elements for shape ${
        formatShape(extents)
      }, got ${flat.data.length}`,
    );
  }
  return { shape: extents, data: flat.data as Kept };
}

function isTypedArray(data: TensorData): data is ArrayLike<number> & ArrayBufferView {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    throw new TypeError("Cannot make a tensor: data must be numbers, got big integers");
  }
  return ArrayBuffer.isView(data) && !(data instanceof DataView);
}

function typed(data: ArrayLike<number> & ArrayBufferView): Tensor<Float32Array> {
  return {
    shape: [data.length],
    data: data instanceof Float32Array ? data : Float32Array.from(data),
  };
}

/** Deeper nesting is taken for a cycle; no op takes so many axes. */
const DEEPEST = 32;

function fromNested(data: NestedArray): Tensor {
  const shape: number[] = [];
  for (let level: NestedArray = data; Array.isArray(level); level = level[0]) {
    if (shape.length === DEEPEST) {
      throw new TypeError(
        `Cannot make a tensor: data must be nested at most ${DEEPEST} deep, got a deeper or cyclic array`,
      );
    }
    shape.push(level.length);
  }
  // Collected before anything is allocated: of a ragged array the first rows do not tell the size.
  const numbers: number[] = [];
  collect(data, shape, [], numbers);
  return { shape, data: new Float32Array(numbers) };
}

/** Appends the numbers of nested arrays; `path` leads to this level, and does so again afterwards. */
function collect(
  level: NestedArray,
  shape: readonly number[],
  path: number[],
  numbers: number[],
): void {
  const extent = shape[path.length];
  if (Array.isArray(level) ? level.length !== extent : extent !== undefined) {
    const rule = extent === undefined ? "a number" : `an array of ${extent}`;
    const got = Array.isArray(level) ? `an array of ${level.length}` : describe(level);
    throw new TypeError(`Cannot make a tensor: ${placeOf(path)} must be ${rule}, got ${got}`);
  }
  if (Array.isArray(level)) {
    // By index, as `forEach` passes over holes.
    for (let i = 0; i < level.length; i++) {
      path.push(i);
      collect(level[i], shape, path, numbers);
      path.pop();
    }
  } else if (typeof level === "number") numbers.push(level);
  else {
    throw new TypeError(
      `Cannot make a tensor: ${placeOf(path)} must be a number, got ${describe(level)}`,
    );
  }
}

function placeOf(path: readonly number[]): string {
  return `data${path.map((i) => `[${i}]`).join("")}`;
}

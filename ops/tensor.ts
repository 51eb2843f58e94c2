/**
 * Tensors: a shape and its float32 elements.
 *
 * @module
 */
import { checkArguments, extentsOf, readable, tensorFrom } from "./_checks.ts";
import { describe } from "./_graph.ts";
import { toBfloat16, toFloat16 } from "./_half.ts";
import { formatShape, sizeOf } from "./_shape.ts";
import { shown } from "./_shown.ts";

/** A dense array of float32 numbers. */
export interface Tensor {
  /** Extent of each axis; `[]` for a single number. */
  readonly shape: readonly number[];
  /** The elements in row-major order, without gaps. */
  readonly data: Float32Array;
}

/**
 * What ops take for x and for cotangents: a {@linkcode Tensor}, or a tensor of another library. float32
 * data are taken without a copy; numbers of up to 16 bits become float32, which holds all of them.
 * Others must be rounded knowingly, by {@linkcode tensor}.
 */
export interface TensorLike {
  /** Extent of each axis. */
  readonly shape?: readonly number[];
  /** The same, as ONNX Runtime calls it. */
  readonly dims?: readonly number[];
  /** The elements in row-major order: float32, float16, or integers of 8 or 16 bits. */
  readonly data: ArrayLike<number> & ArrayBufferView;
  /** What a `Uint16Array` holds: `"float16"` or `"bfloat16"` for bits of those, else integers. */
  readonly type?: string;
}

/** Element types that results can be turned into. */
export type ElementType = "float32" | "float16" | "bfloat16" | "uint8";

/** A tensor of another element type. */
export interface TypedTensor {
  /** Extent of each axis. */
  readonly shape: readonly number[];
  /** The elements in row-major order. */
  readonly data: ArrayLike<number> & ArrayBufferView;
  /** What they are. */
  readonly type: ElementType;
}

/** Numbers nested to any depth, all lists of one depth being equally long. */
export type NestedArray = number | readonly NestedArray[];

/** What {@linkcode tensor} makes a tensor of. */
export type TensorData =
  | NestedArray
  | (ArrayLike<number> & ArrayBufferView);

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
  const action = "make a tensor";
  checkArguments(action, arguments, 2);
  const flat = readable(action, "data", () => isTypedArray(data) ? typed(data) : fromNested(data));
  if (shape === undefined) return flat;
  const extents = extentsOf(action, "shape", shape);
  if (flat.data.length !== sizeOf(extents)) {
    throw new TypeError(
      `Cannot ${action}: data must have ${sizeOf(extents)} elements for shape ${
        formatShape(extents)
      }, got ${flat.data.length}`,
    );
  }
  return { shape: extents, data: flat.data };
}

/**
 * A tensor with elements of another type, each the nearest to the original, or the even one of two: what
 * ops answer with is float32.
 *
 * `"float16"` gives a `Float16Array` where the engine has it, else a `Uint16Array` of its bits, as does
 * `"bfloat16"` everywhere; numbers beyond the largest become infinite. `"uint8"` gives a
 * `Uint8ClampedArray`, in which numbers below 0 and above 255 become these, and NaN 0.
 *
 * @param x What an op has answered with. Not modified.
 * @param type The element type.
 * @returns The tensor, which ops take as x again.
 * @throws {TypeError} If `x` is not a tensor, or the type is unknown.
 *
 * @example Usage
 * ```ts
 * import { cast, layerNorm, tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const image = { shape: [1, 4], data: new Uint8Array([0, 85, 170, 255]) };
 * const y = await layerNorm(image);
 * assertEquals(cast(y, "bfloat16").data, new Uint16Array([0xbfac, 0xbee5, 0x3ee5, 0x3fac]));
 * assertEquals(cast(tensor([1.5, 2.5, 300]), "uint8").data, new Uint8ClampedArray([2, 2, 255]));
 * ```
 */
export function cast(x: Tensor, type: ElementType): TypedTensor {
  checkArguments("cast", arguments, 2);
  const { shape, data } = tensorFrom("cast", "x", x);
  if (typeof type !== "string" || !Object.hasOwn(CASTS, type)) {
    throw new TypeError(
      `Cannot cast: type must be one of ${Object.keys(CASTS).join(", ")}, got ${shown(type)}`,
    );
  }
  return { shape, data: CASTS[type](data), type };
}

/** Engines have it at different times, and its type with it. */
const { Float16Array: HalfArray } = globalThis as {
  Float16Array?: { from(data: Float32Array): ArrayLike<number> & ArrayBufferView };
};

const CASTS: Readonly<
  Record<ElementType, (data: Float32Array) => ArrayLike<number> & ArrayBufferView>
> = {
  float32: (data) => data.slice(),
  float16: (data) => HalfArray?.from(data) ?? Uint16Array.from(data, toFloat16),
  bfloat16: (data) => Uint16Array.from(data, toBfloat16),
  uint8: (data) => Uint8ClampedArray.from(data),
};

function isTypedArray(data: TensorData): data is ArrayLike<number> & ArrayBufferView {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    throw new TypeError("Cannot make a tensor: data must be numbers, got big integers");
  }
  return ArrayBuffer.isView(data) && !(data instanceof DataView);
}

function typed(data: ArrayLike<number> & ArrayBufferView): Tensor {
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

/**
 * Results as tensors of another element type.
 *
 * @module
 */
import { checkArguments } from "./arguments.ts";
import { tensorFrom } from "./checks.ts";
import { toBfloat16, toFloat16 } from "./half.ts";
import { shown } from "./shown.ts";
import type { Tensor } from "./types.ts";

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

/**
 * A tensor with elements of another type, each the nearest to the original, or the even one of two: what
 * ops return is float32.
 *
 * `"float16"` gives a `Float16Array` where the engine has it, else a `Uint16Array` of its bits, as does
 * `"bfloat16"` everywhere; numbers beyond the largest become infinite. `"uint8"` gives a
 * `Uint8ClampedArray`, in which numbers below 0 and above 255 become these, and NaN 0.
 *
 * @param x What an op has returned. Not modified.
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

/**
 * Elements of files as float32 numbers. Files and every JavaScript engine's typed arrays are
 * little-endian.
 *
 * @module
 */
import { fromBfloat16, fromFloat16 } from "../tensor/half.ts";

interface ElementType {
  /** Bytes of an element. */
  readonly size: number;
  /** The elements of an aligned buffer, rounded to float32; the buffer may become their own. */
  readonly numbers: (buffer: ArrayBuffer) => Float32Array;
}

/** The element types that become numbers, by their names in safetensors files. */
export const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ["F32", { size: 4, numbers: (buffer) => new Float32Array(buffer) }],
  ["F64", { size: 8, numbers: (buffer) => Float32Array.from(new Float64Array(buffer)) }],
  ["F16", { size: 2, numbers: (buffer) => halves(buffer, fromFloat16) }],
  ["BF16", { size: 2, numbers: (buffer) => halves(buffer, fromBfloat16) }],
  ["BOOL", { size: 1, numbers: (buffer) => Float32Array.from(new Uint8Array(buffer), truth) }],
  ["U8", { size: 1, numbers: (buffer) => Float32Array.from(new Uint8Array(buffer)) }],
  ["I8", { size: 1, numbers: (buffer) => Float32Array.from(new Int8Array(buffer)) }],
  ["U16", { size: 2, numbers: (buffer) => Float32Array.from(new Uint16Array(buffer)) }],
  ["I16", { size: 2, numbers: (buffer) => Float32Array.from(new Int16Array(buffer)) }],
  ["U32", { size: 4, numbers: (buffer) => Float32Array.from(new Uint32Array(buffer)) }],
  ["I32", { size: 4, numbers: (buffer) => Float32Array.from(new Int32Array(buffer)) }],
  ["U64", {
    size: 8,
    numbers: (buffer) => Float32Array.from(new BigUint64Array(buffer), toFloat64),
  }],
  ["I64", {
    size: 8,
    numbers: (buffer) => Float32Array.from(new BigInt64Array(buffer), toFloat64),
  }],
]);

function halves(buffer: ArrayBuffer, numberOf: (bits: number) => number): Float32Array {
  return Float32Array.from(new Uint16Array(buffer), numberOf);
}

/** Every byte but 0 is true, as in C. */
function truth(byte: number): number {
  return byte === 0 ? 0 : 1;
}

/** Bits of a 64-bit integer that a float64 cannot hold. */
const EXCESS = 11n;

/**
 * An integer as a float64 that rounds to float32 as the integer does: the last bit tells of what is cut
 * off, so that no number becomes one in the middle of two.
 */
function toFloat64(integer: bigint): number {
  const near = Number(integer);
  if (Math.abs(near) <= Number.MAX_SAFE_INTEGER) return near;
  const kept = integer >> EXCESS;
  const isExact = kept << EXCESS === integer;
  return Number((isExact ? kept : kept | 1n) << EXCESS);
}

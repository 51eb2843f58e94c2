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
  ["BOOL", { size: 1, numbers: (buffer) => Float32Array.from(new Uint8Array(buffer)) }],
  ["U8", { size: 1, numbers: (buffer) => Float32Array.from(new Uint8Array(buffer)) }],
  ["I8", { size: 1, numbers: (buffer) => Float32Array.from(new Int8Array(buffer)) }],
  ["U16", { size: 2, numbers: (buffer) => Float32Array.from(new Uint16Array(buffer)) }],
  ["I16", { size: 2, numbers: (buffer) => Float32Array.from(new Int16Array(buffer)) }],
  ["U32", { size: 4, numbers: (buffer) => Float32Array.from(new Uint32Array(buffer)) }],
  ["I32", { size: 4, numbers: (buffer) => Float32Array.from(new Int32Array(buffer)) }],
  ["U64", { size: 8, numbers: (buffer) => Float32Array.from(new BigUint64Array(buffer), Number) }],
  ["I64", { size: 8, numbers: (buffer) => Float32Array.from(new BigInt64Array(buffer), Number) }],
]);

function halves(buffer: ArrayBuffer, numberOf: (bits: number) => number): Float32Array {
  return Float32Array.from(new Uint16Array(buffer), numberOf);
}

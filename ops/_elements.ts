/**
 * Elements of files as float32 numbers. Files and every JavaScript engine's typed arrays are
 * little-endian.
 *
 * @module
 */

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
  ["F16", { size: 2, numbers: (buffer) => Float32Array.from(new Uint16Array(buffer), ofHalf) }],
  ["BF16", { size: 2, numbers: (buffer) => upperHalves(new Uint16Array(buffer)) }],
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

/** The number of an IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction. */
function ofHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (0x400 + fraction) * 2 ** (exponent - 25);
}

/** Numbers of which only the upper 16 bits are stored. */
function upperHalves(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (bits) => bits << 16).buffer);
}

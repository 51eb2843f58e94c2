/**
 * How WebAssembly writes numbers and lists as bytes.
 *
 * @module
 */

/** Bytes with their number before them. */
export function sized(bytes: readonly number[]): number[] {
  const all = unsigned(bytes.length);
  for (const byte of bytes) all.push(byte);
  return all;
}

/** LEB128 of a number from 0 to 2^32 - 1. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let left = value >>> 0;
  do {
    const low = left & 0x7f;
    left >>>= 7;
    bytes.push(left === 0 ? low : low | 0x80);
  } while (left !== 0);
  return bytes;
}

/** LEB128 of an int32. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let left = value | 0;
  for (;;) {
    const low = left & 0x7f;
    left >>= 7;
    const done = (left === 0 && (low & 0x40) === 0) || (left === -1 && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

/**
 * How WebAssembly writes numbers and lists as bytes. Bytes are pushed one by one and lists are joined
 * by `concat`: the first plan is compiled by code that has never run, where spreading a list takes a
 * hundred times as long.
 *
 * @module
 */

/** Bytes with their number before them. */
export function sized(bytes: readonly number[]): number[] {
  return unsigned(bytes.length).concat(bytes);
}

/** LEB128 of a number from 0 to 2^32 - 1. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  pushUnsigned(bytes, value);
  return bytes;
}

/** Adds the LEB128 of a number from 0 to 2^32 - 1. */
export function pushUnsigned(bytes: number[], value: number): void {
  let left = value >>> 0;
  while (left > 0x7f) {
    bytes.push((left & 0x7f) | 0x80);
    left >>>= 7;
  }
  bytes.push(left);
}

/** Adds the LEB128 of an int32. */
export function pushSigned(bytes: number[], value: number): void {
  let left = value | 0;
  // The last byte has room for six bits and the sign.
  while (left < -0x40 || left > 0x3f) {
    bytes.push((left & 0x7f) | 0x80);
    left >>= 7;
  }
  bytes.push(left & 0x7f);
}

/** Adds bytes. */
export function pushAll(bytes: number[], more: ArrayLike<number>): void {
  for (let i = 0; i < more.length; i++) bytes.push(more[i]);
}

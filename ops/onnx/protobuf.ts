/**
 * The wire format of protocol buffers, as far as models need it.
 *
 * Source: Protocol Buffers Documentation, "Encoding".
 *
 * @module
 */

/** Wire types: how the bytes behind a tag end. */
const VARINT = 0;
const LENGTH = 2;
const FIXED32 = 5;

/** A field in pieces, so that large contents are copied once, in the end. */
export type Field = readonly Uint8Array[];

/** A field that is an integer. */
export function integer(field: number, value: number | bigint): Field {
  return [Uint8Array.from([...tag(field, VARINT), ...varint(value)])];
}

/** A field that is a float32. */
export function float(field: number, value: number): Field {
  const number = new Uint8Array(4);
  new DataView(number.buffer).setFloat32(0, value, true);
  return [Uint8Array.from([...tag(field, FIXED32), ...number])];
}

/** A field that is a string. */
export function text(field: number, value: string): Field {
  return bytes(field, new TextEncoder().encode(value));
}

/** A field that is a message of fields. */
export function message(field: number, fields: readonly Field[]): Field {
  const pieces = fields.flat();
  return [Uint8Array.from([...tag(field, LENGTH), ...varint(lengthOf(pieces))]), ...pieces];
}

/** A field of bytes, which are kept as they are. */
export function bytes(field: number, content: Uint8Array): Field {
  return message(field, [[content]]);
}

/** Fields one after the other. */
export function joined(fields: readonly Field[]): Uint8Array<ArrayBuffer> {
  const pieces = fields.flat();
  const all = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

function tag(field: number, wire: number): number[] {
  return varint(field << 3 | wire);
}

/** Seven bits in each byte, the lowest first; negative integers are as long as the longest. */
function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(left & 0x7fn);
    left >>= 7n;
    bytes.push(left === 0n ? low : low | 0x80);
  } while (left !== 0n);
  return bytes;
}

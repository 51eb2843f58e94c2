/**
 * Half-precision numbers as bits, both kinds: IEEE float16, and bfloat16, the upper half of a float32.
 *
 * @module
 */

const bits = new Uint32Array(1);
const number = new Float32Array(bits.buffer);

/** The number of float16 bits. */
export function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bits of the float16 that is nearest to a float32, the even one of two. */
export function toFloat16(value: number): number {
  number[0] = value;
  const sign = (bits[0] >>> 16) & 0x8000;
  const size = Math.abs(number[0]);
  if (Number.isNaN(size)) return sign | 0x7e00;
  // 65520 lies half-way between the largest float16 and what would be the next.
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | even(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  // A fraction that is rounded up to 1 carries into the exponent, as it should.
  return sign | (((exponent + 15) << 10) + even((size / 2 ** exponent - 1) * 1024));
}

/** The number of bfloat16 bits. */
export function fromBfloat16(half: number): number {
  bits[0] = half << 16;
  return number[0];
}

/** The bits of the bfloat16 that is nearest to a float32, the even one of two. */
export function toBfloat16(value: number): number {
  number[0] = value;
  const upper = bits[0] >>> 16;
  const lower = bits[0] & 0xffff;
  if (Number.isNaN(number[0])) return upper | 0x40;
  const up = lower > 0x8000 || (lower === 0x8000 && (upper & 1) === 1);
  return upper + (up ? 1 : 0);
}

/** The nearest integer, the even one of two. */
export function even(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

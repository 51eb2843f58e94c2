/**
 * What vectors of a given length are multiplied by, so that their length lies between two bounds, or
 * part of the way there.
 */
import type { Cell, Vector } from "./_coordinates.ts";

/** factor = (rate clip(length, least, most) + (1 - rate) length) / (1e-7 + length). */
export function lengthFactor(
  this: Cell<never>,
  squares: Vector,
  least: number,
  most: number,
  rate: number,
): number {
  // Infinite squares have a finite root, so that nothing becomes NaN.
  const length = Math.min(Math.sqrt(squares[this.cell.c]), 3.4028234663852886e38);
  const wanted = Math.min(Math.max(length, least), most);
  return (rate * wanted + (1 - rate) * length) / (1e-7 + length);
}

/**
 * The slope of the factor, divided by the length and multiplied by `share`; 0 for a vector of zeros,
 * which has no direction. At a bound it is the slope beyond it.
 */
export function lengthSlope(
  this: Cell<never>,
  squares: Vector,
  share: Vector,
  least: number,
  most: number,
  rate: number,
): number {
  // Infinite squares have a finite root, so that nothing becomes NaN.
  const length = Math.min(Math.sqrt(squares[this.cell.c]), 3.4028234663852886e38);
  const wanted = Math.min(Math.max(length, least), most);
  const follows = length <= least || length >= most ? 0 : rate;
  const divisor = 1e-7 + length;
  const factor = (rate * wanted + (1 - rate) * length) / divisor;
  const slope = (follows + (1 - rate) - factor) / divisor;
  return length > 0 ? slope / length * share[this.cell.c] : 0;
}

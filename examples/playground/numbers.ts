/**
 * Numbers as text.
 *
 * @module
 */

/** A number with a few digits. */
export function short(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 10 ** digits
    ? String(Math.round(value))
    : String(Number(value.toPrecision(digits)));
}

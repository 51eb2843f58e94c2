/**
 * Derivatives of float64 functions by differences: what a vector-Jacobian product must agree with.
 *
 * @module
 */

/** Step of the differences, in units of the numbers that are moved. */
const STEP = 1e-3;

/**
 * The gradient of `loss` at `x`, one number after the other, by central differences of fourth order: off
 * by about 1e-10 of the loss's fifth derivative.
 */
export function gradientOf(loss: (x: number[]) => number, x: ArrayLike<number>): number[] {
  const moved = Array.from(x);
  return moved.map((value, i) => {
    const at = (step: number) => {
      moved[i] = value + step * STEP;
      return loss(moved);
    };
    const slope = slopeOf(at);
    moved[i] = value;
    return slope;
  });
}

/** The slope of `loss` at `x` along `way`. */
export function slopeAlong(
  loss: (x: number[]) => number,
  x: ArrayLike<number>,
  way: ArrayLike<number>,
): number {
  return slopeOf((step) => loss(Array.from(x, (value, i) => value + step * STEP * way[i])));
}

function slopeOf(at: (step: number) => number): number {
  return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * STEP);
}

/** `sum(a * b)`. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

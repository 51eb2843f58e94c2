/** The arithmetic of losses and small networks: functions of every element, and their slopes. */
import { at, type Cell, type Field, type Vector } from "./_coordinates.ts";

declare const FUNCTION: "abs" | "exp" | "log" | "neg" | "sqrt";
declare const SIDE: "max" | "min";
declare const PARITY: "any" | "even" | "odd";

/** a / b. */
export function divide(this: Cell<never>, a: Vector, b: Vector): number {
  return a[this.cell.c] / b[this.cell.c];
}

/** A function of x. */
export function elementary(this: Cell<never>, x: Vector): number {
  let y = x[this.cell.c];
  if (FUNCTION === "abs") {
    y = Math.abs(y);
  }
  if (FUNCTION === "exp") {
    y = Math.exp(y);
  }
  if (FUNCTION === "log") {
    y = Math.log(y);
  }
  if (FUNCTION === "neg") {
    y = -y;
  }
  if (FUNCTION === "sqrt") {
    y = Math.sqrt(y);
  }
  return y;
}

/** dy sgn(x), where the sign of 0 is 0 and that of NaN NaN. */
export function absVjp(this: Cell<never>, x: Vector, dy: Vector): number {
  let sign = x[this.cell.c];
  if (sign > 0) {
    sign = 1;
  }
  if (sign < 0) {
    sign = -1;
  }
  return sign * dy[this.cell.c];
}

/** dy / (2 y), for y = sqrt(x). */
export function sqrtVjp(this: Cell<never>, y: Vector, dy: Vector): number {
  return 0.5 * dy[this.cell.c] / y[this.cell.c];
}

/** 2 x dy. */
export function squareVjp(this: Cell<never>, x: Vector, dy: Vector): number {
  return 2 * x[this.cell.c] * dy[this.cell.c];
}

/** The larger or the smaller of x and a bound; neither comparison lets NaN go. */
export function bounded(this: Cell<never>, x: Vector, bound: number): number {
  const v = x[this.cell.c];
  return SIDE === "max" ? (v < bound ? bound : v) : (v > bound ? bound : v);
}

/** dy where x is not beyond the bound. */
export function boundedVjp(this: Cell<never>, x: Vector, dy: Vector, bound: number): number {
  const v = x[this.cell.c];
  return SIDE === "max" ? (v < bound ? 0 : dy[this.cell.c]) : (v > bound ? 0 : dy[this.cell.c]);
}

/** x^exponent; shaders raise no negative numbers, so the sign of a whole power is put back. */
export function raised(this: Cell<never>, x: Vector, exponent: number): number {
  const v = x[this.cell.c];
  let y = Math.pow(PARITY === "any" ? v : Math.abs(v), exponent);
  if (PARITY === "odd") {
    // 1 / v tells -0 from 0.
    y = v < 0 || 1 / v < 0 ? -y : y;
  }
  return y;
}

/** dy exponent x^less with less = exponent - 1, which is odd where the exponent is even. */
export function raisedVjp(
  this: Cell<never>,
  x: Vector,
  dy: Vector,
  exponent: number,
  less: number,
): number {
  const v = x[this.cell.c];
  let y = Math.pow(PARITY === "any" ? v : Math.abs(v), less);
  if (PARITY === "even") {
    y = v < 0 || 1 / v < 0 ? -y : y;
  }
  return exponent * y * dy[this.cell.c];
}

/** The nearest integer, of two the even one; 0 keeps its sign. */
export function rounded(this: Cell<never>, x: Vector): number {
  const v = x[this.cell.c];
  const whole = Math.floor(Math.abs(v));
  // Exact, as the digits of x behind the point are those of a float32.
  const rest = Math.abs(v) - whole;
  let y = whole;
  if (rest > 0.5) {
    y = whole + 1;
  }
  if (rest === 0.5) {
    y = 2 * Math.floor(0.5 * (whole + 1));
  }
  return y === 0 ? v * 0 : (v < 0 ? -y : y);
}

/** y[n, s, c] = x[n, c, s]: the last two axes swapped. */
export function transposed(this: Cell<never>, x: Field): number {
  return at(x, this.cell.n, this.cell.s, this.cell.c);
}

/** x + bias, one for each channel. */
export function biased(this: Cell<never>, x: Field, bias: Vector): number {
  return at(x, this.cell.n, this.cell.c, this.cell.s) + bias[this.cell.c];
}

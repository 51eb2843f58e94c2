/**
 * Functions of every element, and their slopes in float64.
 *
 * @module
 */
import type { SymbolicVjp, Tensor } from "../../../mod.ts";
import { recordUnaryVjp, type UnaryCotangent } from "../../../ops/arithmetic/unary.ts";
import { recordBoundedVjp, recordPowVjp } from "../../../ops/arithmetic/with_number.ts";
import type { Plan } from "../../../ops/plan/plan.ts";
import type { Draw } from "./draw.ts";
import { shapeOf } from "./inputs.ts";
import type { Op } from "./recorded.ts";
import { U } from "./trial.ts";

/** A function of numbers of some kind. */
interface Elementwise {
  readonly op: string;
  readonly numbers: (draw: Draw, length: number) => Float32Array;
  readonly record: (plan: Plan, x: Tensor) => SymbolicVjp<UnaryCotangent>;
  readonly f: (x: number) => number;
  readonly slope: (x: number) => number;
}

const wide = (draw: Draw, length: number) => draw.numbers(length, ["unit", "wide", "integers"]);
const small = (draw: Draw, length: number) => draw.numbers(length, ["unit", "integers"]);
const positive = (draw: Draw, length: number) => draw.uniform(length, 0.05, 20);
/** Among them many halves. */
const halves = (draw: Draw, length: number) =>
  Float32Array.from({ length }, () => draw.chance(0.5) ? draw.integer(-9, 9) / 2 : draw.normal());

const unary = (name: Parameters<typeof recordUnaryVjp>[1]): Elementwise["record"] => (plan, x) =>
  recordUnaryVjp(plan, name, x);

/** The nearest integer, of two the even one. */
function nearest(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

function functionOf(draw: Draw): Elementwise {
  const bound = draw.pick([0, 0.5, -1]);
  const exponent = draw.pick([0, 1, 2, 3, 4, -1, 0.5, 1.5]);
  const whole = Number.isInteger(exponent) && exponent >= 0;
  return draw.pick<Elementwise>([
    { op: "neg", numbers: wide, record: unary("neg"), f: (x) => -x, slope: () => -1 },
    { op: "abs", numbers: wide, record: unary("abs"), f: Math.abs, slope: Math.sign },
    { op: "exp", numbers: small, record: unary("exp"), f: Math.exp, slope: Math.exp },
    { op: "log", numbers: positive, record: unary("log"), f: Math.log, slope: (x) => 1 / x },
    { op: "round", numbers: halves, record: unary("round"), f: nearest, slope: () => 1 },
    {
      op: "square",
      numbers: wide,
      record: unary("square"),
      f: (x) => x * x,
      slope: (x) => 2 * x,
    },
    {
      op: "sqrt",
      numbers: positive,
      record: unary("sqrt"),
      f: Math.sqrt,
      slope: (x) => 0.5 / Math.sqrt(x),
    },
    {
      op: `max with ${bound}`,
      numbers: small,
      record: (plan, x) => recordBoundedVjp(plan, "max", x, bound),
      f: (x) => Math.max(x, bound),
      slope: (x) => x < bound ? 0 : 1,
    },
    {
      op: `min with ${bound}`,
      numbers: small,
      record: (plan, x) => recordBoundedVjp(plan, "min", x, bound),
      f: (x) => Math.min(x, bound),
      slope: (x) => x > bound ? 0 : 1,
    },
    {
      op: `pow by ${exponent}`,
      numbers: whole ? small : positive,
      record: (plan, x) => recordPowVjp(plan, x, exponent),
      f: (x) => x ** exponent,
      slope: (x) => exponent === 0 ? 0 : exponent * x ** (exponent - 1),
    },
  ]);
}

/** An op that is a function of every element. */
export function elementwise(draw: Draw): Op {
  const shape = shapeOf(draw, 1, 4);
  const { op, numbers, record, f, slope } = functionOf(draw);
  return {
    what: { op },
    shapes: [shape],
    shape,
    numbers,
    record: (plan, x) => {
      const { y, vjp } = record(plan, x);
      return { y, vjp: (dy) => ({ ...vjp(dy) }) };
    },
    expected([x], dy) {
      const y = Float64Array.from(x.data, f);
      const back = Float64Array.from(x.data, (value, i) => slope(value) * dy.data[i]);
      return {
        // One rounding of a result that is not rounded quite correctly; three more on the way back.
        y: { shape, values: y, allowed: y.map((value) => 2 * U * Math.abs(value)) },
        x: { shape, values: back, allowed: back.map((value) => 5 * U * Math.abs(value)) },
      };
    },
  };
}

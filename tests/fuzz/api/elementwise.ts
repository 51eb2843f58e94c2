/**
 * Functions of every element, and their slopes in float64.
 *
 * @module
 */
import type { PipelineOps, SymbolicVjp, Tensor } from "../../../mod.ts";
import {
  recordUnaryVjp,
  type UnaryCotangent,
  type UnaryFunction,
} from "../../../ops/arithmetic/unary.ts";
import { recordBoundedVjp, recordPowVjp } from "../../../ops/arithmetic/with_number.ts";
import type { Plan } from "../../../ops/plan/plan.ts";
import type { Draw } from "./draw.ts";
import { type Curve, type Elementary, rounded } from "./elementary.ts";
import { shapeOf } from "./inputs.ts";
import type { Op } from "./recorded.ts";
import { type Limits, U } from "./trial.ts";

/** A function of numbers of some kind. */
export interface Elementwise {
  readonly op: string;
  readonly numbers: (draw: Draw, length: number) => Float32Array;
  readonly run: (ops: PipelineOps, x: Tensor) => Tensor;
  readonly record: (plan: Plan, x: Tensor) => SymbolicVjp<UnaryCotangent>;
  readonly f: Curve;
  readonly slope: Curve;
  /** Where one of both turns or jumps. */
  readonly turns: readonly number[];
}

/** Roundings of what a slope is multiplied by: a constant, and the cotangent. */
export const PRODUCTS = 3;

const wide = (draw: Draw, length: number) => draw.numbers(length, ["unit", "wide", "integers"]);
const small = (draw: Draw, length: number) => draw.numbers(length, ["unit", "integers"]);
const positive = (draw: Draw, length: number) => draw.uniform(length, 0.05, 20);
/** Among them many halves. */
const halves = (draw: Draw, length: number) =>
  Float32Array.from({ length }, () => draw.chance(0.5) ? draw.integer(-9, 9) / 2 : draw.normal());

/** A function by its name among the ops, which turns or jumps at 0 if anywhere. */
const unary = (
  op: UnaryFunction,
  numbers: Elementwise["numbers"],
  f: Elementwise["f"],
  slope: Elementwise["slope"],
): Elementwise => ({
  op,
  numbers,
  run: (ops, x) => ops[op](x),
  record: (plan, x) => recordUnaryVjp(plan, op, x),
  f,
  slope,
  turns: [0],
});

/** The nearest integer, of two the even one. */
function nearest(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/** One of all functions. */
export function functionOf(draw: Draw, { exp, log, pow }: Elementary): Elementwise {
  const bound = draw.pick([0, 0.5, -1]);
  const exponent = draw.pick([0, 1, 2, 3, 4, -1, 0.5, 1.5]);
  const whole = Number.isInteger(exponent) && exponent >= 0;
  return draw.pick<Elementwise>([
    unary("neg", wide, rounded((x) => -x), rounded(() => -1)),
    unary("abs", wide, rounded(Math.abs), rounded(Math.sign)),
    unary("exp", small, exp, exp),
    unary("log", positive, log, rounded((x) => 1 / x)),
    unary("round", halves, rounded(nearest), rounded(() => 1)),
    unary("square", wide, rounded((x) => x * x), rounded((x) => 2 * x)),
    unary("sqrt", positive, rounded(Math.sqrt), rounded((x) => 0.5 / Math.sqrt(x))),
    {
      op: `max with ${bound}`,
      numbers: small,
      run: (ops, x) => ops.max(x, bound),
      record: (plan, x) => recordBoundedVjp(plan, "max", x, bound),
      f: rounded((x) => Math.max(x, bound)),
      slope: rounded((x) => x < bound ? 0 : 1),
      turns: [bound],
    },
    {
      op: `min with ${bound}`,
      numbers: small,
      run: (ops, x) => ops.min(x, bound),
      record: (plan, x) => recordBoundedVjp(plan, "min", x, bound),
      f: rounded((x) => Math.min(x, bound)),
      slope: rounded((x) => x > bound ? 0 : 1),
      turns: [bound],
    },
    {
      op: `pow by ${exponent}`,
      numbers: whole ? small : positive,
      run: (ops, x) => ops.pow(x, exponent),
      record: (plan, x) => recordPowVjp(plan, x, exponent),
      f: pow(exponent),
      slope: exponent === 0 ? rounded(() => 0) : times(exponent, pow(exponent - 1)),
      turns: [0],
    },
  ]);
}

function times(factor: number, { at, off }: Curve): Curve {
  return { at: (x) => factor * at(x), off: (x) => Math.abs(factor) * off(x) };
}

/** An op that is a function of every element. */
export function elementwise(draw: Draw, { elementary }: Limits): Op {
  const shape = shapeOf(draw, 1, 4);
  const { op, numbers, record, f, slope } = functionOf(draw, elementary);
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
      const back = Float64Array.from(x.data, (value, i) => slope.at(value) * dy.data[i]);
      return {
        y: {
          shape,
          values: Float64Array.from(x.data, f.at),
          allowed: Float64Array.from(x.data, f.off),
        },
        x: {
          shape,
          values: back,
          allowed: back.map((value, i) =>
            Math.abs(slope.off(x.data[i]) * dy.data[i]) + PRODUCTS * U * Math.abs(value)
          ),
        },
      };
    },
  };
}

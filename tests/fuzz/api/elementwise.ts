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
import { shapeOf } from "./inputs.ts";
import type { Op } from "./recorded.ts";
import { U } from "./trial.ts";

/** A function of numbers of some kind. */
export interface Elementwise {
  readonly op: string;
  readonly numbers: (draw: Draw, length: number) => Float32Array;
  readonly run: (ops: PipelineOps, x: Tensor) => Tensor;
  readonly record: (plan: Plan, x: Tensor) => SymbolicVjp<UnaryCotangent>;
  readonly f: (x: number) => number;
  readonly slope: (x: number) => number;
  /** Where one of both turns or jumps. */
  readonly turns: readonly number[];
}

/** What a result that is not rounded quite correctly, and a slope with its product, are rounded by. */
export const ROUNDINGS = { result: 2, slope: 5 };

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
export function functionOf(draw: Draw): Elementwise {
  const bound = draw.pick([0, 0.5, -1]);
  const exponent = draw.pick([0, 1, 2, 3, 4, -1, 0.5, 1.5]);
  const whole = Number.isInteger(exponent) && exponent >= 0;
  return draw.pick<Elementwise>([
    unary("neg", wide, (x) => -x, () => -1),
    unary("abs", wide, Math.abs, Math.sign),
    unary("exp", small, Math.exp, Math.exp),
    unary("log", positive, Math.log, (x) => 1 / x),
    unary("round", halves, nearest, () => 1),
    unary("square", wide, (x) => x * x, (x) => 2 * x),
    unary("sqrt", positive, Math.sqrt, (x) => 0.5 / Math.sqrt(x)),
    {
      op: `max with ${bound}`,
      numbers: small,
      run: (ops, x) => ops.max(x, bound),
      record: (plan, x) => recordBoundedVjp(plan, "max", x, bound),
      f: (x) => Math.max(x, bound),
      slope: (x) => x < bound ? 0 : 1,
      turns: [bound],
    },
    {
      op: `min with ${bound}`,
      numbers: small,
      run: (ops, x) => ops.min(x, bound),
      record: (plan, x) => recordBoundedVjp(plan, "min", x, bound),
      f: (x) => Math.min(x, bound),
      slope: (x) => x > bound ? 0 : 1,
      turns: [bound],
    },
    {
      op: `pow by ${exponent}`,
      numbers: whole ? small : positive,
      run: (ops, x) => ops.pow(x, exponent),
      record: (plan, x) => recordPowVjp(plan, x, exponent),
      f: (x) => x ** exponent,
      slope: (x) => exponent === 0 ? 0 : exponent * x ** (exponent - 1),
      turns: [0],
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
        y: { shape, values: y, allowed: y.map((value) => ROUNDINGS.result * U * Math.abs(value)) },
        x: {
          shape,
          values: back,
          allowed: back.map((value) => ROUNDINGS.slope * U * Math.abs(value)),
        },
      };
    },
  };
}

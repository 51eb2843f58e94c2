/**
 * Projections of parameters, for after an optimizer's step. No op applies them by itself.
 *
 * @module
 */
import { resolveAxes } from "../plan/view.ts";
import { checkArguments } from "../tensor/arguments.ts";
import { tensorFrom } from "../tensor/checks.ts";
import type { Tensor } from "../tensor/types.ts";
import {
  type AxisOptions,
  type Limits,
  maxNormLimits,
  type MaxNormOptions,
  minMaxNormLimits,
  type MinMaxNormOptions,
  TINY,
  unitNormLimits,
} from "./limits.ts";

/** A function from a tensor to a new tensor of the same shape that satisfies a condition. */
export type Constraint = (tensor: Tensor) => Tensor;

const ACTION = "make a constraint";

/**
 * `max(t, 0)` for every element.
 *
 * @returns The constraint.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { nonNeg } from "@kernorm/kernorm/training";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nonNeg()(tensor([-1, 2])), tensor([0, 2]));
 * ```
 */
export function nonNeg(): Constraint {
  checkArguments(ACTION, arguments, 0);
  return function (tensor) {
    checkArguments("constrain", arguments, 1);
    const { shape, data } = tensorFrom("constrain", "tensor", tensor);
    return { shape: [...shape], data: data.map((value) => Math.max(value, 0)) };
  };
}

/**
 * Shortens vectors along `axis` to the norm `max`: `t * clip(norm, 0, max) / (1e-7 + norm)`.
 *
 * Source: Srivastava et al., "Dropout", 2014, section 5.1; formula of Keras.
 *
 * @param options Largest norm and axes.
 * @returns The constraint.
 * @throws {RangeError} If `max` is out of its domain; the constraint, if an axis is.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { maxNorm } from "@kernorm/kernorm/training";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(maxNorm({ max: 1 })(tensor([3, 4])).data[1], 0.8, 1e-6);
 * ```
 */
export function maxNorm(options: MaxNormOptions = {}): Constraint {
  checkArguments(ACTION, arguments, 1);
  return rescaled(maxNormLimits(ACTION, options));
}

/**
 * Gives vectors along `axis` the norm 1: `t / (1e-7 + norm)`.
 *
 * @param options Axes.
 * @returns The constraint.
 * @throws {RangeError} The constraint, if an axis is out of range.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { unitNorm } from "@kernorm/kernorm/training";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(unitNorm({ axis: 1 })(tensor([[3, 4]])).data[0], 0.6, 1e-6);
 * ```
 */
export function unitNorm(options: AxisOptions = {}): Constraint {
  checkArguments(ACTION, arguments, 1);
  return rescaled(unitNormLimits(ACTION, options));
}

/**
 * Brings the norms of vectors along `axis` between `min` and `max`, or some of the way there:
 * `t * (rate * clip(norm, min, max) + (1 - rate) * norm) / (1e-7 + norm)`.
 *
 * @param options Norms, rate and axes.
 * @returns The constraint.
 * @throws {RangeError} If a number is out of its domain; the constraint, if an axis is.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { minMaxNorm } from "@kernorm/kernorm/training";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const halfway = minMaxNorm({ min: 1, max: 3, rate: 0.5 });
 * assertAlmostEquals(halfway(tensor([3, 4])).data[0], 3 * 4 / 5, 1e-6);
 * ```
 */
export function minMaxNorm(options: MinMaxNormOptions = {}): Constraint {
  checkArguments(ACTION, arguments, 1);
  return rescaled(minMaxNormLimits(ACTION, options));
}

/** Gives every vector a norm within limits. */
function rescaled({ least, most, rate, axes }: Limits): Constraint {
  const factor = (norm: number) => {
    const wanted = Math.min(Math.max(norm, least), most);
    return (rate === 1 ? wanted : rate * wanted + (1 - rate) * norm) / (TINY + norm);
  };
  return function (tensor) {
    checkArguments("constrain", arguments, 1);
    const own = tensorFrom("constrain", "tensor", tensor);
    return scaledVectors(own, resolveAxes("constrain", "axis", axes, own.shape.length), factor);
  };
}

function scaledVectors(
  { shape, data }: Tensor,
  axes: readonly number[],
  factor: (norm: number) => number,
): Tensor {
  const { vectors, count } = vectorsOf(shape, axes);
  // Loops, as callbacks of typed arrays are called ten times as slowly.
  const factors = new Float64Array(count);
  for (let i = 0; i < data.length; i++) factors[vectors[i]] += data[i] * data[i];
  for (let vector = 0; vector < count; vector++) {
    factors[vector] = factor(Math.sqrt(factors[vector]));
  }
  const scaled = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) scaled[i] = data[i] * factors[vectors[i]];
  return { shape: [...shape], data: scaled };
}

/** For each element the number of its vector, and how many vectors there are. */
function vectorsOf(
  shape: readonly number[],
  axes: readonly number[],
): { readonly vectors: Uint32Array; readonly count: number } {
  const vectors = new Uint32Array(shape.reduce((size, extent) => size * extent, 1));
  // From the innermost axis out: the elements of one place of an axis are those so far, further on.
  let elements = 1;
  let count = 1;
  for (const axis of shape.map((_, axis) => axis).reverse()) {
    const step = axes.includes(axis) ? 0 : count;
    for (let place = 1; place < shape[axis]; place++) {
      for (let i = 0; i < elements; i++) {
        vectors[place * elements + i] = vectors[i] + place * step;
      }
    }
    elements *= shape[axis];
    if (step > 0) count *= shape[axis];
  }
  return { vectors, count };
}

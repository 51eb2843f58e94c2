/**
 * How GDN's parameters are stored so that gradient steps keep them in range: as square roots with a
 * floor under them.
 *
 * @module
 */
import { checkArguments, readable } from "../tensor/arguments.ts";
import { shown } from "../tensor/shown.ts";

/** Options of the stored form. */
export interface ReparamOptions {
  /** Least effective beta; finite and `>= 0`. @default {1e-6} */
  readonly betaMin?: number;
  /** Keeps the slope of the square away from 0; finite and `>= 0`. @default {2 ** -18} */
  readonly reparamOffset?: number;
}

/** Floors of the stored values, and what is taken off their squares. */
export interface ReparamBounds {
  /** sqrt(betaMin + reparamOffset^2). */
  readonly betaBound: number;
  /** reparamOffset. */
  readonly gammaBound: number;
  /** reparamOffset^2. */
  readonly pedestal: number;
}

const BOUND = "apply lowerBound";
const PULL_BACK = "pull back lowerBound";

/**
 * Checks the options of the stored form.
 *
 * @param action What is being done, for the error's text.
 * @param options The options.
 * @throws {RangeError} If one is negative or not finite.
 */
export function checkReparam(action: string, options: ReparamOptions): void {
  for (const name of ["betaMin", "reparamOffset"] as const) {
    const value = options[name];
    if (value !== undefined && !(Number.isFinite(value) && value >= 0)) {
      throw new RangeError(
        `Cannot ${action}: ${name} must be a finite number >= 0, got ${shown(value)}`,
      );
    }
  }
}

/**
 * The bounds of the stored form.
 *
 * Source: tf.contrib.layers.GDN of TensorFlow 1.15, `_reparam`.
 *
 * @param action What is being done, for the error's text.
 * @param options The options.
 * @returns The bounds.
 * @throws {RangeError} If an option is negative or not finite.
 */
export function bounds(action: string, options: ReparamOptions): ReparamBounds {
  checkReparam(action, options);
  const { betaMin = 1e-6, reparamOffset = 2 ** -18 } = options;
  const pedestal = reparamOffset ** 2;
  return { betaBound: Math.sqrt(betaMin + pedestal), gammaBound: reparamOffset, pedestal };
}

/**
 * max(z, bound) for every element.
 *
 * @param values Numbers. Not modified.
 * @param bound The floor.
 * @returns New numbers.
 * @throws {TypeError} If `values` is not a Float32Array, or `bound` not a number.
 */
export function lowerBound(values: Float32Array, bound: number): Float32Array {
  checkArguments(BOUND, arguments, 2);
  checkNumbers(BOUND, "values", values);
  checkBound(BOUND, bound);
  return values.map((z) => Math.max(z, bound));
}

/**
 * The gradient that {@linkcode lowerBound} passes to its input: all of it where the input is at or
 * above the bound, and below it only what a descent step would use to come back, that is a negative
 * gradient.
 *
 * Source: tf.contrib.layers.GDN of TensorFlow 1.15, `_lower_bound`; "identity_if_towards" of
 * tensorflow_compression.
 *
 * @param values What `lowerBound` was given. Not modified.
 * @param bound The floor.
 * @param gradient Gradient with respect to `lowerBound`'s result. Not modified.
 * @returns Gradient with respect to `values`.
 * @throws {TypeError} If `values` or `gradient` is not a Float32Array, they differ in length, or
 * `bound` is not a number.
 */
export function lowerBoundGradient(
  values: Float32Array,
  bound: number,
  gradient: Float32Array,
): Float32Array {
  checkArguments(PULL_BACK, arguments, 3);
  checkNumbers(PULL_BACK, "values", values);
  checkBound(PULL_BACK, bound);
  checkNumbers(PULL_BACK, "gradient", gradient);
  if (gradient.length !== values.length) {
    throw new TypeError(
      `Cannot ${PULL_BACK}: gradient must be as long as values, ${values.length}, got ${gradient.length}`,
    );
  }
  // Stored values are float32: the one at the bound is the bound rounded.
  const least = Math.fround(bound);
  return gradient.map((g, i) => values[i] >= least || g < 0 ? g : 0);
}

function checkNumbers(action: string, name: string, values: Float32Array): void {
  // A proxy of a typed array is an instance of its class, and cannot be read as one.
  const isNumbers = readable(
    action,
    name,
    () => ArrayBuffer.isView(values) && values instanceof Float32Array,
  );
  if (isNumbers) return;
  throw new TypeError(`Cannot ${action}: ${name} must be a Float32Array, got ${shown(values)}`);
}

function checkBound(action: string, bound: number): void {
  if (typeof bound === "number") return;
  throw new TypeError(`Cannot ${action}: bound must be a number, got ${shown(bound)}`);
}

/**
 * Initial values for parameters and state: functions from a shape to a new tensor. The random ones
 * are pure: one seed and one shape always give the same tensor.
 *
 * @module
 */
import { checkArguments, checkKeys, extentsOf } from "../tensor/arguments.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import { shown } from "../tensor/shown.ts";
import type { Tensor } from "../tensor/types.ts";
import { normal, uniform } from "./random.ts";

/** A function from a shape to a new tensor of that shape. */
export type Initializer = (shape: readonly number[]) => Tensor;

/** Options of the random initializers. */
export interface SeedOptions {
  /** Which numbers are drawn; a safe integer from 0. @default {0} */
  readonly seed?: number;
}

/** Options of {@linkcode randomNormal} and {@linkcode truncatedNormal}. */
export interface NormalOptions extends SeedOptions {
  /** The mean of the numbers. @default {0} */
  readonly mean?: number;
  /** Their standard deviation, at least 0. @default {1} */
  readonly stddev?: number;
}

/** Options of {@linkcode randomUniform}. */
export interface UniformOptions extends SeedOptions {
  /** Least value. @default {0} */
  readonly min?: number;
  /** Bound above all values; at least `min`. @default {1} */
  readonly max?: number;
}

export const ACTION = "make an initializer";

/** Deviation of a standard normal distribution cut off at two deviations. */
const TRUNCATED_STDDEV = 0.87962566103423978;

/**
 * Every element 0.
 *
 * @returns The initializer.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { zeros } from "@kernorm/kernorm/training";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(zeros()([2]), tensor([0, 0]));
 * ```
 */
export function zeros(): Initializer {
  checkArguments(ACTION, arguments, 0);
  return constant(0);
}

/**
 * Every element 1.
 *
 * @returns The initializer.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { ones } from "@kernorm/kernorm/training";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ones()([2]), tensor([1, 1]));
 * ```
 */
export function ones(): Initializer {
  checkArguments(ACTION, arguments, 0);
  return constant(1);
}

/**
 * Every element the same number.
 *
 * @param value The number.
 * @returns The initializer.
 * @throws {TypeError} If `value` is not a number.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { constant } from "@kernorm/kernorm/training";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(constant(0.5)([2]), tensor([0.5, 0.5]));
 * ```
 */
export function constant(value: number): Initializer {
  checkArguments(ACTION, arguments, 1);
  if (typeof value !== "number") {
    throw new TypeError(`Cannot make an initializer: value must be a number, got ${typeof value}`);
  }
  return initializer(() => () => value);
}

/**
 * The identity matrix times a number; a matrix that is not square is cut off or filled with zeros.
 *
 * @param gain The number on the diagonal.
 * @returns The initializer, for rank 2 only.
 * @throws {TypeError} The initializer, if the shape has another rank.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { identity } from "@kernorm/kernorm/training";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(identity(2)([2, 2]), tensor([[2, 0], [0, 2]]));
 * ```
 */
export function identity(gain = 1): Initializer {
  checkArguments(ACTION, arguments, 1);
  checkNumber("gain", gain);
  return initializer((shape) => {
    if (shape.length !== 2) {
      throw new TypeError(
        `Cannot initialize: shape must have rank 2 for identity, got ${formatShape(shape)}`,
      );
    }
    return (i) => Math.floor(i / shape[1]) === i % shape[1] ? gain : 0;
  });
}

/**
 * Normally distributed numbers.
 *
 * @param options Mean, standard deviation and seed.
 * @returns The initializer.
 * @throws {RangeError} If a number is out of its domain.
 *
 * @example Usage
 * ```ts
 * import { randomNormal } from "@kernorm/kernorm/training";
 * import { assertEquals, assertNotEquals } from "@std/assert";
 *
 * const initializer = randomNormal({ stddev: 0.05, seed: 1 });
 * assertEquals(initializer([3]), initializer([3]));
 * assertNotEquals(initializer([3]), randomNormal({ stddev: 0.05, seed: 2 })([3]));
 * ```
 */
export function randomNormal(options: NormalOptions = {}): Initializer {
  checkArguments(ACTION, arguments, 1);
  const { mean, stddev, seed } = checkNormal(options);
  return initializer(() => {
    const next = normal(seed);
    return () => mean + stddev * next();
  });
}

/**
 * Uniformly distributed numbers from `min` up to but not including `max`.
 *
 * @param options Bounds and seed.
 * @returns The initializer.
 * @throws {RangeError} If `max` is less than `min`, or a number is not finite.
 *
 * @example Usage
 * ```ts
 * import { randomUniform } from "@kernorm/kernorm/training";
 * import { assert } from "@std/assert";
 *
 * assert(randomUniform({ min: -1 })([100]).data.every((v) => v >= -1 && v <= 1));
 * ```
 */
export function randomUniform(options: UniformOptions = {}): Initializer {
  checkArguments(ACTION, arguments, 1);
  const { min = 0, max = 1, seed = 0 } = checkKeys(ACTION, "options", options, {
    min: true,
    max: true,
    seed: true,
  });
  checkNumber("min", min);
  checkNumber("max", max);
  checkSeed(seed);
  if (max < min) {
    throw new RangeError(`Cannot make an initializer: max must be >= min, got ${max} and ${min}`);
  }
  return initializer(() => {
    const next = uniform(seed);
    return () => min + (max - min) * next();
  });
}

/**
 * Normally distributed numbers; those beyond two standard deviations of the mean are drawn again.
 *
 * @param options Mean and standard deviation before truncation, and seed.
 * @returns The initializer.
 * @throws {RangeError} If a number is out of its domain.
 *
 * @example Usage
 * ```ts
 * import { truncatedNormal } from "@kernorm/kernorm/training";
 * import { assert } from "@std/assert";
 *
 * assert(truncatedNormal()([100]).data.every((v) => Math.abs(v) <= 2));
 * ```
 */
export function truncatedNormal(options: NormalOptions = {}): Initializer {
  checkArguments(ACTION, arguments, 1);
  const { mean, stddev, seed } = checkNormal(options);
  return initializer(() => {
    const next = normal(seed);
    const within = () => {
      for (;;) {
        const value = next();
        if (Math.abs(value) <= 2) return value;
      }
    };
    return () => mean + stddev * within();
  });
}

export function truncated(stddev: number, seed: number): Initializer {
  return truncatedNormal({ stddev: stddev / TRUNCATED_STDDEV, seed });
}

/** An initializer, from a function of the shape that returns the elements by their index. */
export function initializer(
  elementsOf: (shape: readonly number[]) => (index: number) => number,
): Initializer {
  return function (given) {
    checkArguments("initialize", arguments, 1);
    const shape = extentsOf("initialize", "shape", given);
    const element = elementsOf(shape);
    return { shape, data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => element(i)) };
  };
}

function checkNormal(options: NormalOptions): Required<NormalOptions> {
  const { mean = 0, stddev = 1, seed = 0 } = checkKeys(ACTION, "options", options, {
    mean: true,
    stddev: true,
    seed: true,
  });
  checkNumber("mean", mean);
  checkNumber("stddev", stddev);
  checkSeed(seed);
  if (stddev < 0) {
    throw new RangeError(`Cannot make an initializer: stddev must be >= 0, got ${stddev}`);
  }
  return { mean, stddev, seed };
}

export function checkName(name: string, value: string, known: object): void {
  if (typeof value !== "string" || !Object.hasOwn(known, value)) {
    throw new TypeError(
      `Cannot make an initializer: ${name} must be one of ${Object.keys(known).join(", ")}, got ${
        shown(value)
      }`,
    );
  }
}

export function checkNumber(name: string, value: number): void {
  if (!Number.isFinite(value)) {
    throw new RangeError(
      `Cannot make an initializer: ${name} must be a finite number, got ${shown(value)}`,
    );
  }
}

export function checkSeed(seed: number): void {
  if (!(Number.isSafeInteger(seed) && seed >= 0)) {
    throw new RangeError(
      `Cannot make an initializer: seed must be a safe integer >= 0, got ${shown(seed)}`,
    );
  }
}

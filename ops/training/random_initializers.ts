/**
 * Initial values that are drawn at random, by a seed: the same seed and shape always give the same
 * tensor.
 *
 * @module
 */
import { checkArguments, checkKeys } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { shown } from "../tensor/shown.ts";
import { ACTION, type Initializer, initializer } from "./initializers.ts";
import { normal, uniform } from "./random.ts";

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

/** Deviation of a standard normal distribution cut off at two deviations. */
const TRUNCATED_STDDEV = 0.87962566103423978;

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
  checkNumber(ACTION, "min", min, "finite");
  checkNumber(ACTION, "max", max, "finite");
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

function checkNormal(options: NormalOptions): Required<NormalOptions> {
  const { mean = 0, stddev = 1, seed = 0 } = checkKeys(ACTION, "options", options, {
    mean: true,
    stddev: true,
    seed: true,
  });
  checkNumber(ACTION, "mean", mean, "finite");
  checkNumber(ACTION, "stddev", stddev, "finite");
  checkSeed(seed);
  if (stddev < 0) {
    throw new RangeError(`Cannot make an initializer: stddev must be >= 0, got ${stddev}`);
  }
  return { mean, stddev, seed };
}

export function checkSeed(seed: number): void {
  if (!(Number.isSafeInteger(seed) && seed >= 0)) {
    throw new RangeError(
      `Cannot make an initializer: seed must be a safe integer >= 0, got ${shown(seed)}`,
    );
  }
}

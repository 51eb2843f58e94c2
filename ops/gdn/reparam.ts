/**
 * How GDN's parameters are stored so that gradient steps keep them in range: as square roots with a
 * floor under them.
 *
 * @module
 */
import { checkNumber } from "../tensor/numbers.ts";

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
  /** reparamOffset, as a float32. */
  readonly gammaBound: number;
  /** The square of that. */
  readonly pedestal: number;
}

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
    if (value !== undefined) checkNumber(action, name, value, "notNegative");
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
  // Stored values are float32s. At the bound, the square of another offset would leave more or less than 0.
  const offset = Math.fround(reparamOffset);
  const pedestal = offset ** 2;
  return { betaBound: Math.sqrt(betaMin + pedestal), gammaBound: offset, pedestal };
}

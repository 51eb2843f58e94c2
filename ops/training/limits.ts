/**
 * Which norms a constraint allows: the options of those that rescale vectors.
 *
 * @module
 */
import { checkKeys, integersOf } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";

/** Along what norms are taken. */
export interface AxisOptions {
  /** One axis or several; negative ones count from the end. @default {0} */
  readonly axis?: number | readonly number[];
}

/** Options for {@linkcode maxNorm}. */
export interface MaxNormOptions extends AxisOptions {
  /** Largest norm; finite and `>= 0`. @default {2} */
  readonly max?: number;
}

/** Options for {@linkcode minMaxNorm}. */
export interface MinMaxNormOptions extends AxisOptions {
  /** Least norm; from 0 to `max`. @default {0} */
  readonly min?: number;
  /** Largest norm. @default {1} */
  readonly max?: number;
  /** How much of the way to go; from 0 to 1. @default {1} */
  readonly rate?: number;
}

/** What a constraint makes of the norms of vectors. */
export interface Limits {
  readonly least: number;
  readonly most: number;
  /** How much of the way a norm goes to them. */
  readonly rate: number;
  /** The axes of one vector; negative ones count from the end. */
  readonly axes: readonly number[];
}

/** What keeps a division by a norm of 0 finite, as in Keras. */
export const TINY = 1e-7;

/** The limits of `maxNorm`. */
export function maxNormLimits(action: string, options: MaxNormOptions): Limits {
  const { max = 2, axis } = checkKeys(action, "options", options, { max: true, axis: true });
  checkNumber(action, "max", max, "notNegative");
  return { least: 0, most: max, rate: 1, axes: axesOf(action, axis) };
}

/** The limits of `unitNorm`. */
export function unitNormLimits(action: string, options: AxisOptions): Limits {
  const { axis } = checkKeys(action, "options", options, { axis: true });
  return { least: 1, most: 1, rate: 1, axes: axesOf(action, axis) };
}

/** The limits of `minMaxNorm`. */
export function minMaxNormLimits(action: string, options: MinMaxNormOptions): Limits {
  const { min = 0, max = 1, rate = 1, axis } = checkKeys(action, "options", options, {
    min: true,
    max: true,
    rate: true,
    axis: true,
  });
  checkNumber(action, "min", min, "notNegative");
  checkNumber(action, "max", max, "notNegative");
  if (max < min) {
    throw new RangeError(`Cannot ${action}: max must be >= min, got ${max} and ${min}`);
  }
  checkNumber(action, "rate", rate, "share");
  return { least: min, most: max, rate, axes: axesOf(action, axis) };
}

function axesOf(action: string, axis: number | readonly number[] = 0): readonly number[] {
  return integersOf(action, "axis", typeof axis === "number" ? [axis] : axis, "");
}

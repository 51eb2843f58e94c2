/**
 * What conversions from other frameworks share: vectors out of records of foreign names.
 *
 * @module
 */
import { checkFlag, checkNames, readable } from "../tensor/arguments.ts";
import { tensorFrom, vectorFrom } from "../tensor/checks.ts";
import { shown } from "../tensor/shown.ts";
import { tensor } from "../tensor/tensor.ts";
import type { Tensor } from "../tensor/types.ts";

/** A record of foreign names, whose vectors all have the channels of its moving mean. */
export class Weights {
  readonly #action: string;
  readonly #record: Readonly<Record<string, unknown>>;
  readonly #channels: number;

  /**
   * @throws {TypeError} If a name is unknown or the moving mean is no vector.
   */
  constructor(action: string, record: object, mean: string, known: readonly string[]) {
    this.#action = action;
    this.#record = checkNames(
      action,
      "weights",
      record as Readonly<Record<string, unknown>>,
      known,
    );
    this.#channels = channelsOf(action, mean, this.#record[mean]);
  }

  /** A copy of a vector, shape `(channels,)`. */
  vector(name: string): Tensor {
    return vectorFrom(this.#action, name, this.#record[name], [this.#channels]);
  }

  /** A copy of a vector of variances or deviations. */
  spread(name: string): Tensor {
    return spreadFrom(this.#action, name, this.#record[name], this.#channels);
  }

  /** A number, shape `()`. */
  scalar(name: string): Tensor {
    return tensor([scalarOf(this.#action, name, this.#record[name])], []);
  }

  /** A vector that is there if and only if a flag says so. */
  flagged(name: string, flag: string, wanted: boolean): Tensor | undefined {
    checkGiven(this.#action, name, this.#record[name], flag, wanted);
    return wanted ? this.vector(name) : undefined;
  }
}

/**
 * Checks that a parameter is there if and only if a flag says so: a name that is misspelt is not
 * ignored.
 *
 * @throws {TypeError} If it is not, or the flag is not a boolean.
 */
export function checkGiven(
  action: string,
  name: string,
  value: unknown,
  flag: string,
  wanted: boolean,
): void {
  checkFlag(action, flag, wanted);
  if (wanted === (value !== undefined)) return;
  throw new TypeError(
    `Cannot ${action}: ${name} must ${wanted ? "" : "not "}be given with ${flag}: ${wanted}, got ${
      shown(value)
    }`,
  );
}

/**
 * A copy of a vector of variances or deviations.
 *
 * @throws {RangeError} If one is negative or not finite.
 */
export function spreadFrom(
  action: string,
  name: string,
  vector: unknown,
  channels: number,
): Tensor {
  const spread = vectorFrom(action, name, vector, [channels]);
  const wrong = spread.data.find((value) => !(value >= 0 && value < Infinity));
  if (wrong === undefined) return spread;
  throw new RangeError(`Cannot ${action}: ${name} must hold finite numbers >= 0, got ${wrong}`);
}

/** A number that is given as such, or as the only element of a vector. */
export function scalarOf(action: string, name: string, value: unknown): number {
  if (typeof value === "number") return value;
  const isScalar = readable(action, name, () => Object(value).shape?.length === 0);
  return vectorFrom(action, name, value, isScalar ? [] : [1]).data[0];
}

/**
 * Checks that a value is one of a few.
 *
 * @throws {TypeError} If it is not.
 */
export function checkOneOf(
  action: string,
  name: string,
  value: unknown,
  known: readonly unknown[],
): void {
  if (!known.includes(value)) {
    throw new TypeError(
      `Cannot ${action}: ${name} must be ${known.map(String).join(" or ")}, got ${shown(value)}`,
    );
  }
}

/** The length of a vector. */
export function channelsOf(action: string, name: string, vector: unknown): number {
  if (vector === undefined) {
    throw new TypeError(`Cannot ${action}: ${name} must be given, got undefined`);
  }
  const length = readable(action, name, () => {
    const isList = Array.isArray(vector) || ArrayBuffer.isView(vector);
    return isList ? (vector as ArrayLike<number>).length : undefined;
  });
  const channels = length ?? tensorFrom(action, name, vector).shape[0] ?? 1;
  vectorFrom(action, name, vector, [channels]);
  if (channels === 0) {
    throw new TypeError(`Cannot ${action}: ${name} must have one channel or more, got none`);
  }
  return channels;
}

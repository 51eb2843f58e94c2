import { shown } from "./_graph.ts";
import { type Activation, activations } from "./activations.ts";

/**
 * Checks that a number added to a variance is one.
 *
 * @throws {RangeError} If it is negative or not finite.
 */
export function checkEpsilon(action: string, epsilon: number): void {
  if (!(Number.isFinite(epsilon) && epsilon >= 0)) {
    throw new RangeError(`Cannot ${action}: epsilon must be a finite number >= 0, got ${epsilon}`);
  }
}

/**
 * Checks the name of an activation.
 *
 * @throws {TypeError} If it is unknown.
 */
export function checkActivation(action: string, activation: Activation): void {
  if (!activations.includes(activation)) {
    throw new TypeError(
      `Cannot ${action}: activation must be one of ${activations.join(", ")}, got ${activation}`,
    );
  }
}

/**
 * Checks that an object has no keys but the known ones, so that a misspelt option is not ignored.
 *
 * @throws {TypeError} If it has another one, or is no object.
 */
export function checkKeys(
  action: string,
  name: string,
  value: unknown,
  known: readonly string[],
): void {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new TypeError(`Cannot ${action}: ${name} must be an object, got ${shown(value)}`);
  }
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(
      `Cannot ${action}: ${name} must have keys among ${known.join(", ")}, got ${unknown}`,
    );
  }
}

/**
 * Checks a flag.
 *
 * @throws {TypeError} If it is not a boolean.
 */
export function checkFlag(action: string, name: string, value: unknown): void {
  if (typeof value !== "boolean") {
    throw new TypeError(`Cannot ${action}: ${name} must be a boolean, got ${shown(value)}`);
  }
}

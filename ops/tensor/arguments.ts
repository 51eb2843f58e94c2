/**
 * What functions are given: objects of named things, lists and shapes, each read once and refused where
 * something in it would be ignored.
 *
 * @module
 */
import { sizeOf } from "./shape.ts";
import { shown } from "./shown.ts";

/** How all errors of this library read. */
const OWN_ERROR = /^Cannot [^:]+: [^]* must [^]*, got /;

/** Elements of the largest typed array that every engine has. */
const MOST_ELEMENTS = 2 ** 31 - 1;

/**
 * The fields of an argument that is an object of named things, each read once: a getter cannot change
 * its mind between a check and the use.
 *
 * Only objects as `{}` makes them, and those without a prototype, are taken. What another object has
 * (a Map its entries, an instance its inherited getters) would have to be ignored or guessed.
 *
 * @throws {TypeError} If it is another object or none, a field has a symbol for its key, or a field
 * cannot be read.
 */
export function fieldsOf<T extends object>(action: string, name: string, value: T): T {
  if (value === null || typeof value !== "object") {
    throw new TypeError(`Cannot ${action}: ${name} must be an object, got ${shown(value)}`);
  }
  let fields: T | undefined;
  try {
    // Most calls of an op come by here: a closure for `readable` would be felt.
    if (isRecord(value)) fields = { ...value };
  } catch (cause) {
    throw unreadable(action, name, cause);
  }
  if (fields === undefined) {
    const rule = Array.isArray(value) ? "an object" : "a plain object";
    throw new TypeError(`Cannot ${action}: ${name} must be ${rule}, got ${shown(value)}`);
  }
  const symbols = Object.getOwnPropertySymbols(fields);
  if (symbols.length > 0) {
    throw new TypeError(`Cannot ${action}: ${name} must have no symbols, got ${shown(symbols[0])}`);
  }
  return fields;
}

/** All keys of T, and no others: a key that T gains or loses does not compile until it is here. */
export type Keys<T> = { readonly [K in Named<T>]: true };

/** The keys of every member of a union but index signatures. */
type Named<T> = T extends unknown
  ? keyof { [K in keyof T as Record<never, never> extends Record<K, 1> ? never : K]: 1 }
  : never;

/**
 * The fields of an argument, none but the known ones: a misspelt option is not ignored.
 *
 * @returns What {@linkcode fieldsOf} returns.
 * @throws {TypeError} As {@linkcode fieldsOf}, and if there is another field.
 */
export function checkKeys<T extends object>(
  action: string,
  name: string,
  value: T,
  keys: Keys<NoInfer<T>>,
): T {
  return checkNames(action, name, value, Object.keys(keys));
}

/** As {@linkcode checkKeys}, for names that no type lists. */
export function checkNames<T extends object>(
  action: string,
  name: string,
  value: T,
  known: readonly string[],
): T {
  const fields = fieldsOf(action, name, value);
  const unknown = Object.keys(fields).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(
      `Cannot ${action}: ${name} must have keys among ${known.join(", ")}, got ${shown(unknown)}`,
    );
  }
  return fields;
}

/**
 * The extents of a shape, each read once.
 *
 * @throws {TypeError} If it is not an array.
 * @throws {RangeError} If an extent is not an integer from 0, or they have more elements than a typed
 * array holds in every engine.
 */
export function extentsOf(action: string, name: string, shape: readonly number[]): number[] {
  const extents = integersOf(action, name, shape, " >= 0");
  const size = sizeOf(extents);
  if (size > MOST_ELEMENTS) {
    throw new RangeError(
      `Cannot ${action}: ${name} must have at most ${MOST_ELEMENTS} elements, got ${size}`,
    );
  }
  return extents;
}

/**
 * The integers of a list, each read once.
 *
 * @param range What the text says of their range: nothing, or that they start from 0.
 * @throws {TypeError} If it is not an array.
 * @throws {RangeError} If an element is not an integer, or out of range.
 */
export function integersOf(
  action: string,
  name: string,
  list: readonly number[],
  range: "" | " >= 0",
): number[] {
  if (!readable(action, name, () => Array.isArray(list))) {
    throw new TypeError(
      `Cannot ${action}: ${name} must be an array of integers${range}, got ${shown(list)}`,
    );
  }
  const integers: number[] = [];
  for (let i = 0; i < readable(action, name, () => list.length); i++) {
    const value = readable(action, name, () => list[i]);
    if (!(Number.isSafeInteger(value) && (range === "" || value >= 0))) {
      throw new RangeError(
        `Cannot ${action}: ${name} must hold integers${range}, got ${shown(value)}`,
      );
    }
    integers.push(value);
  }
  return integers;
}

/**
 * Checks that a function has been given no argument too many, such as options in a place where none
 * are read. Trailing `undefined` counts as nothing, and so do an index and an array behind the last
 * argument: a callback of `map` or `reduce` is given these.
 *
 * @param given The function's `arguments`.
 * @param most How many there may be.
 * @throws {TypeError} If there are more.
 */
export function checkArguments(action: string, given: ArrayLike<unknown>, most: number): void {
  let count = given.length;
  if (count <= most) return;
  while (count > most && given[count - 1] === undefined) count--;
  if (count <= most || (count === most + 2 && isCallback(given, most))) return;
  throw new TypeError(`Cannot ${action}: arguments must be at most ${most}, got ${count}`);
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

/**
 * What a function reads of an argument, which may have getters or be a proxy.
 *
 * @throws {TypeError} If it cannot be read; errors of this library's pass.
 */
export function readable<T>(action: string, name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw unreadable(action, name, cause);
  }
}

/** What is thrown in place of an error that came while an argument was read. */
function unreadable(action: string, name: string, cause: unknown): unknown {
  if (cause instanceof Error && OWN_ERROR.test(cause.message)) return cause;
  return new TypeError(`Cannot ${action}: ${name} must be readable, got one that throws`, {
    cause,
  });
}

/** Whether an object is one as `{}` makes it, here or in another window, or has no prototype. */
export function isRecord(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
}

/** Whether the arguments behind the last one are its index and array. */
function isCallback(given: ArrayLike<unknown>, most: number): boolean {
  const index = given[most];
  const list = given[most + 1];
  return most > 0 && Array.isArray(list) && typeof index === "number" &&
    Object.is(list[index], given[most - 1]);
}

/**
 * What the collectives of a group are given, whatever engine makes them.
 *
 * @module
 */
import { checkArguments } from "../tensor/arguments.ts";
import { shown } from "../tensor/shown.ts";

/**
 * A copy of what a replica gives to all: the caller's own may change once the call has been made.
 *
 * @param given The call's arguments.
 * @throws {TypeError} If it is no Float64Array, or not alone.
 */
export function partFrom(given: readonly unknown[]): Float64Array<ArrayBuffer> {
  const action = "allGather over the replicas";
  checkArguments(action, given, 1);
  const [part] = given;
  if (isOf(Float64Array, part)) return new Float64Array(part);
  throw new TypeError(`Cannot ${action}: part must be a Float64Array, got ${shown(part)}`);
}

/**
 * A copy of what a replica adds to a sum, of the same kind.
 *
 * @param given The call's arguments.
 * @throws {TypeError} If it is neither kind of array, or not alone.
 */
export function valuesFrom<T extends Float32Array | Float64Array>(given: readonly unknown[]): T {
  const action = "allReduce over the replicas";
  checkArguments(action, given, 1);
  const [values] = given;
  if (isOf(Float32Array, values)) return new Float32Array(values) as T;
  if (isOf(Float64Array, values)) return new Float64Array(values) as T;
  throw new TypeError(
    `Cannot ${action}: values must be a Float32Array or a Float64Array, got ${shown(values)}`,
  );
}

/** Whether a value is a typed array of a kind; a proxy of one only passes for it. */
function isOf<T extends Float32Array | Float64Array>(
  kind: abstract new (...args: never[]) => T,
  value: unknown,
): value is T {
  return ArrayBuffer.isView(value) && value instanceof kind;
}

/**
 * Replicas that compute together: what an engine for them has to offer.
 *
 * @module
 */
import { readable } from "../tensor/arguments.ts";
import { shown } from "../tensor/shown.ts";

/**
 * Replicas that compute together, each with data of its own, as one of them sees it.
 *
 * Both functions are collectives: every replica calls the same ones in the same order, and each call
 * ends when all have come. Where calls differ (another function, another length in `allReduce`), they
 * reject on every replica, and so they do where a replica has ended. `@kernorm/kernorm/mpi` makes such
 * a group of the processes of MPI, {@linkcode runReplicas} of functions in one process; another engine
 * takes an object with these members.
 */
export interface ReplicaGroup {
  /** Which of the replicas this is: an integer from 0 to below `size`. */
  readonly rank: number;
  /** How many replicas there are. */
  readonly size: number;
  /**
   * What every replica gave, in order of rank. Lengths may differ, and be 0.
   *
   * @param part What this replica gives. Not modified, and read before the call returns.
   * @returns New arrays.
   */
  allGather(part: Float64Array): Promise<readonly Float64Array[]>;
  /**
   * Sums over all replicas, element by element. Every replica gets the same bits: an engine that sums
   * in another order on each of them has to sum once, and then tell the others.
   *
   * @param values What this replica adds, as long as that of the others, and of the same kind. Not
   * modified, and read before the call returns.
   * @returns A new array.
   */
  allReduce<T extends Float32Array | Float64Array>(values: T): Promise<T>;
}

/** Groups that have been read, by what was given. */
const known = new WeakMap<object, ReplicaGroup>();

/**
 * A group whose members have been read once, the same one at every call.
 *
 * @throws {TypeError} If it has not the four members, or the rank is not one of its size.
 */
export function groupFrom(action: string, name: string, given: ReplicaGroup): ReplicaGroup {
  const group = readable(action, name, () => {
    if (given === null || typeof given !== "object") return undefined;
    const read = known.get(given);
    if (read !== undefined) return read;
    const { rank, size, allGather, allReduce } = given;
    const isRank = Number.isSafeInteger(rank) && Number.isSafeInteger(size) && rank >= 0 &&
      rank < size;
    if (!isRank || typeof allGather !== "function" || typeof allReduce !== "function") {
      return undefined;
    }
    return {
      rank,
      size,
      async allGather(part: Float64Array) {
        const parts = await allGather.call(given, part);
        return checkParts(action, parts, size);
      },
      async allReduce<T extends Float32Array | Float64Array>(values: T) {
        return checkSums(action, await allReduce.call(given, values), values);
      },
    };
  });
  if (group === undefined) {
    throw new TypeError(
      `Cannot ${action}: ${name} must be a group { rank, size, allGather, allReduce } with a rank ` +
        `from 0 to below size, got ${shown(given)}`,
    );
  }
  known.set(given, group);
  return group;
}

/** Checks what an engine has gathered. */
function checkParts(action: string, parts: unknown, size: number): readonly Float64Array[] {
  const sound = readable(
    action,
    "what allGather returns",
    () =>
      Array.isArray(parts) && parts.length === size &&
      parts.every((part) => part instanceof Float64Array && ArrayBuffer.isView(part)),
  );
  if (sound) return parts as Float64Array[];
  throw new TypeError(
    `Cannot ${action}: allGather must return ${size} arrays of float64, got ${shown(parts)}`,
  );
}

/** Checks what an engine has summed. */
function checkSums<T extends Float32Array | Float64Array>(
  action: string,
  sums: unknown,
  values: T,
): T {
  const kind = values instanceof Float32Array ? Float32Array : Float64Array;
  const sound = readable(
    action,
    "what allReduce returns",
    () => sums instanceof kind && ArrayBuffer.isView(sums) && sums.length === values.length,
  );
  if (sound) return sums as T;
  throw new TypeError(
    `Cannot ${action}: allReduce must return ${values.length} numbers of the kind that it is given, ` +
      `got ${shown(sums)}`,
  );
}

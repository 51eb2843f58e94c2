/**
 * The group that a program is given.
 *
 * @module
 */
import { checkArguments } from "../tensor/arguments.ts";
import { shown } from "../tensor/shown.ts";
import type { Mpi, Numbers } from "./mpi.ts";
import type { MpiGroup } from "./mpi_group.ts";
import type { Replica } from "./replica.ts";

/** Without `this`, so that its functions can be taken out of it. */
export function groupOf(mpi: Mpi, version: string, replica: Replica): MpiGroup {
  const { rank, size } = mpi;
  return {
    rank,
    size,
    version,
    async allGather(part: Float64Array): Promise<readonly Float64Array[]> {
      const action = "allGather over the replicas";
      checkArguments(action, arguments, 1);
      if (!(part instanceof Float64Array)) {
        throw new TypeError(`Cannot ${action}: part must be a Float64Array, got ${shown(part)}`);
      }
      const copy = part.slice();
      return await replica.meet(
        { call: "allGather", length: copy.length, bits: 64 },
        (headers) => mpi.gather(copy, headers.map(({ length }) => length)),
      );
    },
    async allReduce<T extends Numbers>(values: T): Promise<T> {
      const action = "allReduce over the replicas";
      checkArguments(action, arguments, 1);
      if (!(values instanceof Float32Array || values instanceof Float64Array)) {
        throw new TypeError(
          `Cannot ${action}: values must be a Float32Array or a Float64Array, got ${shown(values)}`,
        );
      }
      const copy = values.slice() as T;
      return await replica.meet(
        { call: "allReduce", length: copy.length, bits: 8 * copy.BYTES_PER_ELEMENT },
        () => mpi.sum(copy),
      );
    },
    async barrier(): Promise<void> {
      checkArguments("wait for the replicas", arguments, 0);
      // All have come when their headers have.
      await replica.meet({ call: "barrier", length: 0, bits: 0 }, () => Promise.resolve());
    },
    abort(code: number = 1): void {
      const action = "abort the replicas";
      checkArguments(action, arguments, 1);
      if (!(Number.isInteger(code) && code >= 1 && code <= 255)) {
        throw new RangeError(
          `Cannot ${action}: code must be an integer from 1 to 255, got ${shown(code)}`,
        );
      }
      mpi.abort(code);
    },
    async finalize(): Promise<void> {
      checkArguments("finalize the group", arguments, 0);
      await replica.end();
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await replica.end().catch(() => {});
    },
  };
}

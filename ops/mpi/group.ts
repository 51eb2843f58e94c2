/**
 * The group that a program is given.
 *
 * @module
 */
import { partFrom, valuesFrom } from "../replicas/collective.ts";
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
    async allGather(...given: [part: Float64Array]): Promise<readonly Float64Array[]> {
      const part = partFrom(given);
      return await replica.meet(
        { call: "allGather", length: part.length, bits: 64 },
        (headers) => mpi.gather(part, headers.map(({ length }) => length)),
      );
    },
    async allReduce<T extends Numbers>(...given: [values: T]): Promise<T> {
      const values = valuesFrom<T>(given);
      return await replica.meet(
        { call: "allReduce", length: values.length, bits: 8 * values.BYTES_PER_ELEMENT },
        () => mpi.sum(values),
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

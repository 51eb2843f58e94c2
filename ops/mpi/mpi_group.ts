/**
 * What a group over MPI offers.
 *
 * @module
 */
import type { ReplicaGroup } from "../replicas/group.ts";
import type { AsyncDisposing } from "../tensor/disposing.ts";

/**
 * The processes of MPI as one of them sees them.
 *
 * Calls are made one at a time, in the order in which the program makes them, and while one waits for
 * the other replicas the event loop goes on. Where calls of replicas differ, they reject on all of
 * them, and the group can go on with the next one; where a replica has ended, every later call rejects.
 * Errors that MPI reports reject too, with its text, and then so does every later call.
 */
export interface MpiGroup extends ReplicaGroup, AsyncDisposing {
  /** What MPI's library says of its version, in one line. */
  readonly version: string;
  /** Resolves when all replicas have come to it. */
  barrier(): Promise<void>;
  /**
   * Ends the processes of all replicas at once, this one included.
   *
   * @param code The exit code, from 1 to 255. The launcher ends with it, or with one of its own other
   * than 0. @default {1}
   */
  abort(code?: number): void;
  /**
   * Ends the group, when all replicas have come to it; calls that were made before are made first.
   * After it the group cannot be used, except that this may be called again. A program that ends
   * without it does it last. MPI itself ends with the program, so that an error after this one still
   * ends all replicas.
   *
   * `await using` calls it too, where it never rejects, so that an exception on its way is not hidden.
   *
   * @throws {Error} If another replica is in another call, which then rejects too.
   */
  finalize(): Promise<void>;
}

/**
 * One of the replicas: its calls in their order, and its end.
 *
 * @module
 */
import { asCommon } from "../replicas/common_error.ts";
import { endedOf, type Header, packed, refusalOf, unpacked } from "./header.ts";
import type { Mpi } from "./mpi.ts";

/** What a replica does once all have come to a call; it has the headers of all. */
type Act<T> = (headers: readonly Header[]) => Promise<T>;

/** A replica that meets the others in every call. */
export class Replica {
  readonly #mpi: Mpi;
  /** The end of all calls so far; it never rejects. */
  #last: Promise<void> = Promise.resolve();
  /** Why no call can be made any more, and whether MPI itself has failed. */
  #over: { readonly error: Error; readonly failed: boolean } | undefined;
  #ending: Promise<void> | undefined;
  #ended = false;
  #finalized = false;

  constructor(mpi: Mpi) {
    this.#mpi = mpi;
  }

  /** Whether all replicas have ended, so that none waits for another. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether MPI has ended. */
  get finalized(): boolean {
    return this.#finalized;
  }

  /**
   * Makes a call when its turn has come, if the others make the same.
   *
   * @throws {Error} If they do not, this replica or another has ended, or MPI has failed.
   * @throws {RangeError} If there are more numbers than MPI can count.
   */
  meet<T>(header: Header, act: Act<T>): Promise<T> {
    if (this.#ending !== undefined) {
      return Promise.reject(
        new Error("Cannot use the group: it must not have been finalized, got one that has"),
      );
    }
    return this.#inTurn(() => this.#round(header, act));
  }

  /**
   * Ends this replica. MPI goes on to the end of the program: until then an error may have to end all.
   *
   * @throws {Error} If another is in another call, or MPI has failed.
   */
  end(): Promise<void> {
    this.#ending ??= this.#inTurn(async () => {
      // Those that have ended before do not wait for this one.
      if (this.#over?.failed !== false) await this.#meetTheEnd();
    });
    return this.#ending;
  }

  /**
   * What is done as the program ends. If replicas have ended at different places, all know, and come
   * here next. Nobody waits in `MPI_Finalize`, where the mpirun of Open MPI 4.1 may hang if another
   * replica aborts.
   */
  async leave(): Promise<void> {
    await this.end().catch(() => {});
    if (this.#over?.failed) return this.#mpi.abort(1);
    this.#over = undefined;
    if (!this.#ended) await this.#meetTheEnd();
    this.finalize();
  }

  /** Ends MPI; all have to have ended. */
  finalize(): void {
    this.#mpi.finalize();
    this.#finalized = true;
  }

  async #meetTheEnd(): Promise<void> {
    await this.#round({ call: "ended", length: 0, bits: 0 }, () => Promise.resolve());
    this.#ended = true;
  }

  /** By `await` alone, so that the stack of an error goes back to the program. */
  async #inTurn<T>(call: () => Promise<T>): Promise<T> {
    const before = this.#last;
    let end!: () => void;
    this.#last = new Promise((resolve) => end = resolve);
    try {
      await before;
      return await call();
    } finally {
      end();
    }
  }

  async #round<T>(header: Header, act: Act<T>): Promise<T> {
    if (this.#over !== undefined) throw this.#over.error;
    const headers = unpacked(await this.#done(this.#mpi.exchange(packed(header))));
    const refusal = refusalOf(headers);
    if (refusal === undefined) return await this.#done(act(headers));
    if (endedOf(headers) !== undefined) this.#over = { error: refusal, failed: false };
    throw asCommon(refusal);
  }

  /** Waits for MPI, and asks nothing more of it once it has failed. */
  async #done<T>(result: Promise<T>): Promise<T> {
    try {
      return await result;
    } catch (error) {
      this.#over = { error: asCommon(error as Error), failed: true };
      throw error;
    }
  }
}

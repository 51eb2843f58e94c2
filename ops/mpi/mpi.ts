/**
 * The functions of MPI that are used, as JavaScript has functions.
 *
 * @module
 */
import type { DenoLike, ForeignSymbol, ForeignType } from "./deno.ts";
import type { Flavour, Handle, Handles } from "./handles.ts";
import { handlesOf } from "./handles.ts";
import type { Library } from "./library.ts";

/** What is computed with. */
export type Numbers = Float32Array | Float64Array;

/** MPI, begun. One call at a time; arrays of arguments are not to be changed meanwhile. */
export interface Mpi {
  readonly rank: number;
  readonly size: number;
  /** Whether it lets threads call it, as asynchronous calls do. */
  readonly threads: boolean;
  /** What all processes give, in order of rank; all give as many numbers. */
  exchange(part: Float64Array): Promise<Float64Array>;
  /** What all processes give, in order of rank; `lengths` has how much each gives. */
  gather(part: Float64Array, lengths: readonly number[]): Promise<Float64Array[]>;
  /** The sum over all processes, the same bits on each. */
  sum<T extends Numbers>(values: T): Promise<T>;
  /** Ends all processes. It does not return, except where MPI leaves the end to its launcher. */
  abort(code: number): void;
  /** Ends MPI. It waits for all processes to do so, and the event loop with it. */
  finalize(): void;
}

/** The functions of the library; all return 0 or the number of an error. */
interface Functions {
  MPI_Initialized(flag: Int32Array): number;
  MPI_Init_thread(argc: null, argv: null, required: number, provided: Int32Array): number;
  MPI_Comm_set_errhandler(comm: Handle, handler: Handle): number;
  MPI_Comm_rank(comm: Handle, rank: Int32Array): number;
  MPI_Comm_size(comm: Handle, size: Int32Array): number;
  MPI_Error_string(code: number, text: Uint8Array, length: Int32Array): number;
  MPI_Abort(comm: Handle, code: number): number;
  MPI_Barrier(comm: Handle): number;
  MPI_Finalize(): number;
  MPI_Allgather(
    sent: Numbers,
    count: number,
    type: Handle,
    got: Numbers,
    counts: number,
    typeGot: Handle,
    comm: Handle,
  ): Promise<number>;
  MPI_Allgatherv(
    sent: Numbers,
    count: number,
    type: Handle,
    got: Numbers,
    counts: Int32Array,
    starts: Int32Array,
    typeGot: Handle,
    comm: Handle,
  ): Promise<number>;
  MPI_Allreduce(
    sent: Numbers,
    got: Numbers,
    count: number,
    type: Handle,
    op: Handle,
    comm: Handle,
  ): Promise<number>;
}

/** Collectives wait for other processes, so they run in a thread of their own. */
function symbolsOf(handle: ForeignType): Record<keyof Functions, ForeignSymbol> {
  const waits = (...parameters: ForeignType[]) =>
    ({ parameters, result: "i32", nonblocking: true }) as const;
  const returns = (...parameters: ForeignType[]) => ({ parameters, result: "i32" }) as const;
  return {
    MPI_Initialized: returns("buffer"),
    MPI_Init_thread: returns("pointer", "pointer", "i32", "buffer"),
    MPI_Comm_set_errhandler: returns(handle, handle),
    MPI_Comm_rank: returns(handle, "buffer"),
    MPI_Comm_size: returns(handle, "buffer"),
    MPI_Error_string: returns("i32", "buffer", "buffer"),
    MPI_Abort: returns(handle, "i32"),
    MPI_Barrier: returns(handle),
    MPI_Finalize: returns(),
    MPI_Allgather: waits("buffer", "i32", handle, "buffer", "i32", handle, handle),
    MPI_Allgatherv: waits("buffer", "i32", handle, "buffer", "buffer", "buffer", handle, handle),
    MPI_Allreduce: waits("buffer", "buffer", "i32", handle, handle, handle),
  };
}

/** Bytes of the longest text of an error, by any mpi.h (MPI_MAX_ERROR_STRING), and some more. */
const LONGEST_ERROR = 1024;

/**
 * Begins MPI.
 *
 * @throws {Error} If it has begun in this process before, or fails.
 */
export function beginMpi(deno: DenoLike, { path }: Library, flavour: Flavour): Mpi {
  const handles = handlesOf(deno, path, flavour);
  const { symbols } = deno.dlopen(path, symbolsOf(handles.type));
  return new Process(symbols as unknown as Functions, handles);
}

class Process implements Mpi {
  readonly rank: number;
  readonly size: number;
  readonly threads: boolean;
  readonly #functions: Functions;
  readonly #handles: Handles;
  /** What a call that has not returned reads and writes: it must not be collected meanwhile. */
  #held: readonly ArrayBufferView[] = [];

  constructor(functions: Functions, handles: Handles) {
    this.#functions = functions;
    this.#handles = handles;
    const { world } = handles;
    const begun = new Int32Array(1);
    this.#check("MPI_Initialized", functions.MPI_Initialized(begun));
    if (begun[0] !== 0) {
      throw new Error(
        "Cannot open MPI: it must be opened once in a process, got one where it has been",
      );
    }
    const provided = new Int32Array(1);
    this.#check(
      "MPI_Init_thread",
      functions.MPI_Init_thread(null, null, handles.multiple, provided),
    );
    this.#check(
      "MPI_Comm_set_errhandler",
      functions.MPI_Comm_set_errhandler(world, handles.errorsReturn),
    );
    const rank = new Int32Array(1);
    this.#check("MPI_Comm_rank", functions.MPI_Comm_rank(world, rank));
    const size = new Int32Array(1);
    this.#check("MPI_Comm_size", functions.MPI_Comm_size(world, size));
    this.rank = rank[0];
    this.size = size[0];
    this.threads = provided[0] >= handles.serialized;
  }

  async exchange(part: Float64Array): Promise<Float64Array> {
    const { double, world } = this.#handles;
    const all = new Float64Array(part.length * this.size);
    const { length } = part;
    this.#held = [part, all];
    const code = this.#functions.MPI_Allgather(part, length, double, all, length, double, world);
    this.#check("MPI_Allgather", await code);
    return all;
  }

  async gather(part: Float64Array, lengths: readonly number[]): Promise<Float64Array[]> {
    const { double, world } = this.#handles;
    const counts = Int32Array.from(lengths);
    const starts = new Int32Array(lengths.length);
    for (let i = 1; i < starts.length; i++) starts[i] = starts[i - 1] + counts[i - 1];
    const all = new Float64Array(lengths.reduce((sum, length) => sum + length));
    if (all.length > 0) {
      // The address of an empty array may be anything.
      const sent = part.length > 0 ? part : new Float64Array(1);
      this.#held = [sent, all, counts, starts];
      const code = this.#functions.MPI_Allgatherv(
        sent,
        part.length,
        double,
        all,
        counts,
        starts,
        double,
        world,
      );
      this.#check("MPI_Allgatherv", await code);
    }
    return lengths.map((length, i) => all.slice(starts[i], starts[i] + length));
  }

  /**
   * MPI promises the same bits everywhere: "MPI requires that all processes from the same group
   * participating in these operations receive identical results" (MPI-4.1, section 6.9.6,
   * "All-Reduce").
   */
  async sum<T extends Numbers>(values: T): Promise<T> {
    const { double, float, sum, world } = this.#handles;
    const sums = values.slice() as T;
    if (sums.length > 0) {
      const type = values instanceof Float64Array ? double : float;
      this.#held = [values, sums];
      const code = this.#functions.MPI_Allreduce(values, sums, values.length, type, sum, world);
      this.#check("MPI_Allreduce", await code);
    }
    return sums;
  }

  abort(code: number): void {
    this.#functions.MPI_Abort(this.#handles.world, code);
  }

  /**
   * All come to `MPI_Finalize` at the same time: MPICH 4.0 over TCP now and then hangs there if one is
   * some milliseconds late.
   */
  finalize(): void {
    this.#check("MPI_Barrier", this.#functions.MPI_Barrier(this.#handles.world));
    this.#check("MPI_Finalize", this.#functions.MPI_Finalize());
  }

  /** Ends a call, with an error if it has failed. */
  #check(name: keyof Functions, code: number): void {
    this.#held = [];
    if (code === 0) return;
    const text = new Uint8Array(LONGEST_ERROR);
    const length = new Int32Array(1);
    this.#functions.MPI_Error_string(code, text, length);
    const reason = new TextDecoder().decode(text.subarray(0, length[0]));
    throw new Error(`Cannot call ${name}: it must succeed, got ${reason}`);
  }
}

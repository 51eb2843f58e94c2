/**
 * What becomes of the other replicas when the program of one ends, in whatever way. A process that is
 * killed tells nobody: its launcher notices.
 *
 * @module
 */
import { isCommon } from "../replicas/common_error.ts";
import type { DenoLike } from "./deno.ts";
import type { Mpi } from "./mpi.ts";
import type { Replica } from "./replica.ts";

/** The global object, as far as it is used. */
export interface Scope {
  addEventListener(type: string, listener: (event: Ending) => void): void;
  removeEventListener(type: string, listener: (event: Ending) => void): void;
}

/** An event of an error, of a promise that rejects, or of the program's end. */
interface Ending {
  readonly type: string;
  readonly defaultPrevented: boolean;
  readonly error?: unknown;
  readonly reason?: unknown;
  preventDefault(): void;
}

/**
 * How long the launcher is given to read what is printed, in ms: MPICH's now and then forgets what it
 * has not read when all are ended.
 */
const READING = 100;

/**
 * How long an error that several replicas have waits, in ms: a replica whose own error has led to it
 * says so and ends all within that time, and where it cannot, Open MPI's mpirun does within a second. Otherwise replica 0 waits the shortest, and speaks for all.
 */
function patienceOf(rank: number): number {
  return 2000 + Math.min(2.5 * READING * rank, 10_000);
}

/**
 * Watches how the program ends.
 *
 * - It comes to its end: so does the replica, and then MPI, when all have.
 * - An error that nothing catches (Deno dispatches `error` or `unhandledrejection` first, and nothing
 *   afterwards): its text is printed, and all processes are ended, unless a listener that was there
 *   before has prevented the default.
 * - `Deno.exit` (Deno dispatches `unload`): all processes are ended, unless the replicas have ended
 *   before and its code is 0.
 *
 * One process alone dies of an error as without MPI.
 */
export function watchEnd(scope: Scope, deno: DenoLike, mpi: Mpi, replica: Replica): void {
  const print = (text: string) => {
    deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, READING);
  };
  const abort = (code: number) => {
    scope.removeEventListener("unload", onExit);
    mpi.abort(code);
    // Some libraries leave the rest to the launcher.
    deno.exit(code);
  };
  const die = (what: string, error: unknown) => {
    print(`error: ${what} on replica ${mpi.rank} of ${mpi.size}: ${deno.inspect(error)}`);
    abort(1);
  };
  const onError = (event: Ending) => {
    if (event.defaultPrevented || replica.finalized) return;
    event.preventDefault();
    const rejected = event.type === "unhandledrejection";
    const what = rejected ? "Uncaught (in promise)" : "Uncaught";
    const error = rejected ? event.reason : event.error;
    if (isCommon(error)) setTimeout(() => die(what, error), patienceOf(mpi.rank));
    else die(what, error);
  };
  const onExit = () => {
    if (replica.finalized) return;
    if (!replica.ended) {
      print(
        `error: Deno.exit on replica ${mpi.rank} of ${mpi.size} before the group was finalized`,
      );
      abort(1);
    } else if (deno.exitCode !== 0) abort(deno.exitCode);
    else replica.finalize();
  };
  const onEnd = (event: Ending) => {
    // Comes again when what is begun here is done.
    scope.removeEventListener("beforeunload", onEnd);
    event.preventDefault();
    replica.leave().catch((error) => die("Uncaught (in promise)", error));
  };
  scope.addEventListener("beforeunload", onEnd);
  if (mpi.size === 1) return;
  scope.addEventListener("error", onError);
  scope.addEventListener("unhandledrejection", onError);
  scope.addEventListener("unload", onExit);
}

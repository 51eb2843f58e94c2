/**
 * Opening MPI.
 *
 * @module
 */
import { checkArguments } from "../tensor/arguments.ts";
import { shown } from "../tensor/shown.ts";
import type { DenoLike } from "./deno.ts";
import { type Scope, watchEnd } from "./endings.ts";
import { groupOf } from "./group.ts";
import { flavourOf } from "./handles.ts";
import { candidatesOf, type Launch, launchOf, VARIABLES } from "./launcher.ts";
import { loadLibrary } from "./library.ts";
import { beginMpi, type Mpi } from "./mpi.ts";
import type { MpiGroup } from "./mpi_group.ts";
import { Replica } from "./replica.ts";

const ACTION = "open MPI";

/**
 * Begins MPI in this process, which is then one of the replicas.
 *
 * @param path MPI's library: a path, or a name that the system's loader finds. By default the
 * launcher's: Open MPI's, or MPICH's where the launcher speaks PMI; then any other that is installed.
 * @returns The group of all processes that the launcher has started; a group of one if there was none.
 * @throws {TypeError} If `path` is not a string, or empty.
 * @throws {Error} If the runtime is not Deno or the system neither Linux nor macOS, a permission is
 * missing, no library loads, it is not that of the launcher or has no threads, or if MPI has been
 * opened in this process before.
 */
export async function openMpi(path?: string): Promise<MpiGroup> {
  checkArguments(ACTION, arguments, 1);
  if (path !== undefined && !(typeof path === "string" && /^[^\0]+$/.test(path))) {
    throw new TypeError(`Cannot ${ACTION}: path must be the path of a library, got ${shown(path)}`);
  }
  const deno = denoOf(globalThis);
  checkPermissions(deno);
  const launch = launchOf((variable) => deno.env.get(variable));
  const candidates = candidatesOf(deno.build.os, launch);
  const library = loadLibrary(deno, path === undefined ? candidates : [path]);
  const mpi = beginMpi(deno, library, flavourOf(deno, library));
  checkLaunch(mpi, library.path, launch);
  const replica = new Replica(mpi);
  watchEnd(globalThis as unknown as Scope, deno, mpi, replica);
  return await Promise.resolve(groupOf(mpi, library.version, replica));
}

/** Deno, if that is what the program runs in. */
export function denoOf(scope: object): DenoLike {
  const { Deno, navigator } = scope as {
    readonly Deno?: DenoLike;
    readonly navigator?: { readonly userAgent?: string };
  };
  if (typeof Deno?.dlopen === "function") return Deno;
  throw new Error(
    `Cannot ${ACTION}: the runtime must be Deno, whose foreign functions it uses, ` +
      `got ${navigator?.userAgent ?? "another"}`,
  );
}

/**
 * Looks at the permissions before something asks for them: nobody answers a prompt in one of several
 * processes.
 */
export function checkPermissions({ permissions }: DenoLike): void {
  const variables = VARIABLES.filter((variable) =>
    permissions.querySync({ name: "env", variable }).state !== "granted"
  );
  const missing = [
    ...(permissions.querySync({ name: "ffi" }).state === "granted" ? [] : ["--allow-ffi"]),
    ...(variables.length === 0 ? [] : [`--allow-env=${VARIABLES.join(",")}`]),
  ];
  if (missing.length === 0) return;
  throw new Error(
    `Cannot ${ACTION}: Deno must be run with ${missing.join(" ")}, got no such permission`,
  );
}

/**
 * Compares what MPI says with what the launcher says: with another library than the launcher's, every
 * process is the only one of a group of its own, and all would be right and nothing summed.
 */
export function checkLaunch(mpi: Mpi, path: string, launch: Launch | undefined): void {
  if (launch !== undefined && launch.size !== mpi.size) {
    mpi.finalize();
    throw new Error(
      `Cannot ${ACTION}: the library must be that of the launcher, which has started ` +
        `${launch.size} processes (${launch.variable}), got ${path}, which sees ${mpi.size}`,
    );
  }
  if (!mpi.threads) {
    mpi.finalize();
    throw new Error(
      `Cannot ${ACTION}: the library must let threads call it (MPI_THREAD_SERIALIZED), got ${path}, ` +
        "which does not",
    );
  }
}

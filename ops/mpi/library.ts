/**
 * Finding MPI's library, and keeping it in memory.
 *
 * @module
 */
import type { DenoLike } from "./deno.ts";

/** A library that has been loaded. */
export interface Library {
  readonly path: string;
  /** The first line of what it says of its version. */
  readonly version: string;
}

/** Bytes of the longest text of a version, by any mpi.h (MPI_MAX_LIBRARY_VERSION_STRING). */
const LONGEST_VERSION = 8192;

/**
 * Loads the first of some libraries that is there.
 *
 * @throws {Error} If none of them loads.
 */
export function loadLibrary(deno: DenoLike, paths: readonly string[]): Library {
  const errors: string[] = [];
  for (const path of paths) {
    try {
      const version = versionOf(deno, path);
      pin(deno, path);
      return { path, version };
    } catch (error) {
      errors.push((error as Error).message);
    }
  }
  throw new Error(
    `Cannot open MPI: its library must be installed (libopenmpi3 or libmpich12 of Debian, open-mpi ` +
      `or mpich of Homebrew) or its path be given, got none that loads among ${paths.join(", ")}`,
    { cause: new Error(errors.join("\n")) },
  );
}

/** Any process may ask for it, also before MPI has begun. */
function versionOf(deno: DenoLike, path: string): string {
  const { symbols } = deno.dlopen(path, {
    MPI_Get_library_version: { parameters: ["buffer", "buffer"], result: "i32" },
  });
  const text = new Uint8Array(LONGEST_VERSION);
  const length = new Int32Array(1);
  const get = symbols.MPI_Get_library_version as (text: Uint8Array, length: Int32Array) => number;
  get(text, length);
  // Open MPI counts the zero at the end of the text.
  return new TextDecoder().decode(text.subarray(0, length[0])).split(/[\n\0]/)[0]
    .replaceAll(/\s+/g, " ").trim();
}

/** The library of C, and the flags of its dlopen: RTLD_NOW, RTLD_GLOBAL and RTLD_NODELETE. */
const LOADERS: Readonly<Record<string, { libraries: readonly string[]; flags: number }>> = {
  // Before version 2.34 of glibc dlopen was in a library of its own.
  linux: { libraries: ["libc.so.6", "libdl.so.2"], flags: 0x2 | 0x100 | 0x1000 },
  darwin: { libraries: ["/usr/lib/libSystem.B.dylib"], flags: 0x2 | 0x8 | 0x80 },
};

/**
 * Loads a library once more, so that it stays to the end of the process: Deno unloads libraries as it
 * exits, under threads of MPI's that are still running. With Open MPI's transport over TCP that was a
 * segmentation fault in every run.
 */
function pin(deno: DenoLike, path: string): void {
  const { libraries, flags } = LOADERS[deno.build.os];
  const name = new TextEncoder().encode(`${path}\0`);
  let reason: unknown;
  for (const library of libraries) {
    try {
      const { symbols } = deno.dlopen(library, {
        dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
      });
      const dlopen = symbols.dlopen as (name: Uint8Array, flags: number) => unknown;
      if (dlopen(name, flags) !== null) return;
      reason = `${library} does not load it`;
    } catch (error) {
      reason = (error as Error).message;
    }
  }
  throw new Error(`${path} cannot be kept in memory: ${reason}`);
}

/**
 * How a library of MPI names its communicator, types and operations. Until MPI-5 every implementation
 * had an ABI of its own, with other types in C for these handles.
 *
 * @module
 */
import type { DenoLike, ForeignType } from "./deno.ts";
import type { Library } from "./library.ts";

/** Open MPI; MPICH and what keeps its ABI (Intel MPI, MVAPICH, Cray MPICH); the ABI of MPI-5. */
export type Flavour = "openmpi" | "mpich" | "abi";

/** A handle as FFI takes it: an integer, or an address. */
export type Handle = unknown;

/** The constants that are used. */
export interface Handles {
  /** The type of handles. */
  readonly type: ForeignType;
  /** `MPI_COMM_WORLD`. */
  readonly world: Handle;
  /** `MPI_FLOAT`. */
  readonly float: Handle;
  /** `MPI_DOUBLE`. */
  readonly double: Handle;
  /** `MPI_SUM`. */
  readonly sum: Handle;
  /** `MPI_ERRORS_RETURN`. */
  readonly errorsReturn: Handle;
  /** `MPI_THREAD_SERIALIZED`: any thread may call MPI, one at a time. */
  readonly serialized: number;
  /** `MPI_THREAD_MULTIPLE`: also at the same time. */
  readonly multiple: number;
}

/** From the mpi.h of MPICH 4.0.2: integers, the same in all libraries of its ABI initiative. */
const MPICH: Handles = {
  type: "i32",
  world: 0x44000000,
  float: 0x4c00040a,
  double: 0x4c00080b,
  sum: 0x58000003,
  errorsReturn: 0x54000001,
  serialized: 2,
  multiple: 3,
};

/** From the mpi.h of MPI-5.0, chapter 20 and appendix A: small integers in place of addresses. */
const ABI: Handles = {
  type: "usize",
  world: 0x101,
  float: 0x210,
  double: 0x214,
  sum: 0x21,
  errorsReturn: 0x143,
  serialized: 2048,
  multiple: 4096,
};

/** From the mpi.h of Open MPI 4.1.4 and 5.0: addresses of these symbols. */
const OPEN_MPI = {
  world: "ompi_mpi_comm_world",
  float: "ompi_mpi_float",
  double: "ompi_mpi_double",
  sum: "ompi_mpi_op_sum",
  errorsReturn: "ompi_mpi_errors_return",
} as const;

/** The texts of versions that a library of MPICH's ABI may begin with. */
const MPICH_KIN = /MPICH|MVAPICH|Intel\(R\) MPI/;

/**
 * Which ABI a library has.
 *
 * @throws {Error} If it is none that is known.
 */
export function flavourOf(deno: DenoLike, { path, version }: Library): Flavour {
  const { symbols } = deno.dlopen(path, {
    ompi_mpi_comm_world: { type: "pointer", optional: true },
    MPI_Abi_get_version: { parameters: ["buffer", "buffer"], result: "i32", optional: true },
  });
  if (symbols.ompi_mpi_comm_world) return "openmpi";
  if (symbols.MPI_Abi_get_version) {
    const major = new Int32Array(1);
    const minor = new Int32Array(1);
    (symbols.MPI_Abi_get_version as (major: Int32Array, minor: Int32Array) => number)(major, minor);
    // MPICH 5 has the function in its library of the old ABI too, where the version is -1.
    if (major[0] >= 1) return "abi";
  }
  if (MPICH_KIN.test(version)) return "mpich";
  throw new Error(
    `Cannot open MPI: ${path} must be Open MPI, of the ABI of MPICH, or of that of MPI-5, ` +
      `got ${version}`,
  );
}

/** The constants of a library. */
export function handlesOf(deno: DenoLike, path: string, flavour: Flavour): Handles {
  if (flavour === "mpich") return MPICH;
  if (flavour === "abi") return ABI;
  const address = { type: "pointer" } as const;
  const { symbols } = deno.dlopen(
    path,
    Object.fromEntries(Object.values(OPEN_MPI).map((name) => [name, address])),
  );
  return {
    type: "pointer",
    world: symbols[OPEN_MPI.world],
    float: symbols[OPEN_MPI.float],
    double: symbols[OPEN_MPI.double],
    sum: symbols[OPEN_MPI.sum],
    errorsReturn: symbols[OPEN_MPI.errorsReturn],
    serialized: 2,
    multiple: 3,
  };
}

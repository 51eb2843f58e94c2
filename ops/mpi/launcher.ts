/**
 * What the launcher of MPI's processes (mpirun, srun) tells each of them by its environment.
 *
 * @module
 */

/**
 * The variables that are read, the first that is set counts: Open MPI's mpirun; MPICH's and others
 * that speak PMI, srun among them; a step of Slurm. Both kinds of mpirun may run inside a step, of
 * which there may then be one task per machine, so that Slurm's comes last. Its `SLURM_NTASKS` will
 * not do: it is also set in a batch script, outside of every step.
 */
export const VARIABLES = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"] as const;

/** What has launched this process. */
export interface Launch {
  /** The variable that says so. */
  readonly variable: (typeof VARIABLES)[number];
  /** How many processes there are. */
  readonly size: number;
}

/** What has launched this process; `undefined` if nothing has. */
export function launchOf(get: (variable: string) => string | undefined): Launch | undefined {
  for (const variable of VARIABLES) {
    const value = get(variable);
    if (value !== undefined && /^\d+$/.test(value)) return { variable, size: Number(value) };
  }
  return undefined;
}

/**
 * Names of MPI's libraries on a system, those that go with the launcher first.
 *
 * @throws {Error} If it is a system that is not supported.
 */
export function candidatesOf(os: string, launch: Launch | undefined): readonly string[] {
  const named = NAMES[os];
  if (named === undefined) {
    throw new Error(`Cannot open MPI: the system must be Linux or macOS, got ${os}`);
  }
  const { openMpi, mpich, others } = named;
  return launch?.variable === "PMI_SIZE"
    ? [...mpich, ...openMpi, ...others]
    : [...openMpi, ...mpich, ...others];
}

interface Names {
  readonly openMpi: readonly string[];
  /** MPICH's, as Debian calls it, and as it is called by itself, by Intel and by MVAPICH. */
  readonly mpich: readonly string[];
  /** The standard ABI of MPI-5, and what the link for compilers leads to. */
  readonly others: readonly string[];
}

const NAMES: Readonly<Record<string, Names | undefined>> = {
  linux: {
    openMpi: ["libmpi.so.40"],
    mpich: ["libmpich.so.12", "libmpi.so.12"],
    others: ["libmpi_abi.so.1", "libmpi.so"],
  },
  darwin: {
    openMpi: ["libmpi.40.dylib"],
    mpich: ["libmpi.12.dylib"],
    // Homebrew's folder on ARM is not among those that the loader searches.
    others: ["libmpi_abi.1.dylib", "libmpi.dylib", "/opt/homebrew/lib/libmpi.dylib"],
  },
};

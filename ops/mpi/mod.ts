/**
 * Replicas that are processes, on one machine or many, over MPI, the message-passing library of
 * clusters: Open MPI, MPICH and its kin (Intel MPI, MVAPICH, Cray MPICH), and libraries of MPI-5's
 * standard ABI. For Deno alone, by its foreign functions, on Linux; macOS should work but is untested.
 *
 * A launcher starts as many processes of one program as it is told:
 *
 * ```sh
 * VARIABLES=OMPI_COMM_WORLD_SIZE,PMI_SIZE,SLURM_STEP_NUM_TASKS
 * mpirun -n 4 deno run --allow-ffi --allow-env=$VARIABLES train.ts # of Open MPI or of MPICH
 * srun -n 4 --mpi=pmix deno run --allow-ffi --allow-env=$VARIABLES train.ts # Open MPI in Slurm
 * srun -n 4 --mpi=pmi2 deno run --allow-ffi --allow-env=$VARIABLES train.ts # MPICH in Slurm
 * ```
 *
 * @example Usage
 * ```ts ignore
 * import { openMpi } from "@kernorm/kernorm/mpi";
 *
 * await using group = await openMpi();
 * const sums = await group.allReduce(Float64Array.of(group.rank, 1));
 * if (group.rank === 0) console.log(`${sums[1]} replicas`);
 * ```
 *
 * Every call costs one more exchange of 24 bytes, in which the replicas compare what they are about to
 * do: different calls or lengths reject on all of them, where MPI would hang or give wrong sums.
 *
 * What to know before a long run:
 *
 * - Permissions: `--allow-ffi` for every library, since MPI's loads others, and the system's own is
 *   used to keep it in memory to the end (under threads of MPI's, Deno would unload it), and
 *   `--allow-env` for the three variables above, by which the launcher is known.
 * - The library must be the launcher's. With another, every process would be a group of its own, so
 *   `openMpi` compares the number of processes and throws.
 * - An error that nothing catches is printed once and ends all replicas with an exit code other than
 *   0, and so does `Deno.exit` before `finalize`. Errors that several replicas share wait some
 *   seconds, so that the replica whose error came first is the one that speaks. A listener for `error` or
 *   `unhandledrejection` that prevents this has to be there before `openMpi`. A process that is killed,
 *   or whose top-level await never resolves, is noticed by mpirun; srun needs `--kill-on-bad-exit`.
 * - A program that just ends is as good as one that calls `finalize`. Either way MPI itself ends with
 *   the program, so that replicas end one after the other, but none before the last has come that far.
 * - The number of replicas is fixed. If one dies, all do: save checkpoints, and start again from one.
 * - One group per process, in the main thread.
 *
 * @module
 */
export { openMpi } from "./open.ts";
export type { MpiGroup } from "./mpi_group.ts";

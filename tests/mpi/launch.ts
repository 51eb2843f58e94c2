/**
 * Programs run by the mpirun of each MPI that is installed.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { required } from "../support/required.ts";

/** An MPI: its mpirun, and the library that goes with it. */
export interface Implementation {
  readonly name: string;
  readonly library: string;
  /** The mpirun that is there. */
  readonly command: string;
  /** What it is always given. */
  readonly flags: readonly string[];
  /** What makes it use TCP between processes of one machine. */
  readonly tcp: readonly string[];
  /** What its library says of its version. */
  readonly version: RegExp;
  /** How many ranks do not slow it down: MPICH's processes never sleep while they wait. */
  readonly ranks: number;
  /** Why its tests are skipped, if they are. */
  readonly skip?: string;
}

/** How a run ended. */
export interface Run {
  readonly code: number;
  /** All that its processes and mpirun have printed. */
  readonly output: string;
  /** What each rank has reported; `undefined` for those that have not come to it. */
  readonly reports: readonly unknown[];
}

/** What {@linkcode launch} may be told besides. */
export interface LaunchOptions {
  /** Permissions of the programs. @default {those that they need} */
  readonly permissions?: readonly string[];
  /** Further arguments of mpirun. @default {none} */
  readonly flags?: readonly string[];
  /** What runs mpirun. @default {nothing} */
  readonly within?: readonly string[];
  /** How long it may take, in s: a run that hangs fails. @default {60} */
  readonly limit?: number;
}

const VARIABLES = "OMPI_COMM_WORLD_SIZE,PMI_SIZE,SLURM_STEP_NUM_TASKS";

/** The permissions that openMpi needs. */
export const PERMISSIONS: readonly string[] = ["--allow-ffi", `--allow-env=${VARIABLES}`];

/** What packages the programs find. */
const CONFIG = `--config=${fileURLToPath(new URL("../../deno.json", import.meta.url))}`;

const ENV: Readonly<Record<string, string>> = {
  NO_COLOR: "1",
  // Open MPI refuses root, and more ranks than processors, without these.
  OMPI_ALLOW_RUN_AS_ROOT: "1",
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
  // Containers forbid to read another process's memory, and Open MPI says so in each run.
  OMPI_MCA_btl_vader_single_copy_mechanism: "none",
};

/** Both, with the reason why one is skipped. */
export const implementations: readonly Implementation[] = [
  await find({
    name: "Open MPI",
    library: "libmpi.so.40",
    command: "mpirun.openmpi",
    flags: ["--oversubscribe"],
    tcp: ["--mca", "btl", "tcp,self"],
    version: /^Open MPI/,
    ranks: 3,
  }),
  await find({
    name: "MPICH",
    library: "libmpich.so.12",
    command: "mpirun.mpich",
    flags: [],
    tcp: ["-genv", "UCX_TLS", "tcp,self"],
    version: /^MPICH/,
    ranks: 2,
  }),
];

async function find(wanted: Implementation): Promise<Implementation> {
  let skip: string | undefined;
  try {
    await new Deno.Command(wanted.command, { args: ["--version"], env: ENV }).output();
    // In a process of its own: a library of MPI is not made to be unloaded.
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-lock", "--no-config", `Deno.dlopen("${wanted.library}", {})`],
      env: ENV,
    }).output();
    if (code !== 0) throw new Error(new TextDecoder().decode(stderr).split("\n")[0]);
  } catch (error) {
    skip = (error as Error).message;
  }
  if (skip === undefined) return wanted;
  if (required.includes("mpi")) throw new Error(`Cannot test ${wanted.name}: ${skip}`);
  return { ...wanted, skip };
}

/**
 * Runs a program on some ranks: one of `programs/`, or any by its URL. Each rank may report by `report`
 * of `programs/report.ts`.
 */
export async function launch(
  { command, flags }: Implementation,
  ranks: number,
  program: string,
  args: readonly string[] = [],
  options: LaunchOptions = {},
): Promise<Run> {
  return await run(
    [
      ...options.within ?? [],
      command,
      ...flags,
      ...options.flags ?? [],
      "-n",
      String(ranks),
    ],
    ranks,
    program,
    args,
    options.permissions,
    options.limit,
  );
}

/** Runs a program as one process, without a launcher. */
export function runAlone(
  program: string,
  args: readonly string[] = [],
  permissions: readonly string[] = PERMISSIONS,
): Promise<Run> {
  return run([], 1, program, args, permissions);
}

async function run(
  launcher: readonly string[],
  ranks: number,
  program: string,
  args: readonly string[],
  permissions: readonly string[] = PERMISSIONS,
  limit = 60,
): Promise<Run> {
  const dir = await Deno.makeTempDir({ prefix: "kernorm-mpi-" });
  try {
    const path = fileURLToPath(new URL(program, new URL("programs/", import.meta.url)));
    const deno = [Deno.execPath(), "run", "--no-prompt", "--no-lock", "--no-check", CONFIG];
    const own = [...permissions, `--allow-write=${dir}`, path, dir, ...args];
    const limited = ["timeout", "--kill-after=5", String(limit)];
    const [command, ...rest] = [...limited, ...launcher, ...deno, ...own];
    const { code, stdout, stderr } = await new Deno.Command(command, { args: rest, env: ENV })
      .output();
    const text = new TextDecoder();
    const reports = await Promise.all(
      Array.from({ length: ranks }, async (_, rank) => {
        const report = await Deno.readTextFile(`${dir}/${rank}`).catch(() => undefined);
        return report === undefined ? undefined : JSON.parse(report);
      }),
    );
    return { code, output: text.decode(stdout) + text.decode(stderr), reports };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** How often a text has another in it. */
export function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}

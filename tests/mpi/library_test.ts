import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { flavourOf, handlesOf } from "../../ops/mpi/handles.ts";
import { candidatesOf, launchOf } from "../../ops/mpi/launcher.ts";
import { loadLibrary } from "../../ops/mpi/library.ts";
import { FakeDeno, libc, versionText } from "./fakes.ts";

const launched = (env: Record<string, string>) => launchOf((name) => env[name]);

describe("the launcher", () => {
  it("is found by its variables, that of mpirun before Slurm's", () => {
    assertEquals(launched({}), undefined);
    assertEquals(launched({ SLURM_NTASKS: "4" }), undefined);
    const openMpi = { variable: "OMPI_COMM_WORLD_SIZE", size: 3 } as const;
    assertEquals(launched({ OMPI_COMM_WORLD_SIZE: "3", SLURM_STEP_NUM_TASKS: "1" }), openMpi);
    assertEquals(launched({ OMPI_COMM_WORLD_SIZE: "3", PMI_SIZE: "4" }), openMpi);
    const pmi = { variable: "PMI_SIZE", size: 12 } as const;
    assertEquals(launched({ PMI_SIZE: "12", SLURM_STEP_NUM_TASKS: "2" }), pmi);
    const step = { variable: "SLURM_STEP_NUM_TASKS", size: 2 } as const;
    assertEquals(launched({ PMI_SIZE: "", SLURM_STEP_NUM_TASKS: "2" }), step);
  });

  it("decides which libraries are tried first", () => {
    const [first, ...rest] = candidatesOf("linux", undefined);
    assertEquals(first, "libmpi.so.40");
    const pmi = candidatesOf("linux", launched({ PMI_SIZE: "2" }));
    assertEquals(pmi.slice(0, 2), ["libmpich.so.12", "libmpi.so.12"]);
    assertEquals([...pmi].sort(), [first, ...rest].sort());
    assertEquals(candidatesOf("linux", launched({ OMPI_COMM_WORLD_SIZE: "2" }))[0], first);
    assertEquals(candidatesOf("darwin", launched({ PMI_SIZE: "2" }))[0], "libmpi.12.dylib");
    assertThrows(
      () => candidatesOf("windows", undefined),
      Error,
      "Cannot open MPI: the system must be Linux or macOS, got windows",
    );
  });
});

describe("the library", () => {
  it("is the first that loads, and is kept in memory", () => {
    const calls: [string, number][] = [];
    const deno = new FakeDeno({
      "libc.so.6": libc({}, calls),
      "none.so": {},
      "mpi.so": versionText("MPICH Version:\t4.0.2\nMPICH Release date: then"),
      "other.so": versionText("another"),
    });
    const library = loadLibrary(deno, ["missing.so", "none.so", "mpi.so", "other.so"]);
    assertEquals(library, { path: "mpi.so", version: "MPICH Version: 4.0.2" });
    // RTLD_NOW, RTLD_GLOBAL, RTLD_NODELETE of <dlfcn.h>.
    assertEquals(calls, [["mpi.so\0", 0x1102]]);
    assertEquals(deno.opened, ["missing.so", "none.so", "mpi.so", "libc.so.6"]);
  });

  it("is kept by an older glibc and by macOS too", () => {
    const calls: [string, number][] = [];
    const mpi = versionText("Open MPI v4.1.4\0");
    const old = new FakeDeno({ "libc.so.6": {}, "libdl.so.2": libc({}, calls), "mpi.so": mpi });
    assertEquals(loadLibrary(old, ["mpi.so"]).version, "Open MPI v4.1.4");
    const system = "/usr/lib/libSystem.B.dylib";
    loadLibrary(new FakeDeno({ [system]: libc({}, calls), "mpi.so": mpi }, "darwin"), ["mpi.so"]);
    assertEquals(calls, [["mpi.so\0", 0x1102], ["mpi.so\0", 0x8a]]);
  });

  it("is missed with the names that were tried and the reasons", () => {
    const deno = new FakeDeno({
      "none.so": {},
      "mpi.so": versionText("x"),
      "libc.so.6": libc(null, []),
    });
    const error = assertThrows(
      () => loadLibrary(deno, ["missing.so", "none.so", "mpi.so"]),
      Error,
      "got none that loads among missing.so, none.so, mpi.so",
    );
    const { message } = error.cause as Error;
    assertEquals(message.split("\n").slice(0, 2), [
      "no library missing.so",
      "no symbol MPI_Get_library_version",
    ]);
    assert(message.includes("mpi.so cannot be kept in memory"), message);
  });
});

describe("the ABI", () => {
  const abi = (major: number) => ({
    MPI_Abi_get_version: (version: Int32Array) => {
      version[0] = major;
      return 0;
    },
  });
  const deno = new FakeDeno({
    openmpi: {
      ompi_mpi_comm_world: 11,
      ompi_mpi_float: 12,
      ompi_mpi_double: 13,
      ompi_mpi_op_sum: 14,
      ompi_mpi_errors_return: 15,
      ...abi(-1),
    },
    five: abi(1),
    old: abi(-1),
    older: {},
  });
  const flavour = (path: string, version: string) => flavourOf(deno, { path, version });

  it("is told by symbols, by what they return, and by the version", () => {
    assertEquals(flavour("openmpi", "Open MPI v4.1.4"), "openmpi");
    assertEquals(flavour("five", "MPICH Version: 5.0.2"), "abi");
    assertEquals(flavour("old", "MPICH Version: 5.0.2"), "mpich");
    for (const version of ["MPICH Version: 4.0", "Intel(R) MPI Library 2021.9", "MVAPICH2 2.3"]) {
      assertEquals(flavour("older", version), "mpich");
    }
    assertThrows(
      () => flavour("older", "LAM/MPI 7"),
      Error,
      "Cannot open MPI: older must be Open MPI, of the ABI of MPICH, or of that of MPI-5, got LAM",
    );
  });

  it("has its constants", () => {
    const openMpi = handlesOf(deno, "openmpi", "openmpi");
    const { world, float, double, sum, errorsReturn } = openMpi;
    assertEquals([world, float, double, sum, errorsReturn], [11, 12, 13, 14, 15]);
    assertEquals(openMpi.type, "pointer");
    // MPI-5.0 has other levels of threads than all before it.
    const levels = (["openmpi", "mpich", "abi"] as const)
      .map((flavour) => handlesOf(deno, "openmpi", flavour))
      .map(({ serialized, multiple }) => [serialized, multiple]);
    assertEquals(levels, [[2, 3], [2, 3], [2048, 4096]]);
  });
});

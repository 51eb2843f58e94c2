import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { openMpi } from "../../ops/mpi/mod.ts";
import { checkLaunch, checkPermissions, denoOf } from "../../ops/mpi/open.ts";
import { FakeDeno, FakeMpi } from "./fakes.ts";
import { VARIABLES } from "../../ops/mpi/launcher.ts";

class OfSize extends FakeMpi {
  override readonly threads: boolean;

  constructor(size: number, threads: boolean) {
    super({ rank: 0, size, allGather: () => Promise.reject(), allReduce: () => Promise.reject() });
    this.threads = threads;
  }
}

describe("openMpi", () => {
  it("refuses what is no path, and arguments too many", async () => {
    for (const path of ["", "a\0b", 1, null, {}]) {
      await assertRejects(
        () => openMpi(path as string),
        TypeError,
        "Cannot open MPI: path must be the path of a library, got",
      );
    }
    const open = openMpi as (...args: unknown[]) => Promise<unknown>;
    await assertRejects(
      () => open("libmpi.so", {}),
      TypeError,
      "arguments must be at most 1, got 2",
    );
  });

  it("is for Deno alone", () => {
    const node = { navigator: { userAgent: "Node.js/20" } };
    for (
      const [scope, name] of [[node, "Node.js/20"], [{}, "another"], [{ Deno: {} }, "another"]]
    ) {
      assertThrows(
        () => denoOf(scope as object),
        Error,
        `Cannot open MPI: the runtime must be Deno, whose foreign functions it uses, got ${name}`,
      );
    }
    const deno = new FakeDeno({});
    assertEquals(denoOf({ Deno: deno }), deno);
  });

  it("names the flags of Deno that are missing", () => {
    const env = `--allow-env=${VARIABLES.join(",")}`;
    for (
      const [granted, missing] of [
        [[], `--allow-ffi ${env}`],
        [["ffi"], env],
        [["ffi", ...VARIABLES.slice(1)], env],
        [[...VARIABLES], "--allow-ffi"],
      ] as const
    ) {
      assertThrows(
        () => checkPermissions(new FakeDeno({}, "linux", granted)),
        Error,
        `Cannot open MPI: Deno must be run with ${missing}, got no such permission`,
      );
    }
    checkPermissions(new FakeDeno({}, "linux", ["ffi", ...VARIABLES]));
  });

  it("compares MPI's number of processes with the launcher's, and ends MPI before it refuses", () => {
    const launch = { variable: "PMI_SIZE", size: 4 } as const;
    const wrong = new OfSize(1, true);
    assertThrows(
      () => checkLaunch(wrong, "libmpi.so.40", launch),
      Error,
      "Cannot open MPI: the library must be that of the launcher, which has started 4 processes " +
        "(PMI_SIZE), got libmpi.so.40, which sees 1",
    );
    assertEquals(wrong.calls, ["finalize"]);
    const right = new OfSize(4, true);
    checkLaunch(right, "libmpich.so.12", launch);
    checkLaunch(right, "libmpich.so.12", undefined);
    assertEquals(right.calls, []);
  });

  it("needs threads", () => {
    const single = new OfSize(1, false);
    assertThrows(
      () => checkLaunch(single, "libmpi.so", undefined),
      Error,
      "Cannot open MPI: the library must let threads call it (MPI_THREAD_SERIALIZED), got libmpi.so",
    );
    assertEquals(single.calls, ["finalize"]);
  });
});

import { assert, assertEquals } from "@std/assert";
import { after, describe, it } from "@std/testing/bdd";
import { implementations, launch } from "./launch.ts";
import { makeNamespaces, type Namespaces } from "./namespaces.ts";

const LENGTH = 100_000;
/** Aborted in the end: MPICH 4.0 now and then hangs in MPI_Finalize over TCP. */
const CODE = 3;

const made: Namespaces | string = await makeNamespaces().catch((error) => (error as Error).message);

/** What tells an mpirun of the hosts, and how to get there. */
const FLAGS: Readonly<Record<string, (namespaces: Namespaces) => string[]>> = {
  "Open MPI": ({ hosts, agent }) => {
    const list = hosts.map((host) => `${host}:1`).join(",");
    return ["--host", list, "--mca", "plm_rsh_agent", agent];
  },
  MPICH: ({ hosts, agent }) => {
    return ["-hosts", hosts.join(","), "-launcher", "ssh", "-launcher-exec", agent];
  },
};

after(async () => {
  if (typeof made !== "string") await made.remove();
});

for (const implementation of implementations) {
  const { name, tcp } = implementation;
  const skip = implementation.skip ?? (typeof made === "string" ? made : undefined);
  const suite = skip === undefined ? describe : describe.skip;
  suite(`${name} between two network namespaces${skip === undefined ? "" : ` (${skip})`}`, () => {
    it("sums over TCP", async () => {
      const namespaces = made as Namespaces;
      const before = await namespaces.sent();
      const args = ["", String(LENGTH), String(CODE)];
      const { code, output, reports } = await launch(implementation, 2, "sum.ts", args, {
        flags: [...FLAGS[name](namespaces), ...tcp],
        within: namespaces.within,
      });
      const rest = reports.map((report) => ({ ...report as object, version: "" }));
      const expected = { size: 2, version: "", sum: 3, same: true };
      assertEquals({ code, reports: rest }, { code: CODE, reports: [expected, expected] }, output);
      // Each sends at least half of its numbers to the other.
      const sent = await namespaces.sent() - before;
      assert(sent > 4 * LENGTH, `${sent} bytes between the namespaces`);
    });
  });
}

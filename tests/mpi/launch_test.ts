import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { countOf, implementations, launch, PERMISSIONS, runAlone } from "./launch.ts";

/** What each rank of `programs/sum.ts` reports. */
interface Report {
  readonly size: number;
  readonly version: string;
  readonly sum: number;
  readonly same: boolean;
}

const [openMpi, mpich] = implementations;

for (const implementation of implementations) {
  const { name, library, version, skip } = implementation;
  const suite = skip === undefined ? describe : describe.skip;
  suite(`openMpi with ${name}${skip === undefined ? "" : ` (${skip})`}`, () => {
    it("finds the launcher's library", async () => {
      const { code, output, reports } = await launch(implementation, 2, "sum.ts");
      assertEquals({ code, output }, { code: 0, output: "" });
      for (const { size, version: found, sum } of reports as readonly Report[]) {
        assertEquals({ size, sum }, { size: 2, sum: 3 });
        assert(version.test(found), found);
      }
    });

    it("is a group of one without a launcher", async () => {
      const { code, output, reports: [report] } = await runAlone("sum.ts", [library, "3"]);
      assertEquals({ code, output }, { code: 0, output: "" });
      const { size, version: found, sum, same } = report as Report;
      assertEquals({ size, sum, same }, { size: 1, sum: 1, same: true });
      assert(version.test(found), found);
    });

    it("leaves errors to Deno without a launcher", async () => {
      const { code, output } = await runAlone("ends.ts", ["throw", library]);
      assertEquals(code, 1);
      const printed = "error: Uncaught (in promise) Error: the odd replica throws";
      assertEquals(countOf(output, printed), 1, output);
    });

    it("names the permissions that are missing", async () => {
      const [ffi, env] = PERMISSIONS;
      const missing = "error: Uncaught (in promise) Error: Cannot open MPI: Deno must be run with ";
      for (const [given, named] of [[[], `${ffi} ${env}`], [[ffi], env], [[env], ffi]] as const) {
        const { code, output } = await launch(implementation, 2, "sum.ts", [], {
          permissions: given,
        });
        assertEquals(code, 1, output);
        assert(output.includes(`${missing}${named}, got no such permission`), output);
      }
    });
  });
}

const both = [openMpi, mpich].every(({ skip }) => skip === undefined);
(both ? describe : describe.skip)("the library of another launcher", () => {
  for (const [launcher, other] of [[openMpi, mpich], [mpich, openMpi]]) {
    it(`is refused by every process: ${other.name}'s under that of ${launcher.name}`, async () => {
      const { code, output, reports } = await launch(launcher, 2, "sum.ts", [other.library]);
      const refusal =
        /the library must be that of the launcher, which has started 2 processes \((\w+)\), got (\S+), which sees 1/;
      const [, variable, library] = refusal.exec(output) ?? [];
      const expected = launcher === openMpi ? "OMPI_COMM_WORLD_SIZE" : "PMI_SIZE";
      assertEquals([variable, library], [expected, other.library], output);
      assertEquals({ code, reports }, { code: 1, reports: [undefined, undefined] });
    });
  }
});

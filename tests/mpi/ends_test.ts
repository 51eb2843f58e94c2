import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { countOf, implementations, launch } from "./launch.ts";

/** Ways to end while others wait, and the one message that says so. */
const FATAL = {
  throw: "error: Uncaught (in promise) on replica ODD of SIZE: Error: the odd replica throws",
  using: "error: Uncaught (in promise) on replica ODD of SIZE: Error: the odd replica throws",
  "throw after":
    "error: Uncaught (in promise) on replica ODD of SIZE: Error: the odd replica throws",
  timer: "error: Uncaught on replica ODD of SIZE: Error: the odd replica throws",
  waiting: "error: Uncaught on replica ODD of SIZE: Error: the odd replica throws",
  exit: "error: Deno.exit on replica ODD of SIZE before the group was finalized",
  early:
    "error: Uncaught (in promise) on replica 0 of SIZE: Error: Cannot meet the other replicas: " +
    "all must come to each call, got replica ODD ended",
};

const MEANT = {
  throw: "throws",
  using: "throws within `await using`",
  "throw after": "throws after finalize",
  timer: "throws in a timer",
  waiting: "throws while it waits for the others",
  exit: "calls Deno.exit",
  early: "ends early",
};

const CRASH = /segmentation fault|signal 11|signal 6/i;

/** How many runs must end without a crash. */
const RUNS = 10;

for (const implementation of implementations) {
  const { name, ranks, skip } = implementation;
  const suite = skip === undefined ? describe : describe.skip;
  const odd = ranks - 1;
  suite(`the end of a replica, ${name}${skip === undefined ? "" : ` (${skip})`}`, () => {
    for (const [how, text] of Object.entries(FATAL)) {
      it(`ends all when it ${MEANT[how as keyof typeof MEANT]}, and says so once`, async () => {
        const { code, output, reports } = await launch(implementation, ranks, "ends.ts", [how]);
        const message = text.replace("ODD", String(odd)).replace("ODD", String(odd))
          .replace("SIZE", String(ranks));
        assertEquals(countOf(output, message), 1, output);
        assertEquals(countOf(output, "error: "), 1, output);
        assert(!CRASH.test(output), output);
        assertEquals({ code, reports: reports.filter(Boolean) }, { code: 1, reports: [] });
      });
    }

    it("ends all when it aborts, with its code", async () => {
      const { code, output } = await launch(implementation, ranks, "ends.ts", ["abort"]);
      assertEquals({ code, errors: countOf(output, "error: ") }, { code: 7, errors: 0 }, output);
    });

    it("ends all when it is killed", async () => {
      const { code, reports } = await launch(implementation, ranks, "ends.ts", ["kill"]);
      assert(code !== 0 && code !== 124, `code ${code}`);
      assertEquals(reports.filter(Boolean), []);
    });

    it("is an error of the others that they can catch", async () => {
      const { code, output, reports } = await launch(implementation, ranks, "ends.ts", ["caught"]);
      const ended = "Cannot meet the other replicas: all must come to each call, got replica " +
        `${odd} ended`;
      const used = "Cannot use the group: it must not have been finalized, got one that has";
      const expected = Array.from({ length: ranks }, (_, rank) => [
        ended,
        rank === odd ? used : ended,
      ]);
      assertEquals({ code, output, reports }, { code: 0, output: "", reports: expected });
    });

    it("may call Deno.exit after finalize", async () => {
      const { code, output, reports } = await launch(implementation, 2, "ends.ts", ["exit after"]);
      const all = ["came to its end", "came to its end"];
      assertEquals({ code, output, reports }, { code: 0, output: "", reports: all });
    });

    it(`needs no finalize, and does not crash in ${RUNS} runs`, async () => {
      // Over TCP Open MPI has threads of its own. MPICH 4.0 now and then hangs there in MPI_Finalize.
      const flags = name === "Open MPI" ? implementation.tcp : [];
      for (let i = 0; i < RUNS; i++) {
        const run = await launch(implementation, 2, "ends.ts", ["well"], { flags });
        const { code, output, reports } = run;
        const all = ["came to its end", "came to its end"];
        assertEquals({ code, output, reports }, { code: 0, output: "", reports: all });
      }
    });
  });
}

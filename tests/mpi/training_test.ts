import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { countOf, implementations, launch } from "./launch.ts";

/** What each rank of `programs/training.ts` reports: all parameters and moving statistics. */
interface Report {
  readonly together: readonly number[];
  /** Those of the same training in one process; of rank 0. */
  readonly alone?: readonly number[];
}

/**
 * Parts round their sums at other places than the whole, by some 2^-24 of a sum's terms. Adam divides
 * gradients by their size, so 20 steps of 0.05 add up to about 0.05 * 20 of that in a parameter, as long
 * as no gradient is near 0; relative to the number, or to 1 where it is smaller.
 */
const ALLOWED = 1e-6;

for (const implementation of implementations) {
  const { name, ranks, skip } = implementation;
  const suite = skip === undefined ? describe : describe.skip;
  suite(`training over ${name}${skip === undefined ? "" : ` (${skip})`}`, () => {
    for (const size of name === "MPICH" ? [2] : [2, 3, 4]) {
      it(`of 20 steps on ${size} ranks is that of one process, the same bits on each`, async () => {
        const run = await launch(implementation, size, "training.ts");
        assertEquals(run.code, 0, run.output);
        const reports = run.reports as readonly Report[];
        for (const { together } of reports) assertEquals(together, reports[0].together);
        for (const [i, value] of reports[0].together.entries()) {
          const expected = reports[0].alone![i];
          const error = Math.abs(value - expected) / Math.max(1, Math.abs(expected));
          assert(error <= ALLOWED, `${i}: ${value}, not ${expected}`);
        }
      });
    }

    it("fails with the error of the replica whose argument is wrong, once", async () => {
      const { code, output } = await launch(implementation, ranks, "training.ts", ["wrong"]);
      assertEquals(code, 1, output);
      assertEquals(countOf(output, "error: "), 1, output);
      const where = `on replica ${ranks - 1} of ${ranks}: TypeError: Cannot apply batchNorm`;
      assert(output.includes(`error: Uncaught (in promise) ${where}`), output);
    });
  });
}

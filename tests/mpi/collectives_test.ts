import { assert, assertEquals } from "@std/assert";
import { before, describe, it } from "@std/testing/bdd";
import { implementations, launch, type Run } from "./launch.ts";
import { awkward } from "./programs/shared.ts";

/** What each rank of `programs/collectives.ts` reports. */
interface Report {
  readonly rank: number;
  readonly size: number;
  readonly version: string;
  readonly gathered: readonly (readonly number[])[];
  readonly nothing: readonly number[];
  readonly unchanged: boolean;
  readonly kinds: readonly number[];
  readonly sums32: readonly number[];
  readonly sums64: readonly number[];
  readonly none: number;
  readonly queued: unknown;
  readonly ticks: number;
  readonly waited: number;
  readonly lengths: string;
  readonly types: string;
  readonly calls: string;
  readonly afterwards: number;
  readonly second: string;
  readonly used: string;
}

/** Half the distance of two numbers next to 1, of both types. */
const ROUNDING = { 32: 2 ** -24, 64: 2 ** -53 };

const MEET = "Cannot meet the other replicas: all must make the same calls in the same order, got ";

for (const implementation of implementations) {
  const { name, version, skip } = implementation;
  const suite = skip === undefined ? describe : describe.skip;
  for (const size of name === "MPICH" ? [2, 4] : [2, 3, 4]) {
    suite(`${name}, ${size} ranks${skip === undefined ? "" : ` (${skip})`}`, () => {
      let run: Run;
      let reports: readonly Report[];
      const ranks = Array.from({ length: size }, (_, rank) => rank);

      before(async () => {
        run = await launch(implementation, size, "collectives.ts");
        reports = run.reports as readonly Report[];
      });

      /** Each rank reports this. */
      const each = (key: keyof Report, value: unknown) =>
        assertEquals(reports.map((report) => report[key]), ranks.map(() => value));

      it("ends well", () => {
        assertEquals({ code: run.code, output: run.output }, { code: 0, output: "" });
        assertEquals(reports.map(({ rank }) => rank), ranks);
        each("size", size);
        for (const report of reports) assert(version.test(report.version), report.version);
      });

      it("gathers parts of different lengths, none among them", () => {
        const parts = ranks.map((rank) =>
          Array.from({ length: 2 * rank }, (_, i) => rank + i / 10)
        );
        each("gathered", parts);
        each("nothing", ranks.map(() => 0));
      });

      it("sums to the same bits on every rank", () => {
        for (const bits of [32, 64] as const) {
          const key = `sums${bits}` as const;
          each(key, reports[0][key]);
          const terms = ranks.map((rank) =>
            bits === 32 ? Float64Array.from(Float32Array.from(awkward(rank))) : awkward(rank)
          );
          for (const [i, sum] of reports[0][key].entries()) {
            const exact = terms.reduce((total, term) => total + term[i], 0);
            const magnitude = terms.reduce((total, term) => total + Math.abs(term[i]), 0);
            // Every addition rounds by at most half a unit of the sum of magnitudes, here and there.
            const allowed = 2 * terms.length * ROUNDING[bits] * magnitude;
            assert(Math.abs(sum - exact) <= allowed, `${key}[${i}]: ${sum}, not ${exact}`);
          }
        }
        each("kinds", [4, 8]);
        each("none", 0);
        each("unchanged", true);
      });

      it("makes calls in the order in which they were made", () => {
        each("queued", [size, ranks, 2 * size]);
      });

      it("lets the event loop go on while a call waits", () => {
        for (const { rank, waited, ticks } of reports.slice(1)) {
          assert(waited > 100, `rank ${rank} waited for ${waited} ms`);
          assert(ticks >= 5, `${ticks} ticks on rank ${rank}`);
        }
      });

      it("refuses calls that differ on every rank, and goes on with the next", () => {
        const last = size - 1;
        const four = "allReduce of 4 numbers of float32 on replica 0";
        each("lengths", `${MEET}${four} and allReduce of 5 numbers of float32 on replica ${last}`);
        each("types", `${MEET}${four} and allReduce of 4 numbers of float64 on replica ${last}`);
        each("calls", `${MEET}allGather on replica 0 and barrier on replica ${last}`);
        each("afterwards", ranks.reduce((sum, rank) => sum + rank));
      });

      it("opens once, and cannot be used after its end", () => {
        each(
          "second",
          "Cannot open MPI: it must be opened once in a process, got one where it has been",
        );
        each("used", "Cannot use the group: it must not have been finalized, got one that has");
      });
    });
  }
}

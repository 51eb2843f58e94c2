/** Times the collectives; replica 0 reports. */
import { openMpi } from "../../ops/mpi/mod.ts";
import { report } from "../../tests/mpi/programs/report.ts";
import { median } from "../statistics.ts";
import { CALLS, LENGTHS, type Timing } from "./timing.ts";

await using group = await openMpi();
const timings: Timing[] = [];
for (const length of LENGTHS) {
  const values = new Float64Array(length).fill(group.rank);
  const rounds = length > 1e5 ? 5 : 30;
  for (const call of CALLS) {
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      await group.barrier();
      const start = performance.now();
      await group[call](values);
      // The first one opens connections.
      if (round > 0) times.push(performance.now() - start);
    }
    timings.push({ call, length, median: median(times), min: Math.min(...times) });
  }
}
if (group.rank === 0) report(0, timings);

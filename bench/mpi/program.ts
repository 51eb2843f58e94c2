/** Times the collectives, and a training step with two batch norms; replica 0 reports. */
import { openStep, start } from "../../examples/replicas/model.ts";
import { batchOf, part } from "../../examples/replicas/spirals.ts";
import { createRuntime } from "../../mod.ts";
import { openMpi } from "../../ops/mpi/mod.ts";
import { report } from "../../tests/mpi/programs/report.ts";
import { median } from "../statistics.ts";
import { CALLS, LENGTHS, type Timing } from "./timing.ts";

const POINTS = 2400;

await using group = await openMpi();
const timings: Timing[] = [];
for (const length of LENGTHS) {
  const values = new Float64Array(length).fill(group.rank);
  for (const call of CALLS) {
    await time(`${call} of ${length}`, length > 1e5 ? 3 : 30, async () => {
      await group[call](values);
    });
  }
}
await using runtime = await createRuntime({ backend: "wasm" });
const step = openStep(group, runtime);
const own = part(batchOf(POINTS, 1, 0), group);
let training = start(1);
await time(`a training step with ${POINTS} points`, 30, async () => {
  ({ training } = await step(training, own, POINTS));
});
if (group.rank === 0) report(0, timings);

async function time(what: string, rounds: number, run: () => Promise<void>): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    await group.barrier();
    const begin = performance.now();
    await run();
    // The first one opens connections, and compiles.
    if (round > 0) times.push(performance.now() - begin);
  }
  timings.push({ what, median: median(times), min: Math.min(...times) });
}

/** The training of the examples; with a third argument rank 1 kills itself after so many steps. */
import { train } from "../../../examples/replicas.ts";
import { openMpi } from "../../../ops/mpi/mod.ts";
import { report } from "./report.ts";

const [, checkpoint, deadAfter] = Deno.args;
await using group = await openMpi();
const training = await train(
  group,
  { steps: 20, every: 5, batch: 61, seed: 3 },
  checkpoint === "" ? undefined : checkpoint,
  (done) => {
    if (`${done}` === deadAfter && group.rank === 1) Deno.kill(Deno.pid, "SIGKILL");
  },
);
report(group.rank, numbersOf(training));

/** All numbers of a training, in the order of its fields. */
function numbersOf(node: unknown): number[] {
  if (typeof node === "number") return [node];
  if (node instanceof Float32Array) return [...node];
  return Object.values(node as object).flatMap(numbersOf);
}

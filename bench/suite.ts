/**
 * Workloads as groups of `deno bench`, with the contenders and checks of the races.
 *
 * @module
 */
import { checkOf } from "./expected.ts";
import { inputsOf } from "./inputs.ts";
import { contendersOf } from "./race.ts";
import { type Operation, workloads } from "./workloads.ts";

/** Registers the workloads of some operations. */
export async function benchOperations(...operations: readonly Operation[]): Promise<void> {
  for (const workload of workloads.filter(({ operation }) => operations.includes(operation))) {
    const check = checkOf(workload, inputsOf(workload));
    const { contenders } = await contendersOf(workload);
    for (const contender of contenders) {
      const y = await contender.run();
      const error = y === undefined ? 0 : check(y);
      if (!(error < 1e-2)) throw new Error(`${contender.name} is wrong by ${error}`);
      Deno.bench({
        group: workload.id,
        name: `${contender.name} (${contender.executor})`,
        baseline: contender.name === "kernorm wasm",
        fn: async () => void await contender.run(),
      });
    }
  }
}

/**
 * Workloads as groups of `deno bench`, with the contenders and checks of the races.
 *
 * @module
 */
import { errorOf, WrongAnswer } from "./answer.ts";
import { checkOf } from "./expected.ts";
import { inputsOf } from "./inputs.ts";
import { contendersOf } from "./race.ts";
import { type Operation, workloads } from "./workloads.ts";

/** Deno runs a bench for half a second and ten times at least; those that are slow, so often. */
const SLOW = { ms: 100, runs: 3 };

/** Registers the workloads of some operations. */
export async function benchOperations(...operations: readonly Operation[]): Promise<void> {
  for (const workload of workloads.filter(({ operation }) => operations.includes(operation))) {
    const check = checkOf(workload, inputsOf(workload));
    const { contenders } = await contendersOf(workload);
    for (const contender of contenders) {
      try {
        errorOf(contender, await contender.run(), check);
      } catch (error) {
        if (error instanceof WrongAnswer) throw error;
        console.error(`${workload.id}: ${contender.name} is absent, ${(error as Error).message}`);
        continue;
      }
      const start = performance.now();
      await contender.run();
      const isSlow = performance.now() - start > SLOW.ms;
      Deno.bench({
        group: workload.id,
        name: `${contender.name} (${contender.executor})`,
        baseline: contender.name === "kernorm wasm",
        ...(isSlow ? { n: SLOW.runs, warmup: 0 } : {}),
        fn: async () => void await contender.run(),
      });
    }
  }
}

/**
 * Revisions from before `tracked.ts`, up to `ebbf786`: they are driven by the bench code of their own
 * that took the library's functions as an argument.
 *
 * @module
 */
import type { Tracked } from "./tracked.ts";

/** What such a revision exports, as far as it is used. */
interface Library {
  createRuntime(options: { readonly backend: "wasm" }): Promise<Runtime>;
  tensor(data: Float32Array, shape: readonly number[]): unknown;
}

interface Runtime {
  stats(): { readonly backend: string; readonly device: string };
  dispose(): Promise<void>;
}

interface Workload {
  readonly id: string;
  readonly shape: readonly number[];
  readonly first?: boolean;
}

type Call = (
  library: Library,
  workload: Workload,
  inputs: { readonly x: Float32Array },
  x: unknown,
) => (runtime: Runtime) => Promise<unknown>;

const MOST = 4e6;

/**
 * The workloads of a revision that is checked out in a folder.
 *
 * @throws {Error} If the revision has no benches: it cannot be compared.
 */
export async function trackedBefore(folder: URL): Promise<Tracked> {
  const imported = async (path: string) => await import(new URL(path, folder).href);
  const library: Library = await imported("mod.ts");
  const { call } = await imported("bench/peers/ours.ts") as { call: Call };
  const { inputsOf } = await imported("bench/inputs.ts") as {
    inputsOf(workload: Workload): { readonly x: Float32Array };
  };
  const { workloads, elementsOf } = await imported("bench/workloads.ts") as {
    workloads: readonly Workload[];
    elementsOf(workload: Workload): number;
  };
  return {
    workloads: workloads.filter((workload) => !workload.first && elementsOf(workload) <= MOST),
    async open(id) {
      const workload = workloads.find((workload) => workload.id === id)!;
      const inputs = inputsOf(workload);
      const runtime = await library.createRuntime({ backend: "wasm" });
      const run = call(library, workload, inputs, library.tensor(inputs.x, workload.shape));
      const { backend, device } = runtime.stats();
      return { backend, device, run: () => run(runtime), dispose: () => runtime.dispose() };
    },
  };
}

/**
 * What tracking runs of a revision. Every revision brings this module with it and drives its own
 * library by it, so that two revisions can be compared whose functions differ. The two interfaces must
 * stay as they are.
 *
 * @module
 */
import * as library from "../mod.ts";
import { inputsOf } from "./inputs.ts";
import { call } from "./peers/ours.ts";
import { elementsOf, workloads } from "./workloads.ts";

/** The workloads of a revision. */
export interface Tracked {
  /** Names and shapes of what can be run. */
  readonly workloads: readonly { readonly id: string; readonly shape: readonly number[] }[];
  /** Opens a workload on a runtime of its own. */
  open(id: string): Promise<TrackedRun>;
}

/** A workload that is ready to run, on wasm with plain arrays. */
export interface TrackedRun {
  /** The backend, and what computes, in words. */
  readonly backend: string;
  readonly device: string;
  /** Computes it once. */
  run(): Promise<unknown>;
  dispose(): Promise<void>;
}

/** Workloads of more elements take too long to be repeated often. */
const MOST = 4e6;

/** The workloads of this revision. */
export const tracked: Tracked = {
  workloads: workloads.filter((workload) => !workload.first && elementsOf(workload) <= MOST)
    .map(({ id, shape }) => ({ id, shape })),
  async open(id) {
    const workload = workloads.find((workload) => workload.id === id)!;
    const inputs = inputsOf(workload);
    const runtime = await library.createRuntime({ backend: "wasm" });
    const run = call(workload, inputs, library.tensor(inputs.x, workload.shape));
    const { backend, device } = runtime.stats();
    return { backend, device, run: () => run(runtime), dispose: () => runtime.dispose() };
  },
};

/**
 * Runs recorded plans, on the runtime of a call or on the shared one.
 *
 * @module
 */
import type { Recorded } from "../plan/plan.ts";
import { checkKept } from "../tensor/checks.ts";
import { DEFAULT_PLAN_LIMIT, openRuntime } from "./open.ts";
import { type Runner, runnerOf } from "./runner.ts";
import type { AnyRuntime, Runtime } from "./runtime.ts";

let shared: Promise<Runtime> | undefined;
let ready: Runtime | undefined;

/** The runtime of calls that name none. */
function sharedRuntime(): Promise<Runtime> {
  shared ??= openRuntime("auto", DEFAULT_PLAN_LIMIT, {}).then((runtime) => ready = runtime).catch(
    (error) => {
      shared = undefined;
      throw error;
    },
  );
  return shared;
}

/**
 * Runs a recorded plan. Its inputs are read before this returns, whether the runtime is there
 * already or has to be opened first.
 */
export async function execute(
  recorded: Recorded,
  runtime: AnyRuntime | undefined = ready,
): Promise<Float32Array[]> {
  const { program, scalars } = recorded;
  const inputs = recorded.sources.map((source, id) => {
    const data = source();
    checkKept(program.names[id], data, program.lengths[id]);
    return data;
  });
  if (program.launches.length === 0) return program.results.map((id) => inputs[id].slice());
  if (runtime !== undefined) {
    const { engine, keeps } = runnerOf(runtime);
    return await engine.run(program, inputs, scalars, keeps);
  }
  const copies = inputs.map((input) => input.slice());
  return await runnerOf(await sharedRuntime()).engine.run(program, copies, scalars);
}

/** What lives as long as the engine that a call runs on; `undefined` before there is one. */
export function keeperOf(runtime: AnyRuntime | undefined): object | undefined {
  const known = runtime ?? ready;
  return known && runnerOf(known).engine;
}

/** How a call's results become tensors. */
export function resultsOf(runtime: AnyRuntime | undefined): Runner["result"] {
  if (runtime === undefined) {
    return (shape, data) => ({ shape, data: data as Float32Array<ArrayBuffer> });
  }
  const runner = runnerOf(runtime);
  return (shape, data) => runner.result(shape, data);
}

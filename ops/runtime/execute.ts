/**
 * Runs recorded plans, on the runtime of a call or on the shared one.
 *
 * @module
 */
import type { Recorded } from "../plan/plan.ts";
import { checkKept } from "../tensor/checks.ts";
import { DeviceData, type Elements } from "../tensor/elements.ts";
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
 *
 * @param atOnce Whether the results must be there when this returns, which `checkComputesAtOnce` has to
 * allow.
 */
export function execute(
  recorded: Recorded,
  runtime: AnyRuntime | undefined = ready,
  atOnce = false,
): Elements[] | Promise<Elements[]> {
  const { program, sources, scalars, checks } = recorded;
  const inputs: Elements[] = [];
  for (let id = 0; id < sources.length; id++) {
    const elements = sources[id]();
    checkElements(program.names[id], elements, program.lengths[id], runtime);
    inputs.push(elements);
  }
  const onDevice = checks.size === 0 ? [] : checkNumbers(inputs, checks);
  let running: Elements[] | Promise<Elements[]>;
  if (program.launches.length === 0) {
    running = passAllOn(program.results.map((id) => inputs[id]), runtime);
  } else if (runtime === undefined) running = runOnShared(recorded, inputs);
  else {
    const { engine, keeps } = runnerOf(runtime);
    running = engine.run(program, inputs, scalars, keeps, atOnce);
  }
  return onDevice.length === 0 ? running : afterChecks(running, onDevice);
}

/** Inputs that are results, of a plan that runs nothing. */
function passAllOn(
  inputs: readonly Elements[],
  runtime: AnyRuntime | undefined,
): Elements[] | Promise<Elements[]> {
  if (runtime !== undefined) runnerOf(runtime).engine.checkOpen("run");
  const passed = inputs.map((input) => passOn(input, runtime));
  return passed.some((one) => one instanceof Promise) ? Promise.all(passed) : passed as Elements[];
}

async function runOnShared(
  { program, scalars }: Recorded,
  inputs: readonly Elements[],
): Promise<Elements[]> {
  const copies = inputs.map((input) => (input as Float32Array).slice());
  return await runnerOf(await sharedRuntime()).engine.run(program, copies, scalars);
}

/**
 * Checks that numbers are as many as what was compiled for them, and where the runtime can read them.
 *
 * @throws {TypeError} If they are not.
 */
export function checkElements(
  name: string,
  elements: Elements,
  length: number,
  runtime: AnyRuntime | undefined = ready,
): void {
  checkKept(name, elements, length);
  if (!(elements instanceof DeviceData)) return;
  if (runtime !== undefined && runnerOf(runtime).engine.holds(elements)) return;
  throw new TypeError(
    `Cannot run an op: ${name} must be in memory (read() copies it), or on the GPU of the runtime ` +
      "that runs, got a tensor on another runtime's GPU",
  );
}

/** Numbers that a call returns as it was given them: a copy, or on a device one holder more. */
export function passOn(
  elements: Elements,
  runtime: AnyRuntime | undefined,
): Elements | Promise<Elements> {
  if (!(elements instanceof DeviceData)) return elements.slice();
  return runtime !== undefined && runnerOf(runtime).keeps ? elements.retain() : elements.read();
}

/** Checks inputs that have been asked to be; those on a device are on their way when this returns. */
function checkNumbers(
  inputs: readonly Elements[],
  checks: Recorded["checks"],
): Promise<void>[] {
  const onDevice: Promise<void>[] = [];
  // What can be refused at once is, before anything is on its way.
  checks.forEach((check, id) => {
    const elements = inputs[id];
    if (!(elements instanceof DeviceData)) check(elements);
  });
  checks.forEach((check, id) => {
    const elements = inputs[id];
    if (elements instanceof DeviceData) onDevice.push(elements.read().then(check));
  });
  // A run that fails by itself waits for none of them.
  for (const checked of onDevice) checked.catch(() => {});
  return onDevice;
}

/** The results of a run, if its checks have passed; else they are given back. */
async function afterChecks(
  running: Elements[] | Promise<Elements[]>,
  checks: readonly Promise<void>[],
): Promise<Elements[]> {
  const [ran, ...checked] = await Promise.allSettled([running, ...checks]);
  const failed = checked.find(({ status }) => status === "rejected") ?? ran;
  if (failed.status === "fulfilled" && ran.status === "fulfilled") return ran.value;
  if (ran.status === "fulfilled") {
    for (const result of ran.value) if (result instanceof DeviceData) result.release();
  }
  throw (failed as PromiseRejectedResult).reason;
}

/** What lives as long as the engine that a call runs on; `undefined` before there is one. */
export function keeperOf(runtime: AnyRuntime | undefined): object | undefined {
  const known = runtime ?? ready;
  return known && runnerOf(known).engine;
}

/** What makes tensors of a call's results. */
export function resultsOf(runtime: AnyRuntime | undefined): Pick<Runner, "result"> {
  return runtime === undefined ? PLAIN : runnerOf(runtime);
}

const PLAIN: Pick<Runner, "result"> = {
  result: (shape, data) => ({ shape, data: data as Float32Array<ArrayBuffer> }),
};

/**
 * This library, on every backend that is there; on wasm with plain arrays, in place, with threads, and
 * with gpu.js' own code generator in place of the tile compiler.
 *
 * @module
 */
import { type AnyRuntime, type AnyTensor, createRuntime, type Runtime, tensor } from "../../mod.ts";
import type { Absent, Answer, Contender } from "../contender.ts";
import type { Inputs } from "../inputs.ts";
import { atCall, type RaceWorkload } from "../race_workloads.ts";
import type { Workload } from "../workloads.ts";
import { callOf, operandsOf } from "./ours_calls.ts";
import { inputsAt } from "./varied.ts";

/** How many threads the threaded contender has. */
const THREADS = 2;

/** This library in its ways. */
export async function ours(
  workload: RaceWorkload,
  inputs: Inputs,
): Promise<(Contender | Absent)[]> {
  const contenders: (Contender | Absent)[] = [];
  const add = async (name: string, open: () => Promise<Runtime>, inPlace = false) => {
    try {
      contenders.push(
        workload.first
          ? await opening(name, workload, inputs, open)
          : contender(name, workload, inputs, await open(), inPlace),
      );
    } catch (error) {
      contenders.push({ name, absent: (error as Error).message });
    }
  };
  await add("kernorm wasm", () => createRuntime({ backend: "wasm" }));
  await add("kernorm wasm, in place", () => createRuntime({ backend: "wasm" }), true);
  await add("kernorm wasm, 2 threads", () => createRuntime({ backend: "wasm", threads: THREADS }));
  await add("kernorm webgpu", () => createRuntime({ backend: "webgpu" }));
  await add("kernorm cpu", () => createRuntime({ backend: "cpu" }));
  await add(
    "kernorm by gpu.js' code",
    () => createRuntime({ backend: "wasm", compiler: "gpu.js" }),
  );
  return contenders;
}

/** One that opens a runtime for every run. */
async function opening(
  name: string,
  workload: Workload,
  inputs: Inputs,
  open: () => Promise<Runtime>,
): Promise<Contender> {
  const bound = call(workload, inputs, tensor(inputs.x, workload.shape));
  // What cannot be opened is absent.
  await (await open()).dispose();
  let executor = "";
  return {
    name,
    peer: false,
    get executor() {
      return executor;
    },
    async run() {
      await using runtime = await open();
      const y = await bound(runtime);
      executor = executorOf(runtime);
      return y;
    },
  };
}

/** What really ran: the device, and how it was given the work. */
function executorOf(runtime: Runtime): string {
  const { backend, device, launchesByGpuJs } = runtime.stats();
  return launchesByGpuJs > 0 ? `${device}, ${backend} of gpu.js` : device;
}

function contender(
  name: string,
  workload: RaceWorkload,
  inputs: Inputs,
  runtime: Runtime,
  inPlace: boolean,
): Contender {
  let place = runtime.scope();
  const boundAt = (number: number) => {
    const own = atCall(workload, number);
    const given = inputsAt(own, inputs);
    const plain = tensor(given.x, own.shape);
    return call(own, given, inPlace ? place.put(plain) : plain);
  };
  let checked = false;
  let bound = boundAt(0);
  return {
    name,
    peer: false,
    get executor() {
      return executorOf(runtime);
    },
    ...(workload.varies && {
      prepare(number: number) {
        place[Symbol.dispose]();
        place = runtime.scope();
        bound = boundAt(number);
      },
    }),
    async run() {
      if (!inPlace) return await bound(runtime);
      using scope = runtime.scope();
      const y = await bound(scope);
      // The first answer is looked at; what stays in place is not copied again.
      const copy = checked ? undefined : copyOf(y);
      checked = true;
      return copy;
    },
    dispose: () => runtime.dispose(),
  };
}

function copyOf(answer: Answer): Answer {
  return answer instanceof Float32Array ? answer.slice() : answer.map((part) => part.slice());
}

/** A workload as a call that returns numbers. */
export function call(
  workload: Workload,
  inputs: Inputs,
  x: AnyTensor,
): (runtime: AnyRuntime) => Promise<Answer> {
  const run = callOf(workload, { ...operandsOf(workload, inputs), x });
  return async (runtime) => {
    const answers = (await run(runtime)).map(({ data }) => data);
    return answers.length === 1 ? answers[0] : answers;
  };
}

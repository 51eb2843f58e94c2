/**
 * PyTorch on the processor, with one thread, where Python has it: `KERNORM_PYTHON` names
 * the Python, by default `python3`. It runs in a process of its own, on tensors of its own, and takes
 * its own time; its blocks of calls alternate with those of the others.
 *
 * @module
 */
import type { Absent, Contender } from "../contender.ts";
import { EPSILON, type Inputs } from "../inputs.ts";
import type { RaceWorkload } from "../race_workloads.ts";
import { channelsOf, type Workload } from "../workloads.ts";
import { Python } from "./python.ts";

const SCRIPT = new URL("pytorch.py", import.meta.url);
const NAME = "pytorch";

/** PyTorch that runs. */
export interface PyTorch {
  readonly process: Python;
  readonly version: string;
}

let opened: Promise<PyTorch> | undefined;
let numbers = 0;

/** Starts PyTorch. */
export async function openPyTorch(python: string): Promise<PyTorch> {
  try {
    const { process, first } = await Python.open<{ readonly version: string }>(python, SCRIPT);
    return { process, version: first.version };
  } catch {
    throw new Error(`${python} has no torch; KERNORM_PYTHON can name another Python`);
  }
}

/** PyTorch, if it is there. */
export async function pytorch(
  workload: RaceWorkload,
  inputs: Inputs,
  open: () => Promise<PyTorch> = shared,
): Promise<(Contender | Absent)[]> {
  try {
    const { process, version } = await open();
    const name = `${NAME} ${version}`;
    if (workload.rare) return [{ name, absent: "the work in between is in another process" }];
    if (workload.first) return [{ name, absent: "it cannot be started afresh" }];
    return [await contender(process, name, workload, inputs)];
  } catch (error) {
    return [{ name: NAME, absent: (error as Error).message }];
  }
}

/** One process for all workloads, which ends with this one. */
function shared(): Promise<PyTorch> {
  return opened ??= openPyTorch(Deno.env.get("KERNORM_PYTHON") ?? "python3");
}

async function contender(
  process: Python,
  name: string,
  workload: Workload,
  inputs: Inputs,
): Promise<Contender> {
  const number = numbers++;
  const operands = operandsOf(workload, inputs);
  const shapes = operands.map(({ name, shape }) => [name, shape]);
  await process.ask(
    { do: "open", number, workload, epsilon: EPSILON, inputs: shapes },
    operands.map(({ data }) => data),
  );
  return {
    name,
    peer: true,
    executor: "native, 1 thread",
    async run() {
      const parts = await process.askForNumbers({ do: "compute", number });
      return parts.length === 1 ? parts[0] : parts;
    },
    async time(calls) {
      return (await process.ask<{ readonly ms: number }>({ do: "time", number, calls })).ms;
    },
    async dispose() {
      await process.ask({ do: "close", number });
    },
  };
}

/** What a workload takes, in the order of the arguments: the parameters follow x. */
function operandsOf(workload: Workload, { x, dy, beta, gamma, mean, variance, matrix }: Inputs) {
  const { operation, shape, backward = false } = workload;
  const channels = channelsOf(workload);
  const vector = (name: string, data: Float32Array) => ({ name, data, shape: [channels] });
  const square = { name: "matrix", data: matrix, shape: [channels, channels] };
  const params = {
    gdn: [vector("beta", beta), square],
    rmsNorm: [vector("gamma", gamma)],
    pipeline: [vector("beta", beta), vector("gamma", gamma), square],
  };
  const state = [vector("mean", mean), vector("variance", variance)];
  return [
    { name: "x", data: x, shape },
    ...Object.hasOwn(params, operation)
      ? params[operation as keyof typeof params]
      : [vector("beta", beta), vector("gamma", gamma)],
    ...operation === "batchNormInference" ? state : [],
    ...backward ? [{ name: "dy", data: dy, shape }] : [],
  ];
}

/**
 * This library: on the card and on wasm, each with tensors that stay and with plain arrays.
 *
 * @module
 */
import { type AnyTensor, createRuntime, type Runtime, type RuntimeScope } from "../../../mod.ts";
import type { Inputs } from "../../inputs.ts";
import { callOf, type Operands, operandsOf } from "../../peers/ours_calls.ts";
import type { Workload } from "../../workloads.ts";
import type { GpuContender, Place } from "../contender.ts";
import type { Card } from "../device.ts";
import type { GpuEntry } from "../race.ts";

/** A runtime that is raced. */
export interface Way {
  readonly name: string;
  readonly open: () => Promise<Runtime>;
  /** @default {both} */
  readonly places?: readonly Place[];
}

const PLACES = ["stays", "copies"] as const;

/** On the device that the yardsticks run on, and on the processor. */
export function waysOf({ device }: Card): readonly Way[] {
  return [
    { name: "kernorm webgpu", open: () => createRuntime({ device }) },
    { name: "kernorm wasm", open: () => createRuntime({ backend: "wasm" }) },
  ];
}

/** What "auto" chooses for plain arrays; a tensor that stays is on one backend already. */
export const AUTO: Way = {
  name: "kernorm auto",
  open: () => createRuntime(),
  places: ["copies"],
};

/** This library in its ways, with tensors that stay and with plain arrays. */
export async function ours(
  ways: readonly Way[],
  workload: Workload,
  inputs: Inputs,
): Promise<GpuEntry[]> {
  const contenders: GpuEntry[] = [];
  for (const way of ways) {
    for (const place of way.places ?? PLACES) {
      try {
        contenders.push(await contender(way, place, workload, inputs));
      } catch (error) {
        contenders.push({ name: way.name, peer: false, absent: (error as Error).message });
      }
    }
  }
  return contenders;
}

/** One of them. */
async function contender(
  { name, open }: Way,
  place: Place,
  workload: Workload,
  inputs: Inputs,
): Promise<GpuContender> {
  const runtime = await open();
  const plain = operandsOf(workload, inputs);
  const operands = place === "stays" ? placed(plain, runtime.scope()) : plain;
  const run = callOf(workload, operands);
  return {
    name,
    peer: false,
    place,
    get device() {
      return runtime.stats().device;
    },
    async call() {
      if (place === "copies") return void await run(runtime);
      using scope = runtime.scope();
      await run(scope);
    },
    finish: () => done(runtime),
    async answer() {
      using scope = runtime.scope();
      const answers = await run(place === "stays" ? scope : runtime);
      return await Promise.all(answers.map(numbersOf));
    },
    dispose: () => runtime.dispose(),
  };
}

/** The operands in a runtime's memory, which they end with. */
function placed(operands: Operands, scope: RuntimeScope): Operands {
  const entries = Object.entries(operands).map(([name, one]) => [name, scope.put(one)] as const);
  return Object.fromEntries(entries) as unknown as Operands;
}

/** The numbers of a tensor wherever it is. */
export async function numbersOf(tensor: AnyTensor): Promise<Float32Array> {
  return "read" in tensor ? await tensor.read() : tensor.data;
}

/** Waits for all that a runtime was given: a number that is read comes after what was asked before. */
export async function done(runtime: Runtime): Promise<void> {
  using scope = runtime.scope();
  await scope.zeros([1]).read();
}

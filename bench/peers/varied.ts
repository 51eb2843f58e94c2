/**
 * Contenders that are given another shape at every call.
 *
 * @module
 */
import { type Absent, type Contender, isAbsent } from "../contender.ts";
import type { Inputs } from "../inputs.ts";
import { atCall, type RaceWorkload } from "../race_workloads.ts";
import { elementsOf } from "../workloads.ts";

type Entrants = readonly (Contender | Absent)[];

/** A library: who of it can do a workload. */
export type Peer = (workload: RaceWorkload, inputs: Inputs) => Entrants | Promise<Entrants>;

/** The inputs of a workload at one of its calls: as much of x as it takes. */
export function inputsAt(workload: RaceWorkload, inputs: Inputs): Inputs {
  return { ...inputs, x: inputs.x.subarray(0, elementsOf(workload)) };
}

/**
 * A library that is asked again for every shape. That is not timed: it puts parameters where they belong,
 * and compiles nothing before the call.
 */
export function varied(peer: Peer): Peer {
  return async (workload, inputs) => {
    const first = await peer(workload, inputs);
    if (workload.varies === undefined) return first;
    return first.map((one) => isAbsent(one) ? one : anew(one, peer, workload, inputs));
  };
}

/** A library whose kernels or models are made for one shape, before they are called. */
export function ofOneShape(name: string, peer: Peer): Peer {
  return async (workload, inputs) =>
    workload.varies === undefined
      ? await peer(workload, inputs)
      : [{ name, absent: "what it runs is made for one shape" }];
}

function anew(
  first: Contender,
  peer: Peer,
  workload: RaceWorkload,
  inputs: Inputs,
): Contender {
  const { name, time } = first;
  let current = first;
  return {
    name,
    peer: first.peer,
    get executor() {
      return current.executor;
    },
    async prepare(call) {
      await current.dispose?.();
      const own = atCall(workload, call);
      for (const one of await peer(own, inputsAt(own, inputs))) {
        if (isAbsent(one)) throw new Error(one.absent);
        if (one.name === name) current = one;
        else await one.dispose?.();
      }
    },
    run: () => current.run(),
    ...(time && { time: (calls) => current.time!(calls) }),
    dispose: () => current.dispose?.(),
  };
}

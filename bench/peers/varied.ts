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

/** A library: its contenders for a workload. */
export type Peer = (workload: RaceWorkload, inputs: Inputs) => Entrants | Promise<Entrants>;

/** The inputs of a workload at one of its calls: as much of x as it takes. */
export function inputsAt(workload: RaceWorkload, inputs: Inputs): Inputs {
  return { ...inputs, x: inputs.x.subarray(0, elementsOf(workload)) };
}

/**
 * A library that is opened again for every shape. That is not timed: it only puts parameters where they
 * belong, and what is compiled is compiled in the call.
 */
export function varied(peer: Peer): Peer {
  return async (workload, inputs) => {
    const first = await peer(workload, inputs);
    if (workload.varies === undefined) return first;
    return first.map((one) => isAbsent(one) ? one : following(one, peer, workload, inputs));
  };
}

/** A library whose kernels or models are made for one shape, before they are called. */
export function ofOneShape(name: string, peer: Peer): Peer {
  return async (workload, inputs) =>
    workload.varies === undefined
      ? await peer(workload, inputs)
      : [{ name, absent: "what it runs is made for one shape" }];
}

/** A contender that is replaced by its successor at every shape. */
function following(
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
      const own = atCall(workload, call);
      let next: Contender | Absent | undefined;
      for (const one of await peer(own, inputsAt(own, inputs))) {
        if (one.name === name) next = one;
        else if (!isAbsent(one)) await one.dispose?.();
      }
      if (next === undefined) throw new Error("it cannot do this shape");
      if (isAbsent(next)) throw new Error(next.absent);
      await current.dispose?.();
      current = next;
    },
    run: () => current.run(),
    ...(time && { time: (calls) => current.time!(calls) }),
    dispose: () => current.dispose?.(),
  };
}

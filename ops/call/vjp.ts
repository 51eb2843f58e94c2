/**
 * What all vector-Jacobian products share.
 *
 * @module
 */
import type { Plan } from "../plan/plan.ts";
import type { SymbolicVjp } from "../plan/symbolic.ts";
import { copyOf, mapTensors } from "../plan/tree.ts";
import type { AnyRuntime, Placed } from "../runtime/runtime.ts";
import { checkArguments, readable } from "../tensor/arguments.ts";
import type { Given } from "../tensor/foreign.ts";
import type { Tensor, TensorLike } from "../tensor/types.ts";
import { runOp } from "./calls.ts";

/**
 * The way back through an op that has been called with `args`, which are copied: the
 * caller may change the data afterwards. Tensors on a device must live until the way back is run.
 *
 * @param action What it does, for messages.
 * @param record Records the op with its way back.
 */
export function vjpOf<A extends readonly unknown[], C, R extends AnyRuntime>(
  action: string,
  runtime: R | undefined,
  record: (plan: Plan, ...args: A) => Pick<SymbolicVjp<C>, "vjp">,
  ...args: Given<A>
): (dy: TensorLike) => Promise<Placed<C, R>> {
  const kept = readable(action, "arguments", () => mapTensors(args, copyOf, action));
  const run = runOp<[Tensor, ...A], C, R>;
  const pull = pullOf(record);
  return async function (dy) {
    checkArguments(action, arguments, 1);
    const all = [dy, ...kept] as unknown as Given<[Tensor, ...A]>;
    return await run(action, runtime, pull, ...all);
  };
}

const pulls = new WeakMap<object, unknown>();

/** What records the way back alone: one function for each recorder, by which calls are remembered. */
function pullOf<A extends readonly unknown[], C>(
  record: (plan: Plan, ...args: A) => Pick<SymbolicVjp<C>, "vjp">,
): (plan: Plan, dy: Tensor, ...args: A) => C {
  let pull = pulls.get(record) as ReturnType<typeof pullOf<A, C>> | undefined;
  if (pull === undefined) {
    pull = (plan, dy, ...args) => record(plan, ...args).vjp(dy);
    pulls.set(record, pull);
  }
  return pull;
}

/**
 * What all vector-Jacobian products share.
 *
 * @module
 */
import { runOp } from "./_calls.ts";
import type { Given } from "./_foreign.ts";
import { checkTensor } from "./_graph.ts";
import type { Plan } from "./_plan.ts";
import { asTensor, mapTensors } from "./_run.ts";
import { formatShape, sameShape, sizeOf } from "./_shape.ts";
import type { SymbolicVjp } from "./pipeline.ts";
import type { Runtime } from "./runtime.ts";
import type { Tensor, TensorLike } from "./tensor.ts";

/**
 * The way back through an op that has been called with `args`, which are copied: what the caller does
 * to his data afterwards must not change it.
 *
 * @param action What it does, for messages.
 * @param record Records the op with its way back.
 */
export function vjpOf<A extends readonly unknown[], C>(
  action: string,
  runtime: Runtime | undefined,
  record: (plan: Plan, ...args: A) => Pick<SymbolicVjp<C>, "vjp">,
  ...args: Given<A>
): (dy: TensorLike) => Promise<C> {
  // Objects of classes as well: their numbers are what counts.
  const plain = args.map((arg) => isRecord(arg) ? { ...arg } : arg);
  const kept = mapTensors(plain, ({ shape, data }) => ({ shape: [...shape], data: data.slice() }));
  const pull = (plan: Plan, dy: Tensor, ...args: A) => record(plan, ...args).vjp(dy);
  const run = runOp<[Tensor, ...A], C>;
  return async (dy) => {
    const all = [dy, ...kept] as unknown as Given<[Tensor, ...A]>;
    return await run(action, runtime, pull, ...all);
  };
}

function isRecord(arg: unknown): arg is object {
  return arg !== null && typeof arg === "object" && !Array.isArray(arg) &&
    !ArrayBuffer.isView(arg) && asTensor(arg) === undefined;
}

/**
 * Checks a cotangent of a result that is shaped like `x`.
 *
 * @throws {TypeError} If it is not a tensor of that shape.
 */
export function checkCotangent(action: string, x: Tensor, dy: Tensor): void {
  checkTensor(action, "dy", dy);
  if (sameShape(dy.shape, x.shape)) return;
  throw new TypeError(
    `Cannot ${action}: dy must have shape ${formatShape(x.shape)}, got ${formatShape(dy.shape)}`,
  );
}

/** The cotangent of what nothing depends on. */
export function zeros(shape: readonly number[]): Tensor {
  return { shape: [...shape], data: new Float32Array(sizeOf(shape)) };
}

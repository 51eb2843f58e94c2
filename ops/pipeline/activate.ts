/**
 * Records activations for pipelines.
 *
 * @module
 */
import { beforeActivation, checkActivation } from "../norm/activation.ts";
import type { Activation } from "../norm/activations.ts";
import { normalizeView } from "../norm/normalize.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { read, SymbolicTensor, type SymbolicVjp } from "../plan/symbolic.ts";
import { checkCotangent, checkTensor } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { emptyLike } from "../tensor/zeros.ts";

/** Records an activation of every element. */
export function recordActivation(plan: Plan, x: AnyTensor, activation: Activation): Tensor {
  checkActivation("apply an activation", activation);
  checkTensor("apply an activation", "x", x);
  if (sizeOf(x.shape) === 0) return emptyLike(x);
  return new SymbolicTensor(activated(plan, read(plan, "x", x), activation), [...x.shape]);
}

/** Records an activation with the way back. */
export function recordActivationVjp(
  plan: Plan,
  x: AnyTensor,
  activation: Activation,
): SymbolicVjp<{ readonly x: Tensor }> {
  return {
    y: recordActivation(plan, x, activation),
    vjp(dy) {
      checkCotangent("pull back an activation", x, dy);
      if (sizeOf(x.shape) === 0) return { x: emptyLike(x) };
      const z = read(plan, "x", x);
      const pulled = beforeActivation(plan, activation, () => z, read(plan, "dy", dy));
      return { x: new SymbolicTensor(pulled, [...x.shape]) };
    },
  };
}

/** The kernel of the norms, with a mean of 0 and a scale of 1. */
function activated(plan: Plan, x: Value, activation: Activation): Value {
  const zero = plan.constant(0, 1);
  return normalizeView(plan, x, "channelsFirst", { n: 1, c: 1, s: x.length }, {
    shift: zero,
    delta: zero,
    scale: plan.constant(1, 1),
    beta: zero,
    activation,
  });
}

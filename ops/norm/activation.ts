/**
 * Activations on the way there and back.
 *
 * @module
 */
import type { Plan, Value } from "../plan/plan.ts";
import { shown } from "../tensor/shown.ts";
import { type Activation, activations } from "./activations.ts";

/**
 * Checks the name of an activation.
 *
 * @throws {TypeError} If it is unknown.
 */
export function checkActivation(action: string, activation: Activation): void {
  if (!activations.includes(activation)) {
    throw new TypeError(
      `Cannot ${action}: activation must be one of ${activations.join(", ")}, got ${
        shown(activation)
      }`,
    );
  }
}

/** The cotangent of what an activation was applied to; `before` records that. */
export function beforeActivation(
  plan: Plan,
  activation: Activation,
  before: () => Value,
  dy: Value,
): Value {
  if (activation === "none") return dy;
  return plan.each("activationVjp", { z: before(), dy }, { ACTIVATION: activation });
}

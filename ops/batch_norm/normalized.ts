/**
 * The normalised values of batch norm.
 *
 * @module
 */
import type { Activation } from "../norm/activations.ts";
import { normalizeView, scaleOf } from "../norm/normalize.ts";
import type { Plan, Value } from "../plan/plan.ts";
import { adjust, type Adjusted } from "./adjustment.ts";
import type { BatchNormValues } from "./call.ts";
import type { Correction } from "./renorm.ts";

/** Plans the normalised values with all that is applied to them. */
export function normalized(
  plan: Plan,
  { checked, view, value, beta, gamma, moments, correction, adjustment }: BatchNormValues,
  activation: Activation,
): Value {
  const normal = { value, view, moments, epsilon: checked.epsilon, activation };
  return adjustment === undefined
    ? plainResult(plan, normal, beta, gamma, correction)
    : adjust(plan, normal, { beta, gamma, correction, adjustment });
}

/** y = act((x-hat r + d) gamma + beta). */
function plainResult(
  plan: Plan,
  { value, view, moments, epsilon, activation }: Adjusted,
  beta: Value | undefined,
  gamma: Value | undefined,
  correction: Correction | undefined,
): Value {
  let scale = scaleOf(plan, moments, gamma, epsilon);
  let offset = beta;
  if (correction !== undefined) {
    const { r, d } = correction;
    scale = plan.each("multiply", { a: scale, b: r });
    const pushed = gamma === undefined ? d : plan.each("multiply", { a: d, b: gamma });
    offset = beta === undefined ? pushed : plan.each("add", { a: pushed, b: beta });
  }
  const { shift, delta } = moments;
  const applied = { shift, delta, scale, beta: offset, activation };
  return normalizeView(plan, value, view.format, view.size, applied);
}

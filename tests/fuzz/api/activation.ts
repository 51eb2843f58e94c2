/**
 * Slopes of the activations in float64, and what computing an activation may be off.
 *
 * @module
 */
import type { Activation } from "../../../mod.ts";
import { activate, erf } from "../../oracle/activations.ts";
import { U } from "./trial.ts";

/** Where an activation has a kink. */
const KINKS: Partial<Record<Activation, readonly number[]>> = {
  relu: [0],
  relu6: [0, 6],
  leakyRelu: [0],
};

/**
 * Whether an error could take z across a kink, where the slope jumps.
 *
 * @param off What z may be off by: where large terms cancel in it, more than a share of itself.
 */
export function nearKink(z: number, activation: Activation, off: number): boolean {
  const within = Math.max(1e-3, 1e-3 * Math.abs(z), off);
  return (KINKS[activation] ?? []).some((kink) => Math.abs(z - kink) <= within);
}

export function activated(z: number, activation: Activation): number {
  return activate(z, activation === "none" ? undefined : activation);
}

/** The slope at z, that on the left at a kink. */
export function slopeOf(z: number, activation: Activation): number {
  const sigmoid = 1 / (1 + Math.exp(-z));
  switch (activation) {
    case "none":
      return 1;
    case "relu":
      return z > 0 ? 1 : 0;
    case "relu6":
      return z > 0 && z <= 6 ? 1 : 0;
    case "leakyRelu":
      return z > 0 ? 1 : 0.2;
    case "elu":
      return z > 0 ? 1 : Math.exp(z);
    case "sigmoid":
      return sigmoid * (1 - sigmoid);
    case "tanh":
      return 1 - Math.tanh(z) ** 2;
    case "softplus":
      return sigmoid;
    case "swish":
      return sigmoid * (1 + z * (1 - sigmoid));
    case "gelu":
      return (1 + erf(z / Math.SQRT2)) / 2 + z * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
  }
}

/**
 * How far an activation of z is off if z is off by `off`: no slope exceeds 1.13. Exponentials round a
 * few times, with their argument as a factor; gelu's error function is right to 1.5e-7.
 */
export function activationError(z: number, activation: Activation, off: number): number {
  if (activation === "none") return off;
  const own = activation === "gelu" ? 1.6e-7 * Math.abs(z) : 0;
  return 1.13 * off + own + U * 8 * (1 + Math.min(Math.abs(z), 20));
}

/** How far a slope is off if z is off by `off`: no second derivative exceeds 1. */
export function slopeError(z: number, activation: Activation, off: number): number {
  if (["none", "relu", "relu6", "leakyRelu"].includes(activation)) return 0;
  const own = activation === "gelu" ? 1.6e-7 : 0;
  return off + own + U * 8 * (1 + Math.min(Math.abs(z), 20));
}

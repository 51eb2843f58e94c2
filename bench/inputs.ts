/**
 * The numbers that every contender is given: off centre, as activations are.
 *
 * @module
 */
import { random } from "../tests/support/random.ts";
import { channelsOf, elementsOf, type Workload } from "./workloads.ts";

/** Arrays of a workload. */
export interface Inputs {
  readonly x: Float32Array;
  /** The cotangent of y. */
  readonly dy: Float32Array;
  /** Per channel, or per feature for layer norm. */
  readonly beta: Float32Array;
  readonly gamma: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  /** GDN's matrix, `[j][i]` from channel j to channel i. */
  readonly matrix: Float32Array;
}

/** Epsilons, of TensorFlow's and ONNX's defaults. */
export const EPSILON = {
  batchNorm: 1e-3,
  groupNorm: 1e-6,
  instanceNorm: 1e-6,
  layerNorm: 1e-5,
  rmsNorm: 1e-5,
};

/** Draws the inputs of a workload; the same every time. */
export function inputsOf(workload: Workload): Inputs {
  const next = random(42);
  const channels = channelsOf(workload);
  const draw = (length: number, from: number, to: number) =>
    Float32Array.from({ length }, () => from + next() * (to - from));
  return {
    x: draw(elementsOf(workload), 1, 4),
    beta: draw(channels, 0.5, 1.5),
    gamma: draw(channels, 0.5, 1.5),
    mean: draw(channels, 2, 3),
    variance: draw(channels, 0.5, 1),
    matrix: workload.operation === "gdn" || workload.operation === "pipeline"
      ? draw(channels * channels, 0, 0.1)
      : new Float32Array(0),
    dy: draw(workload.backward ? elementsOf(workload) : 0, -1, 1),
  };
}

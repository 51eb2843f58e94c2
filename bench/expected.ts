/**
 * What the answer is, by the float64 oracle of the tests: all of it, or for GDN, whose positions do
 * not depend on each other, some positions spread over the whole.
 *
 * @module
 */
import { batchNorm } from "../tests/oracle/batch_norm.ts";
import { gdn } from "../tests/oracle/gdn.ts";
import { groupNorm, layerNorm } from "../tests/oracle/group_norm.ts";
import { EPSILON, type Inputs } from "./inputs.ts";
import { channelsOf, elementsOf, type Workload } from "./workloads.ts";

/** Answers with the largest error of a result. */
export type Check = (y: Float32Array) => number;

/** Positions of GDN that are checked. */
const SAMPLES = 512;

/** Computes the answer of a workload, and how far others are from it. */
export function checkOf(workload: Workload, inputs: Inputs): Check {
  const { indices, values } = expected(workload, inputs);
  return (y) => {
    if (y.length !== inputs.x.length) return Infinity;
    let largest = 0;
    for (let i = 0; i < values.length; i++) {
      const error = Math.abs(y[indices === undefined ? i : indices[i]] - values[i]);
      if (!(error <= largest)) largest = error;
    }
    return largest;
  };
}

interface Expected {
  /** Where in y the values belong; by default all of it. */
  readonly indices?: readonly number[];
  readonly values: ArrayLike<number>;
}

function expected(workload: Workload, inputs: Inputs): Expected {
  const { operation, shape, format } = workload;
  const { x: data, beta, gamma, mean, variance } = inputs;
  const x = { data, shape: [...shape] };
  const channelsAxis = format === "NHWC" ? -1 : 1;
  const channels = channelsOf(workload);
  const spatial = format === "NHWC" ? [1, 2] : [2, 3];
  switch (operation) {
    case "gdn":
      return gdnExpected(workload, inputs);
    case "layerNorm":
      return { values: layerNorm(x, { axes: [-1], beta, gamma, epsilon: EPSILON.layerNorm }).data };
    case "groupNorm":
    case "instanceNorm": {
      const groups = operation === "groupNorm" ? 32 : channels;
      const epsilon = EPSILON[operation];
      const options = { groups, reductionAxes: spatial, channelsAxis, beta, gamma, epsilon };
      return { values: groupNorm(x, options).data };
    }
    case "batchNormTraining":
    case "batchNormInference": {
      const state = { movingMean: mean, movingVariance: variance };
      const { y } = batchNorm(x, state, {
        training: operation === "batchNormTraining",
        beta,
        gamma,
        channelsAxis,
        epsilon: EPSILON.batchNorm,
      });
      return { values: y.data };
    }
    case "pipeline": {
      const h = gdn(x, beta, inputs.matrix);
      const normal = groupNorm(h, { groups: 32, reductionAxes: spatial, beta, gamma });
      const state = { movingMean: mean, movingVariance: variance };
      return { values: batchNorm(normal, state, { training: true, beta, gamma }).y.data };
    }
  }
}

function gdnExpected(workload: Workload, { x, beta, matrix }: Inputs): Expected {
  const channels = channelsOf(workload);
  const positions = elementsOf(workload) / channels;
  const count = Math.min(SAMPLES, positions);
  const indices: number[] = [];
  for (let i = 0; i < count; i++) {
    const position = Math.floor(i * positions / count);
    for (let c = 0; c < channels; c++) {
      indices.push(
        workload.format === "NHWC" ? position * channels + c : c * positions + position,
      );
    }
  }
  const sample = { data: Float32Array.from(indices, (i) => x[i]), shape: [count, channels] };
  const { inverse = false } = workload;
  return { indices, values: gdn(sample, beta, matrix, { inverse }).data };
}

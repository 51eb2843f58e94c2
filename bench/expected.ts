/**
 * What the answer is, by the float64 oracle of the tests: all of it, or for GDN, whose positions do
 * not depend on each other, some positions spread over the whole.
 *
 * @module
 */
import { batchNorm } from "../tests/oracle/batch_norm.ts";
import { gdn, gdnVjp } from "../tests/oracle/gdn.ts";
import { groupNorm, layerNorm } from "../tests/oracle/group_norm.ts";
import { normVjp } from "../tests/oracle/norm_vjp.ts";
import { rmsNorm, rmsNormVjp } from "../tests/oracle/rms_norm.ts";
import type { Answer } from "./contender.ts";
import { EPSILON, type Inputs } from "./inputs.ts";
import { channelsOf, elementsOf, type Workload } from "./workloads.ts";

/** Answers with the largest error of a result. */
export type Check = (answer: Answer) => number;

/** Positions of GDN that are checked. */
const SAMPLES = 512;

/** Computes the answer of a workload, and how far others are from it. */
export function checkOf(workload: Workload, inputs: Inputs): Check {
  const parts = workload.backward ? bothWays(workload, inputs) : [expected(workload, inputs)];
  return (answer) => {
    const given = answer instanceof Float32Array ? [answer] : answer;
    if (given.length !== parts.length) return Infinity;
    return Math.max(...parts.map((part, i) => errorOf(part, given[i])));
  };
}

interface Expected {
  /** How many numbers the part has. */
  readonly length: number;
  /** Where in it the values belong; by default all of it. */
  readonly indices?: readonly number[];
  readonly values: ArrayLike<number>;
  /** Sums of many numbers are as wrong as they are large: their errors are divided by the largest. */
  readonly summed?: boolean;
}

function errorOf(
  { length, indices, values, summed = false }: Expected,
  part: Float32Array,
): number {
  if (part.length !== length) return Infinity;
  let largest = 0;
  let most = 1;
  for (let i = 0; i < values.length; i++) {
    const error = Math.abs(part[indices === undefined ? i : indices[i]] - values[i]);
    if (!(error <= largest)) largest = error;
    if (summed) most = Math.max(most, Math.abs(values[i]));
  }
  return largest / most;
}

/** y and the cotangents of x, beta and gamma; RMS norm has no beta. */
function bothWays(workload: Workload, inputs: Inputs): Expected[] {
  const whole = (values: Float64Array): Expected => ({ length: values.length, values });
  const summed = (values: Float64Array): Expected => ({ ...whole(values), summed: true });
  const { operation, shape, format } = workload;
  const { x, dy, beta, gamma, matrix } = inputs;
  const channels = channelsOf(workload);
  const y = expected(workload, inputs);
  if (operation === "gdn") {
    const options = { channelsAxis: format === "NHWC" ? -1 : 1 };
    const { dx, dBeta, dGamma } = gdnVjp({ data: x, shape }, beta, matrix, dy, options);
    return [y, whole(dx.data), summed(dBeta), summed(dGamma)];
  }
  if (operation === "rmsNorm") {
    const back = rmsNormVjp({ data: x, shape }, dy, { gamma, epsilon: EPSILON.rmsNorm });
    return [y, whole(back.x), summed(back.gamma)];
  }
  const positions = format === "NHWC" ? 1 : elementsOf(workload) / shape[0] / channels;
  const places = Array.from(x, (_, i) => Math.floor(i / positions) % channels);
  const groups = operation === "instanceNorm" ? channels : 32;
  const perSample = elementsOf(workload) / shape[0];
  const sets = operation === "batchNormTraining"
    ? places
    : Array.from(x, (_, i) =>
      operation === "layerNorm"
        ? Math.floor(i / channels)
        : groups * Math.floor(i / perSample) + Math.floor(places[i] / (channels / groups)));
  const epsilon = operation === "batchNormTraining"
    ? EPSILON.batchNorm
    : EPSILON[operation as "groupNorm" | "instanceNorm" | "layerNorm"];
  const { dx, dBeta, dGamma } = normVjp({ data: x, shape }, dy, { sets, places, gamma, epsilon });
  return [y, whole(dx.data), summed(dBeta), summed(dGamma)];
}

function expected(workload: Workload, inputs: Inputs): Expected {
  const all = (values: Float64Array): Expected => ({ length: values.length, values });
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
      return all(layerNorm(x, { axes: [-1], beta, gamma, epsilon: EPSILON.layerNorm }).data);
    case "rmsNorm":
      return all(rmsNorm(x, { gamma, epsilon: EPSILON.rmsNorm }).data);
    case "groupNorm":
    case "instanceNorm": {
      const groups = operation === "groupNorm" ? 32 : channels;
      const epsilon = EPSILON[operation];
      const options = { groups, reductionAxes: spatial, channelsAxis, beta, gamma, epsilon };
      return all(groupNorm(x, options).data);
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
      return all(y.data);
    }
    case "pipeline": {
      const h = gdn(x, beta, inputs.matrix);
      const normal = groupNorm(h, { groups: 32, reductionAxes: spatial, beta, gamma });
      const state = { movingMean: mean, movingVariance: variance };
      return all(batchNorm(normal, state, { training: true, beta, gamma }).y.data);
    }
  }
}

function gdnExpected(workload: Workload, { x, beta, matrix }: Inputs): Expected {
  const channels = channelsOf(workload);
  const positions = elementsOf(workload) / channels;
  const perSample = positions / workload.shape[0];
  const count = Math.min(SAMPLES, positions);
  const indices: number[] = [];
  for (let i = 0; i < count; i++) {
    const position = Math.floor(i * positions / count);
    const start = Math.floor(position / perSample) * channels * perSample + position % perSample;
    for (let c = 0; c < channels; c++) {
      indices.push(workload.format === "NHWC" ? position * channels + c : start + c * perSample);
    }
  }
  const sample = { data: Float32Array.from(indices, (i) => x[i]), shape: [count, channels] };
  const { inverse = false } = workload;
  return { length: x.length, indices, values: gdn(sample, beta, matrix, { inverse }).data };
}

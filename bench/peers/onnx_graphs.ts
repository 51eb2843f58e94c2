/**
 * Workloads as models in ONNX, as `toOnnx` writes them. Where neither of two forms is always the faster,
 * both race.
 *
 * @module
 */
import { type PipelineOps, type Tensor, tensor } from "../../mod.ts";
import { toOnnx } from "../../ops/onnx/mod.ts";
import { EPSILON, type Inputs } from "../inputs.ts";
import { channelsOf, type Workload } from "../workloads.ts";

/** One way to write a workload. */
export interface Form {
  /** What tells this model from another for the same workload; empty for the plain one. */
  readonly form: string;
  /** From x to y. */
  readonly model: Uint8Array;
  /** The shape of both. */
  readonly shape: readonly number[];
}

/** A workload as a function of ops. */
type Written = (ops: PipelineOps, x: Tensor) => Tensor;

/** The operator set in which there is one for group norm, and one in which it is InstanceNormalization. */
const BY_GROUPS = 21;
const BY_INSTANCES = 17;

/** The forms of a workload. */
export function formsOf(workload: Workload, inputs: Inputs): Form[] {
  const { operation, shape, format: dataFormat, inverse = false } = workload;
  const { beta, gamma, mean, variance, matrix, x } = inputs;
  const channels = channelsOf(workload);
  const params = { beta, gamma };
  const channelsAxis = dataFormat === "NHWC" ? -1 : 1;
  const form = (fn: Written, form = "", opset: 17 | 21 = BY_GROUPS): Form => ({
    form,
    model: toOnnx(fn, tensor(x, shape), { opset, batch: "fixed" }),
    shape,
  });
  const gdn: Written = (ops, x) => {
    const divisor = { beta, gamma: tensor(matrix, [channels, channels]) };
    return ops.gdn(x, divisor, { dataFormat, inverse });
  };
  const groupNorm: Written = (ops, x) =>
    ops.groupNorm(x, params, { dataFormat, epsilon: EPSILON.groupNorm });
  const statistics: Written = (ops, x) => batchStatistics(ops, x, tensor(beta), tensor(gamma));
  // What an inference engine has no batch norm in training for: its result without a state.
  const batchNorm: Written = (ops, x) =>
    ops.groupNorm(x, params, {
      groups: -1,
      channelsAxis,
      reductionAxes: dataFormat === "NHWC" ? [0, 1, 2] : [0, 2, 3],
      epsilon: EPSILON.batchNorm,
    });
  switch (operation) {
    case "gdn":
      return [form(gdn)];
    case "layerNorm":
      return [form((ops, x) => ops.layerNorm(x, params, { epsilon: EPSILON.layerNorm }))];
    case "rmsNorm":
      return [
        form((ops, x) => ops.rmsNorm(x, { gamma }, { dataFormat, epsilon: EPSILON.rmsNorm })),
      ];
    case "batchNormInference": {
      const state = { movingMean: mean, movingVariance: variance };
      const options = { training: false, dataFormat, epsilon: EPSILON.batchNorm };
      return [form((ops, x) => ops.batchNorm(x, params, state, options).y)];
    }
    case "batchNormTraining":
      // Where channels come last, these are the same primitives.
      return dataFormat === "NHWC" ? [form(batchNorm)] : [
        form(statistics),
        form(batchNorm, "by InstanceNormalization"),
      ];
    case "groupNorm":
      return [form(groupNorm, "by InstanceNormalization", BY_INSTANCES), form(groupNorm)];
    case "instanceNorm":
      return [
        form((ops, x) =>
          ops.instanceNorm(x, params, { dataFormat, epsilon: EPSILON.instanceNorm })
        ),
      ];
    case "pipeline":
      return [form((ops, x) => threeOps(ops, gdn(ops, x), statistics, params), "", BY_INSTANCES)];
  }
}

/** Both norms after GDN, whose channels are last: between two transposes, where they come second. */
function threeOps(
  ops: PipelineOps,
  x: Tensor,
  batchNorm: Written,
  params: { readonly beta: Float32Array; readonly gamma: Float32Array },
): Tensor {
  const [samples, height, width, channels] = x.shape;
  const before = ops.transpose(ops.reshape(x, [samples, height * width, channels]));
  const normal = ops.groupNorm(before, params, { channelsAxis: 1, epsilon: EPSILON.groupNorm });
  return ops.reshape(ops.transpose(batchNorm(ops, normal)), x.shape);
}

/** Batch norm in training as its formula is written. Channels come second. */
function batchStatistics(ops: PipelineOps, x: Tensor, beta: Tensor, gamma: Tensor): Tensor {
  const [, , ...positions] = x.shape.keys();
  const along = [beta.shape[0], ...positions.map(() => 1)];
  const mean = (x: Tensor) => ops.reshape(ops.mean(x, [0, ...positions]), along);
  const centred = ops.sub(x, mean(x));
  const variance = mean(ops.square(centred));
  const epsilon = tensor([EPSILON.batchNorm]);
  const deviation = ops.sqrt(ops.add(variance, epsilon));
  const scale = ops.div(ops.reshape(gamma, along), deviation);
  return ops.add(ops.mul(centred, scale), ops.reshape(beta, along));
}

/**
 * Workloads as calls of this library, on tensors wherever they are.
 *
 * @module
 */
import {
  type AnyRuntime,
  type AnyTensor,
  batchNorm,
  type BatchNormState,
  type FromAnywhere,
  gdn,
  groupNorm,
  instanceNorm,
  layerNorm,
  pipeline,
  type PipelineOps,
  rmsNorm,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { EPSILON, type Inputs } from "../inputs.ts";
import { channelsOf, type Workload } from "../workloads.ts";

/** What the calls take, each plain or in a runtime's memory. */
export type Operands = Readonly<Record<keyof Inputs, AnyTensor>>;

/** The inputs as plain tensors. */
export function operandsOf(workload: Workload, inputs: Inputs): Operands {
  const { x, dy, beta, gamma, mean, variance, matrix } = inputs;
  const { shape } = workload;
  const channels = channelsOf(workload);
  return {
    x: tensor(x, shape),
    dy: tensor(dy, dy.length === 0 ? [0] : shape),
    beta: tensor(beta),
    gamma: tensor(gamma),
    mean: tensor(mean),
    variance: tensor(variance),
    matrix: tensor(matrix, matrix.length === 0 ? [0, 0] : [channels, channels]),
  };
}

/** A workload as a call, which returns y, or y and the cotangents of x and the parameters. */
export function callOf(
  workload: Workload,
  { x, dy, beta, gamma, mean, variance, matrix }: Operands,
): (runtime: AnyRuntime) => Promise<readonly AnyTensor[]> {
  const { operation, format: dataFormat, inverse = false } = workload;
  const params = { beta, gamma };
  const divisor = { beta, gamma: matrix };
  const state = { movingMean: mean, movingVariance: variance };
  const training = operation === "batchNormTraining";
  const norm = { dataFormat, scale: true } as const;
  if (workload.backward && operation === "rmsNorm") {
    const options = { dataFormat, epsilon: EPSILON.rmsNorm };
    return piped(
      { x, dy, gamma },
      (ops, { x, dy, gamma }: Pick<Recorded, "x" | "dy"> & Pick<Pair, "gamma">) => {
        const { y, vjp } = ops.rmsNormVjp(x, { gamma }, options);
        const back = vjp(dy);
        return [y, back.x, back.params.gamma];
      },
    );
  }
  if (workload.backward) {
    const input = { x, dy, params: operation === "gdn" ? divisor : params, state };
    return piped(input, (ops, { x, dy, params, state }: Omit<Recorded, "divisor">) => {
      const { y, vjp } = operation === "gdn"
        ? ops.gdnVjp(x, params, { dataFormat })
        : operation === "groupNorm"
        ? ops.groupNormVjp(x, params, { dataFormat, epsilon: EPSILON.groupNorm })
        : operation === "instanceNorm"
        ? ops.instanceNormVjp(x, params, { dataFormat, epsilon: EPSILON.instanceNorm })
        : operation === "layerNorm"
        ? ops.layerNormVjp(x, params, { epsilon: EPSILON.layerNorm })
        : ops.batchNormVjp(x, params, state, { ...norm, epsilon: EPSILON.batchNorm });
      const back = vjp(dy);
      return [y, back.x, back.params.beta, back.params.gamma];
    });
  }
  switch (operation) {
    case "gdn":
      return async (runtime) => [await gdn(x, divisor, { dataFormat, inverse, runtime })];
    case "groupNorm":
      return async (runtime) => {
        const options = { dataFormat, epsilon: EPSILON.groupNorm, runtime };
        return [await groupNorm(x, params, options)];
      };
    case "instanceNorm":
      return async (runtime) => {
        const options = { dataFormat, epsilon: EPSILON.instanceNorm, runtime };
        return [await instanceNorm(x, params, options)];
      };
    case "layerNorm":
      return async (runtime) => [
        await layerNorm(x, params, { epsilon: EPSILON.layerNorm, runtime }),
      ];
    case "rmsNorm":
      return async (runtime) => {
        const options = { dataFormat, epsilon: EPSILON.rmsNorm, runtime };
        return [await rmsNorm(x, { gamma }, options)];
      };
    case "batchNormTraining":
    case "batchNormInference":
      return async (runtime) => {
        const options = { ...norm, training, epsilon: EPSILON.batchNorm, runtime };
        return [(await batchNorm(x, params, state, options)).y];
      };
    case "pipeline":
      return piped({ x, params, divisor, state }, (ops, input: Omit<Recorded, "dy">) => {
        const { x, params, divisor, state } = input;
        const h = ops.groupNorm(ops.gdn(x, divisor), params);
        return [ops.batchNorm(h, params, state, { scale: true }).y];
      });
  }
}

/** The operands of a plan while it is recorded. */
interface Recorded {
  readonly x: Tensor;
  readonly dy: Tensor;
  readonly params: Pair;
  readonly divisor: Pair;
  readonly state: BatchNormState;
}

interface Pair {
  readonly beta: Tensor;
  readonly gamma: Tensor;
}

/** A function of its input as one plan for each runtime. */
function piped<I>(
  input: FromAnywhere<I>,
  fn: (ops: PipelineOps, input: I) => readonly Tensor[],
): (runtime: AnyRuntime) => Promise<readonly AnyTensor[]> {
  const runs = new WeakMap<AnyRuntime, (input: FromAnywhere<I>) => Promise<readonly AnyTensor[]>>();
  return async (runtime) => {
    let run = runs.get(runtime);
    if (run === undefined) runs.set(runtime, run = pipeline(fn, { runtime }));
    return await run(input);
  };
}

/**
 * Calls that must not compile: a declaration that lost its types would take them all.
 *
 * @module
 */
import {
  type Activation,
  type BatchNormState,
  createRuntime,
  gdn,
  layerNorm,
  pipeline,
  type Runtime,
  type Tensor,
  tensor,
} from "@kernorm/kernorm";
import { initGdn } from "@kernorm/kernorm/gdn";

declare const x: Tensor;
declare const runtime: Runtime;
declare const either: boolean;

/** Never called. */
export function misuse(): unknown[] {
  return [
    // @ts-expect-error -- an option that there is not
    layerNorm(x, {}, { eps: 1e-6 }),
    // @ts-expect-error -- a name that there is not
    layerNorm(x, {}, { activation: "relu7" }),
    // @ts-expect-error -- parameters of another op
    gdn(x, { gamma: [1] }),
    // @ts-expect-error -- an array is no tensor
    gdn([1, 2], initGdn(2)),
    // @ts-expect-error -- text is no number
    tensor(["1"]),
    // @ts-expect-error -- a backend that there is not
    createRuntime({ backend: "cuda" }),
    // @ts-expect-error -- an option that is there has a value
    createRuntime({ planLimit: undefined }),
    // @ts-expect-error -- results are promises
    gdn(x, initGdn(2)).data,
    // @ts-expect-error -- a pipeline traces its function, which cannot wait
    pipeline(async (ops, x: Tensor) => await Promise.resolve(ops.layerNorm(x))),
    // @ts-expect-error -- what is there at once needs a runtime
    pipeline((ops, x: Tensor) => ops.layerNorm(x), { sync: true }),
    // @ts-expect-error -- whether there is a promise is known when it is written
    pipeline((ops, x: Tensor) => ops.layerNorm(x), { runtime, sync: either }),
    // @ts-expect-error -- and there is none
    pipeline((ops, x: Tensor) => ops.layerNorm(x), { runtime, sync: true })(x).then,
  ];
}

// @ts-expect-error -- a shape is not written to
x.shape[0] = 2;
// @ts-expect-error -- not every text is an activation
export const activation: Activation = "softmax" as string;
// @ts-expect-error -- the variance is missing
export const state: BatchNormState = { movingMean: [0] };

/**
 * A step of training of a small network, written twice: by the tape, and by hand from the twins.
 *
 * @module
 */
import {
  type BatchNormState,
  initBatchNorm,
  initGdn,
  initGroupNorm,
  type PipelineOps,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { recordSoftmaxCrossEntropyVjp } from "../../ops/arithmetic/cross_entropy.ts";
import { recordDenseVjp } from "../../ops/arithmetic/dense.ts";
import { recordMeanVjp } from "../../ops/arithmetic/reduce.ts";
import { tracingOps } from "../../ops/pipeline/tracing.ts";
import type { Plan } from "../../ops/plan/plan.ts";
import { SymbolicTensor } from "../../ops/plan/symbolic.ts";
import { initAdam } from "../../ops/training/mod.ts";
import { recordPenaltyVjp } from "../../ops/training/penalties.ts";
import { random, randomTensor } from "./random.ts";

/** How large a network and its batch are. */
export interface Sizes {
  readonly samples: number;
  readonly positions: number;
  readonly inputs: number;
  readonly channels: number;
  readonly classes: number;
}

/** Parameters, states and a batch. */
export type Training = ReturnType<typeof trainingOf>;

type Params = Training["params"];

const BATCH = { decay: 0.9, activation: "relu" } as const;
const GROUP = { groups: 4, activation: "swish" } as const;
const PENALTY = 1e-3;
const LONGEST = 1;

/** All that the first step is given. */
export function trainingOf({ samples, positions, inputs, channels, classes }: Sizes) {
  const layer = (seed: number, inputs: number, units: number) => ({
    kernel: randomTensor([inputs, units], { seed, stddev: Math.sqrt(2 / inputs) }),
    bias: tensor(new Float32Array(units)),
  });
  const { params: batch, state } = initBatchNorm(channels, { scale: true });
  const params = {
    first: layer(1, inputs, channels),
    gdn: initGdn(channels),
    batch: batch as { readonly beta: Tensor; readonly gamma: Tensor },
    second: layer(2, channels, channels),
    group: initGroupNorm(channels) as { readonly beta: Tensor; readonly gamma: Tensor },
    top: layer(3, channels, classes),
  };
  const labels = new Float32Array(samples * classes);
  const next = random(4);
  for (let i = 0; i < samples; i++) labels[i * classes + Math.floor(classes * next())] = 1;
  return {
    params,
    adam: initAdam(params),
    state: state as BatchNormState<Tensor>,
    x: randomTensor([samples, positions, inputs], { seed: 5 }),
    labels: tensor(labels, [samples, classes]),
  };
}

/** Records a step whose gradient is taken by the tape. */
export function stepByTape(plan: Plan, { params, adam, state, x, labels }: Training) {
  const ops = tracingOps(plan);
  const { value, grads, aux } = ops.valueAndGrad((params) => {
    const h = ops.gdn(ops.dense(x, params.first), params.gdn);
    const { y, state: after } = ops.batchNorm(h, params.batch, state, BATCH);
    const z = ops.groupNorm(ops.dense(y, params.second), params.group, GROUP);
    const logits = ops.dense(ops.mean(z, [1]), params.top);
    const loss = ops.mean(ops.softmaxCrossEntropy(logits, labels));
    return { value: ops.add(loss, ops.l2(params.first.kernel, PENALTY)), aux: after };
  }, params);
  return updated(ops, { params, adam, grads, loss: value, state: aux });
}

/** Records the same step gone back by hand. */
export function stepByHand(plan: Plan, { params, adam, state, x, labels }: Training) {
  const ops = tracingOps(plan);
  const samples = x.shape[0];
  const first = recordDenseVjp(plan, x, params.first);
  const gdn = ops.gdnVjp(first.y, params.gdn);
  const batch = ops.batchNormVjp(gdn.y, params.batch, state, BATCH);
  const second = recordDenseVjp(plan, batch.y, params.second);
  const group = ops.groupNormVjp(second.y, params.group, GROUP);
  const pooled = recordMeanVjp(plan, group.y, [1]);
  const top = recordDenseVjp(plan, pooled.y, params.top);
  const entropy = recordSoftmaxCrossEntropyVjp(plan, top.y, labels);
  const penalty = recordPenaltyVjp(plan, "l2", params.first.kernel, PENALTY);

  const one = new SymbolicTensor(plan.constant(1, 1), []);
  const share = new SymbolicTensor(plan.constant(Math.fround(1 / samples), samples), [samples]);
  const ofTop = top.vjp(entropy.vjp(share).logits);
  const ofGroup = group.vjp(pooled.vjp(ofTop.x).x);
  const ofSecond = second.vjp(ofGroup.x);
  const ofBatch = batch.vjp(ofSecond.x);
  const ofGdn = gdn.vjp(ofBatch.x);
  const ofFirst = first.vjp(ofGdn.x).params;
  const grads = {
    first: { ...ofFirst, kernel: ops.add(ofFirst.kernel, penalty.vjp(one).x) },
    gdn: ofGdn.params,
    batch: ofBatch.params,
    second: ofSecond.params,
    group: ofGroup.params,
    top: ofTop.params,
  };
  const loss = ops.add(ops.mean(entropy.y), penalty.y);
  return updated(ops, { params, adam, grads, loss, state: batch.state });
}

/** The update of the parameters, the same for both. */
function updated(ops: PipelineOps, { params, adam, grads, loss, state }: {
  readonly params: Params;
  readonly adam: Training["adam"];
  readonly grads: Parameters<typeof ops.adamw<Params>>[1];
  readonly loss: Tensor;
  readonly state: BatchNormState<Tensor>;
}) {
  const clipped = ops.clipByGlobalNorm(grads, LONGEST);
  const next = ops.adamw(params, clipped.grads, adam, { learningRate: 0.01 });
  return { loss, norm: clipped.norm, params: next.params, adam: next.state, state };
}

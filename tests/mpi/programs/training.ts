/** Some steps of training, with the parts of each batch on the replicas; then the same on one. */
import {
  allReduceTree,
  batchNormVjp,
  createRuntime,
  initBatchNorm,
  pipeline,
  type ReplicaGroup,
  type Tensor,
  tensor,
} from "../../../mod.ts";
import { openMpi } from "../../../ops/mpi/mod.ts";
import { adam, initAdam } from "../../../ops/training/mod.ts";
import { randomTensor } from "../../support/random.ts";
import { report } from "./report.ts";

const [, fault] = Deno.args;
const STEPS = 20;
const BATCH = 30;
const INPUTS = 6;
const HIDDEN = 8;

const x = randomTensor([BATCH, INPUTS], { seed: 10 });
const target = randomTensor([BATCH, 1], { seed: 11 });
const { params: norm, state: start } = initBatchNorm(HIDDEN, { scale: true });
const first = {
  w: randomTensor([INPUTS, HIDDEN], { seed: 12, stddev: 0.4 }),
  norm,
  out: randomTensor([HIDDEN, 1], { seed: 13, stddev: 0.4 }),
};

const runtime = await createRuntime({ backend: "wasm" });
const multiply = pipeline((ops, { x, w }: { x: Tensor; w: Tensor }) => ops.matmul(x, w), {
  runtime,
});
const head = pipeline((ops, { y, out, target }: { y: Tensor; out: Tensor; target: Tensor }) => {
  const error = ops.scale(ops.sub(ops.matmul(y, out), target), 1 / BATCH);
  return {
    dy: ops.matmul(error, out, { transposeB: true }),
    out: ops.matmul(y, error, { transposeA: true }),
  };
}, { runtime });
const back = pipeline(
  (ops, { x, dh }: { x: Tensor; dh: Tensor }) => ops.matmul(x, dh, { transposeA: true }),
  { runtime },
);

function rows(all: Tensor, from: number, to: number): Tensor {
  const [, columns] = all.shape;
  return tensor(all.data.slice(from * columns, to * columns), [to - from, columns]);
}

async function train(replicas: ReplicaGroup | undefined): Promise<number[]> {
  const { rank, size } = replicas ?? { rank: 0, size: 1 };
  // Uneven parts: replica 0 has the fewest samples.
  const cut = (part: number) => Math.floor(BATCH * (part / size) ** 1.5);
  const part = rows(x, cut(rank), cut(rank + 1));
  const wanted = rows(target, cut(rank), cut(rank + 1));
  let params = first;
  let optimizer = initAdam(first);
  let moving = start;
  for (let step = 0; step < STEPS; step++) {
    const h = await multiply({ x: part, w: params.w });
    const wrong = fault === "wrong" && step === 3 && rank === size - 1;
    const normed = await batchNormVjp(wrong ? tensor([1, 2, 3]) : h, params.norm, moving, {
      decay: 0.9,
      activation: "tanh",
      runtime,
      ...replicas !== undefined && { replicas },
    });
    const { dy, out } = await head({ y: normed.y, out: params.out, target: wanted });
    const cotangents = await normed.vjp(dy);
    const w = await back({ x: part, dh: cotangents.x });
    const own = { w, norm: cotangents.params, out };
    const grads = replicas === undefined ? own : await allReduceTree(replicas, own);
    moving = normed.state;
    ({ params, state: optimizer } = await adam(params, grads as typeof first, optimizer, {
      learningRate: 0.05,
      runtime,
    }) as { params: typeof first; state: typeof optimizer });
  }
  const tensors = [
    params.w,
    params.norm.gamma,
    params.norm.beta,
    params.out,
    moving.movingMean,
    moving.movingVariance,
  ] as Tensor[];
  return tensors.flatMap(({ data }) => [...data]);
}

await using group = await openMpi();
const together = await train(group);
report(group.rank, { together, ...group.rank === 0 && { alone: await train(undefined) } });
await runtime.dispose();

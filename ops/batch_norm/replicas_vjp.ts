/**
 * The vector-Jacobian product of batch norm of a batch that lies on several replicas: the two sums over
 * the batch, by which mean and variance take back, are added in order of rank.
 *
 * @module
 */
import { runOp } from "../call/calls.ts";
import { heldCopies, numbersOf, release } from "../call/held.ts";
import type { NormParams } from "../norm/options.ts";
import type { Plan } from "../plan/plan.ts";
import { read, SymbolicTensor } from "../plan/symbolic.ts";
import { copyOf, mapTensors, owned } from "../plan/tree.ts";
import { exchange, joined } from "../replicas/exchange.ts";
import type { ReplicaGroup } from "../replicas/group.ts";
import type { AnyRuntime } from "../runtime/runtime.ts";
import { checkArguments, readable } from "../tensor/arguments.ts";
import { checkCotangent } from "../tensor/checks.ts";
import type { DeviceData } from "../tensor/elements.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor, TensorLike } from "../tensor/types.ts";
import { zeros } from "../tensor/zeros.ts";
import { checkCall, readCall } from "./call.ts";
import type { BatchNormCotangents } from "./cotangents.ts";
import { ACTION, type BatchNormOptions } from "./options.ts";
import { nothing, PULL, pullBack } from "./pull.ts";
import { mergedOver, normalizedOver, partOf, type PartOfBatch, type Whole } from "./replicas.ts";
import type { BatchNormState } from "./state.ts";

/** Per channel: the sums over a batch of h and of h x-hat, as `batchNormVjp` names them. */
interface Sums {
  readonly sum: Tensor;
  readonly share: Tensor;
}

/** `batchNormVjp` of a part of a batch: what it returns, where the runtime leaves it. */
export async function batchNormVjpOver(
  group: ReplicaGroup,
  x: TensorLike,
  params: NormParams,
  state: BatchNormState,
  options: BatchNormOptions<AnyRuntime>,
): Promise<object> {
  const { runtime } = options;
  const copies = <T>(tree: T) =>
    readable(ACTION, "arguments", () => mapTensors(tree, copyOf, ACTION));
  const { part, whole } = await mergedOver(
    group,
    runtime,
    () => partOf(x, params, state, options, copies),
  );
  const vjp = (...given: readonly unknown[]) => pulledOver(group, part, whole, given, runtime);
  const result: object = await normalizedOver(part, whole, runtime);
  return { ...result, vjp };
}

/** Adds the sums of all parts in order of rank, and pulls this one back with them. */
async function pulledOver(
  group: ReplicaGroup,
  part: PartOfBatch,
  whole: Whole,
  args: readonly unknown[],
  runtime: AnyRuntime | undefined,
): Promise<BatchNormCotangents> {
  const held: DeviceData[] = [];
  let kept!: Tensor;
  let own!: Omit<BatchNormCotangents, "x" | "batchWeights">;
  let channels = 0;
  try {
    const messages = await exchange(
      group,
      PULL,
      () => ({ channels }),
      async () => {
        checkArguments(PULL, args, 1);
        kept = heldCopies(PULL, { dy: owned(args[0] as TensorLike) }, held).dy;
        const found = await runOp(PULL, runtime, recordSums, kept, part, whole);
        const { sums, cotangents } = found as ReturnType<typeof recordSums>;
        own = cotangents;
        channels = sums.sum.shape[0];
        return await readSums(sums);
      },
    );
    const totals = totalsOf(messages);
    const back = await runOp(PULL, runtime, recordInput, kept, part, whole, totals);
    return { ...own, ...back as Pick<BatchNormCotangents, "x" | "batchWeights"> };
  } finally {
    held.forEach((elements) => elements.release());
  }
}

/** The sums of a part as the numbers of one message. */
async function readSums({ sum, share }: Sums): Promise<Float64Array> {
  const both: readonly AnyTensor[] = [sum, share];
  const [sums, shares] = await Promise.all(both.map(numbersOf));
  both.forEach(release);
  return joined(sums, shares);
}

/** The sums of all parts, added in order of rank. */
function totalsOf(messages: readonly Float64Array[]): Sums {
  const total = messages[0].map((_, i) => messages.reduce((sum, part) => sum + part[i], 0));
  const channels = total.length / 2;
  const tensor = (from: number) => ({
    shape: [channels],
    data: Float32Array.from(total.subarray(from, from + channels)),
  });
  return { sum: tensor(0), share: tensor(channels) };
}

/** Records the sums of a part, and the cotangents of what the other parts have nothing to do with. */
function recordSums(
  plan: Plan,
  dy: Tensor,
  { x, params, state, options }: PartOfBatch,
  whole: Whole,
): { readonly sums: Sums; readonly cotangents: Omit<BatchNormCotangents, "x" | "batchWeights"> } {
  checkCotangent(PULL, x, dy);
  const checked = checkCall(x, params, state, options);
  const shape = [checked.view.size.c];
  const isEmpty = sizeOf(x.shape) === 0;
  const pulled = isEmpty
    ? undefined
    : pullBack(plan, x, readCall(plan, checked, whole), options, read(plan, "dy", dy));
  const { x: _, batchWeights: __, ...cotangents } = pulled?.cotangents ??
    nothing(x, params, options);
  return {
    sums: pulled === undefined ? { sum: zeros(shape), share: zeros(shape) } : {
      sum: new SymbolicTensor(pulled.sums.sum, shape),
      share: new SymbolicTensor(pulled.sums.share, shape),
    },
    cotangents,
  };
}

/** Records the cotangents of x and of its weights, which depend on the sums over all parts. */
function recordInput(
  plan: Plan,
  dy: Tensor,
  { x, params, state, options }: PartOfBatch,
  whole: Whole,
  { sum, share }: Sums,
): Pick<BatchNormCotangents, "x" | "batchWeights"> {
  const pull = () => {
    const totals = { sum: read(plan, "the sum", sum), share: read(plan, "the share", share) };
    const values = readCall(plan, checkCall(x, params, state, options), whole);
    return pullBack(plan, x, values, options, read(plan, "dy", dy), totals).cotangents;
  };
  const found = sizeOf(x.shape) === 0 ? nothing(x, params, options) : pull();
  return {
    x: found.x,
    ...(found.batchWeights && { batchWeights: found.batchWeights }),
  };
}

/**
 * Batch norm of a batch that lies on several replicas: each takes the moments of its part, all merge them
 * in order of rank, and each normalises its part with those of the whole.
 *
 * @module
 */
import { runOp } from "../call/calls.ts";
import { heldCopies, numbersOf, release } from "../call/held.ts";
import type { Moments } from "../moments/summary.ts";
import { mergeWide, narrowed, widened } from "../moments/wide.ts";
import type { NormParams } from "../norm/options.ts";
import { checkCount } from "../norm/weights.ts";
import type { Plan } from "../plan/plan.ts";
import { SymbolicTensor } from "../plan/symbolic.ts";
import { owned } from "../plan/tree.ts";
import { packed, unpacked } from "../replicas/all_merge_moments.ts";
import { type Common, exchange, joined } from "../replicas/exchange.ts";
import { groupFrom, type ReplicaGroup } from "../replicas/group.ts";
import type { AnyRuntime, Placed } from "../runtime/runtime.ts";
import { fieldsOf } from "../tensor/arguments.ts";
import type { DeviceData } from "../tensor/elements.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, TensorLike } from "../tensor/types.ts";
import { zeros } from "../tensor/zeros.ts";
import { fixedAdjustment } from "./adjustment.ts";
import { checkCall, readCall } from "./call.ts";
import { ACTION, type BatchNormOptions, checkBatchNorm } from "./options.ts";
import { type BatchNormResult, resultOf, unchanged } from "./result.ts";
import { type BatchNormState, stateFields } from "./state.ts";

/** The arguments of a call, read and copied. */
export interface PartOfBatch {
  readonly x: AnyTensor;
  readonly params: NormParams;
  readonly state: BatchNormState;
  /** An adjustment that is a function has been called. */
  readonly options: BatchNormOptions<AnyRuntime>;
}

/** The moments of the whole batch; of one without elements there are none. */
export type Whole = Moments | undefined;

/**
 * The replicas that a call has to meet: none in inference, nor where there is one only.
 *
 * @throws {TypeError} If `replicas` is not a group, or moments are given too.
 */
export function meetingOf(
  { replicas, training, moments }: BatchNormOptions<AnyRuntime>,
): ReplicaGroup | undefined {
  if (replicas === undefined) return undefined;
  const group = groupFrom(ACTION, "replicas", replicas);
  if (moments !== undefined) {
    throw new TypeError(
      `Cannot ${ACTION}: moments must not be combined with replicas, got both`,
    );
  }
  return training === false || group.size === 1 ? undefined : group;
}

/** `batchNorm` of a part of a batch. */
export async function batchNormOver<R extends AnyRuntime>(
  group: ReplicaGroup,
  x: TensorLike,
  params: NormParams,
  state: BatchNormState,
  options: BatchNormOptions<R>,
): Promise<Placed<BatchNormResult, R>> {
  const held: DeviceData[] = [];
  try {
    const { part, whole } = await mergedOver(
      group,
      options.runtime,
      () => partOf(x, params, state, options, (tree) => heldCopies(ACTION, tree, held)),
    );
    return await normalizedOver(part, whole, options.runtime);
  } finally {
    held.forEach((elements) => elements.release());
  }
}

/** Reads, checks and copies the arguments of a call. */
export function partOf(
  x: TensorLike,
  params: NormParams,
  state: BatchNormState,
  { runtime: _, ...options }: BatchNormOptions<AnyRuntime>,
  copies: <T>(tree: T) => T,
): PartOfBatch {
  const kept = copies({
    x: owned(x),
    params: fieldsOf(ACTION, "params", params),
    state: stateFields(ACTION, state),
    options,
  });
  checkBatchNorm(ACTION, kept.x, kept.state, kept.options);
  return { ...kept, options: fixedAdjustment(ACTION, kept.x, kept.options, true) };
}

/** Merges the moments of all parts in order of rank. */
export async function mergedOver(
  group: ReplicaGroup,
  runtime: AnyRuntime | undefined,
  read: () => PartOfBatch,
): Promise<{ readonly part: PartOfBatch; readonly whole: Whole }> {
  let part!: PartOfBatch;
  let channels = 0;
  const messages = await exchange(
    group,
    ACTION,
    () => commonOf(part, channels),
    async () => {
      part = read();
      const found = await runOp(ACTION, runtime, recordPart, part);
      const summary = widened(await readMoments(found as Moments<AnyTensor>));
      channels = summary.mean.length;
      return joined([sizeOf(part.x.shape)], packed(summary));
    },
  );
  if (messages.every(([elements]) => elements === 0)) return { part, whole: undefined };
  const sizes = { counts: 1, means: channels };
  const merged = mergeWide(messages.map((one) => unpacked(one.subarray(1), sizes)));
  // Without weights it is the number of elements.
  checkCount(ACTION, merged.count[0], "all replicas");
  const { count, mean, low, m2 } = narrowed(merged, { count: [], mean: [channels] });
  return { part, whole: { count, mean, low, m2 } };
}

/** What must be alike on all replicas, or their results would not belong together. */
function commonOf({ x, params, state, options: given }: PartOfBatch, channels: number): Common {
  const checked = checkBatchNorm(ACTION, x, state, given);
  const { renormClipping: { rmin, rmax, dmax }, batchWeights, adjustment, ...options } = checked;
  const { moments: _, ...plain } = options;
  return {
    channels,
    ...plain,
    "renormClipping.rmin": rmin,
    "renormClipping.rmax": rmax,
    "renormClipping.dmax": dmax,
    batchWeights: batchWeights !== undefined,
    adjustment: adjustment !== undefined,
    beta: params.beta !== undefined,
    gamma: params.gamma !== undefined,
  };
}

/** The result of a part, normalised with the moments of the whole. */
export async function normalizedOver<R extends AnyRuntime>(
  part: PartOfBatch,
  whole: Whole,
  runtime: R | undefined,
): Promise<Placed<BatchNormResult, R>> {
  return await runOp(ACTION, runtime, recordWhole, part, whole);
}

/** Records the moments of a part. All that the call will need is checked, and what is not needed dropped. */
function recordPart(plan: Plan, { x, params, state, options }: PartOfBatch): Moments {
  const checked = checkCall(x, params, state, options);
  const channels = [checked.view.size.c];
  if (sizeOf(x.shape) === 0) {
    return { count: zeros([]), mean: zeros(channels), low: zeros(channels), m2: zeros(channels) };
  }
  const { moments: { shift, delta, squares, count } } = readCall(plan, checked, "part");
  return {
    count: new SymbolicTensor(count, []),
    mean: new SymbolicTensor(shift, channels),
    low: new SymbolicTensor(delta, channels),
    m2: new SymbolicTensor(squares, channels),
  };
}

/** Records batch norm of a part with the moments of the whole. */
function recordWhole(
  plan: Plan,
  { x, params, state, options }: PartOfBatch,
  whole: Whole,
): BatchNormResult {
  if (whole === undefined) return unchanged(x, state);
  return resultOf(plan, x, state, readCall(plan, checkCall(x, params, state, options), whole));
}

/** Moments as numbers in memory. */
async function readMoments({ count, mean, low, m2 }: Moments<AnyTensor>): Promise<Moments> {
  const all = [count, mean, low!, m2];
  const data = await Promise.all(all.map(numbersOf));
  all.forEach(release);
  const tensors = all.map(({ shape }, i) => ({
    shape: [...shape],
    data: data[i] as Float32Array<ArrayBuffer>,
  }));
  return { count: tensors[0], mean: tensors[1], low: tensors[2], m2: tensors[3] };
}

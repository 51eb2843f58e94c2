/**
 * Several ops as one launch.
 *
 * @module
 */
import { recordBatchNorm } from "./_batch_norm.ts";
import { recordBatchNormVjp } from "./_batch_norm_vjp.ts";
import {
  recordActivation,
  recordActivationVjp,
  recordBinary,
  recordMean,
  recordReshape,
  recordScale,
  recordSum,
} from "./_elementwise.ts";
import { recordGdn } from "./_gdn.ts";
import { recordGdnVjp } from "./_gdn_vjp.ts";
import { checkArguments, checkKeys, fieldsOf, readable, tensorFrom } from "./_checks.ts";
import { describe, SymbolicTensor } from "./_graph.ts";
import { recordGroupNorm, recordInstanceNorm, recordLayerNorm } from "./_group_norm.ts";
import {
  recordGroupNormVjp,
  recordInstanceNormVjp,
  recordLayerNormVjp,
} from "./_group_norm_vjp.ts";
import { recordMatmul } from "./_matmul.ts";
import { recordMoments } from "./_moments.ts";
import { recordAdam, recordSgd } from "./_optimizers.ts";
import { Plan } from "./_plan.ts";
import {
  asTensor,
  isPlain,
  mapTensors,
  memberOf,
  type Output,
  outputOf,
  runOutput,
} from "./_run.ts";
import { checkRuntime } from "./_runtime.ts";
import { sizeOf } from "./_shape.ts";
import type {
  BatchNormCotangents,
  BatchNormOptions,
  BatchNormResult,
  BatchNormState,
} from "./batch_norm.ts";
import type { GdnCotangents, GdnOptions, GdnParams, GdnVariables } from "./gdn.ts";
import type {
  GroupNormOptions,
  InstanceNormOptions,
  LayerNormOptions,
  NormCotangents,
  NormParams,
} from "./group_norm.ts";
import type { Moments, MomentsOptions } from "./moments.ts";
import type { Activation } from "./activations.ts";
import type {
  AdamOptions,
  AdamState,
  Gradients,
  SgdOptions,
  SgdState,
  Step,
} from "./optimizers.ts";
import type { Runtime } from "./runtime.ts";
import type { Tensor, Vector } from "./tensor.ts";

/**
 * The ops inside a pipeline: they take what the functions of the same names take, but `runtime`, and
 * answer at once, with tensors that have a shape and no data yet.
 */
export interface PipelineOps {
  /** As the function `gdn`. */
  gdn(x: Tensor, params: GdnParams | GdnVariables, options?: GdnOptions): Tensor;
  /** As the function `gdnVjp`, with a `vjp` that answers at once. */
  gdnVjp<P extends GdnParams | GdnVariables>(
    x: Tensor,
    params: P,
    options?: GdnOptions,
  ): SymbolicVjp<GdnCotangents<P>>;
  /** As the function `groupNorm`. */
  groupNorm(x: Tensor, params?: NormParams, options?: GroupNormOptions): Tensor;
  /** As the function `groupNormVjp`, with a `vjp` that answers at once. */
  groupNormVjp(
    x: Tensor,
    params?: NormParams,
    options?: GroupNormOptions,
  ): SymbolicVjp<NormCotangents>;
  /** As the function `instanceNorm`. */
  instanceNorm(x: Tensor, params?: NormParams, options?: InstanceNormOptions): Tensor;
  /** As the function `instanceNormVjp`, with a `vjp` that answers at once. */
  instanceNormVjp(
    x: Tensor,
    params?: NormParams,
    options?: InstanceNormOptions,
  ): SymbolicVjp<NormCotangents>;
  /** As the function `layerNorm`. */
  layerNorm(x: Tensor, params?: NormParams, options?: LayerNormOptions): Tensor;
  /** As the function `layerNormVjp`, with a `vjp` that answers at once. */
  layerNormVjp(
    x: Tensor,
    params?: NormParams,
    options?: LayerNormOptions,
  ): SymbolicVjp<NormCotangents>;
  /** As the function `batchNorm`. */
  batchNorm(
    x: Tensor,
    params: NormParams,
    state: BatchNormState,
    options?: BatchNormOptions,
  ): BatchNormResult;
  /** As the function `batchNormVjp`, with a `vjp` that answers at once. */
  batchNormVjp(
    x: Tensor,
    params: NormParams,
    state: BatchNormState,
    options?: BatchNormOptions,
  ): BatchNormResult & SymbolicVjp<BatchNormCotangents>;
  /** As the function `moments`; a weighted count is a tensor. */
  moments(x: Tensor, options?: MomentsOptions, batchWeights?: Vector): Moments;
  /** a + b; axes of one element, and missing ones, repeat. */
  add(a: Tensor, b: Tensor): Tensor;
  /** a - b; axes of one element, and missing ones, repeat. */
  sub(a: Tensor, b: Tensor): Tensor;
  /** a * b; axes of one element, and missing ones, repeat. */
  mul(a: Tensor, b: Tensor): Tensor;
  /** x times a number. */
  scale(x: Tensor, factor: number): Tensor;
  /** The mean of all elements, shape (). */
  mean(x: Tensor): Tensor;
  /** The sum over `axes`, which the result lacks; over all of them by default. */
  sum(x: Tensor, axes?: readonly number[]): Tensor;
  /** The same elements in the same order under another shape. */
  reshape(x: Tensor, shape: readonly number[]): Tensor;
  /**
   * The matrix product of a and b. All axes of a but its last are its rows, and those of the result; so
   * are those of b, for `transposeA`, by which they are summed: `matmul(x, dy, { transposeA: true })` is
   * the cotangent of w in `matmul(x, w)`, and `matmul(dy, w, { transposeB: true })` that of x.
   */
  matmul(a: Tensor, b: Tensor, options?: MatmulOptions): Tensor;
  /** An activation of every element. */
  activate(x: Tensor, activation: Activation): Tensor;
  /** As `activate`, with the way back. */
  activateVjp(x: Tensor, activation: Activation): SymbolicVjp<{ readonly x: Tensor }>;
  /** As the function `sgd`. */
  sgd<P extends object>(
    params: P,
    grads: Gradients<P>,
    state: SgdState,
    options?: SgdOptions,
  ): Step<P, SgdState<P>>;
  /** As the function `adam`. */
  adam<P extends object>(
    params: P,
    grads: Gradients<P>,
    state: AdamState,
    options?: AdamOptions,
  ): Step<P, AdamState<P>>;
}

/** Options for the matrix product inside a pipeline. */
export interface MatmulOptions {
  /** Take a transposed. @default {false} */
  readonly transposeA?: boolean;
  /** Take b transposed. @default {false} */
  readonly transposeB?: boolean;
}

/** What an op answers inside a pipeline, with the way back to the cotangents C of its arguments. */
export interface SymbolicVjp<C> {
  /** The op's result. */
  readonly y: Tensor;
  /** From a cotangent of `y`, of its shape, to those of the arguments. */
  readonly vjp: (dy: Tensor) => C;
}

/** Options for {@linkcode pipeline}. */
export interface PipelineOptions {
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: Runtime;
}

/** How many traces a pipeline keeps: one for each set of input shapes and plain values. */
const TRACE_LIMIT = 64;

/** A traced pipeline: what to run, and the tensors of the call that is being run. */
interface Trace<O> {
  readonly output: Output<O>;
  readonly slots: TraceSlot[];
}

/** Where a trace finds a tensor of the call that is being run. */
interface TraceSlot {
  current: Tensor | undefined;
}

/** What a pipeline's function may return: anything but a promise. */
export type PipelineOutput =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | (object & { readonly then?: never });

/**
 * Compiles a function of several ops into one plan: intermediates stay where they are computed, and
 * on webgpu the whole is one submit and one readback.
 *
 * `fn` must be synchronous. It is traced with symbolic tensors once per set of input shapes and
 * plain values; a number that changes between calls, such as a decay, triggers a new trace but no
 * compilation. Of what `fn` captures from outside, the numbers of tensors, typed arrays and lists
 * that it passes to ops are read at every call, and must stay as many as they were. Everything else
 * counts as it was when `fn` was traced: shapes, options, and plain values such as a captured
 * `let decay`, which belongs in the input. What `fn` returns is any tree of plain objects and
 * arrays; what no result needs is not computed.
 *
 * @param fn The computation: from `ops` and the input to the output.
 * @param options Where to run.
 * @returns A function from the input to the output with data. The input is a tree of plain objects,
 * arrays, tensors, numbers, strings, booleans and big integers.
 * @throws {TypeError} If `fn` is not a function or the options are wrong; the returned function
 * rejects with a TypeError if its input is another tree or a cyclic one, if `fn` reads the data of a
 * symbolic tensor or returns a promise, or if captured data have changed their length.
 *
 * @example Usage
 * ```ts
 * import { initBatchNorm, initGdn, pipeline, tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const gdn = initGdn(2);
 * const { params, state } = initBatchNorm(2);
 * const step = pipeline((ops, { x, state }: { x: typeof image; state: typeof start }) => {
 *   const h = ops.gdn(x, gdn);
 *   return ops.batchNorm(h, params, state, { decay: 0.9 });
 * });
 *
 * const image = tensor([[1, 2], [3, 4]]);
 * const start = state;
 * const first = await step({ x: image, state: start });
 * const second = await step({ x: image, state: first.state });
 * assertEquals(second.y.shape, [2, 2]);
 * ```
 */
export function pipeline<I, O extends PipelineOutput>(
  fn: (ops: PipelineOps, input: I) => O,
  options: PipelineOptions = {},
): (input: I) => Promise<O> {
  checkArguments("make a pipeline", arguments, 2);
  if (typeof fn !== "function") {
    throw new TypeError(`Cannot make a pipeline: fn must be a function, got ${describe(fn)}`);
  }
  const { runtime } = checkKeys("make a pipeline", "options", options, ["runtime"]);
  checkRuntime("make a pipeline", runtime);
  const traces = new Map<string, Trace<O>>();
  return async function (input) {
    checkArguments(RUN, arguments, 1);
    const tensors: Tensor[] = [];
    const take = (tensor: Tensor, path: string) => {
      const own = tensorFrom(RUN, `input${path}`, tensor);
      tensors.push(own);
      return own;
    };
    // Read once: what getters say later does not count.
    const own = readable(RUN, "input", () => mapTensors(input, take, RUN));
    const key = readable(RUN, "input", () => keyOf(own, "input"));
    const trace = traces.get(key) ?? traced(fn, own);
    traces.delete(key);
    traces.set(key, trace);
    if (traces.size > TRACE_LIMIT) traces.delete(traces.keys().next().value!);
    trace.slots.forEach((slot, i) => slot.current = tensors[i]);
    const running = runOutput(trace.output, runtime);
    // The data have been read by now, and are the caller's again.
    for (const slot of trace.slots) slot.current = undefined;
    return await running;
  };
}

const RUN = "run a pipeline";

/** Runs the function once with symbolic tensors in place of the input's. */
function traced<I, O>(fn: (ops: PipelineOps, input: I) => O, input: I): Trace<O> {
  const plan = new Plan();
  const slots: TraceSlot[] = [];
  const symbolic = mapTensors(input, (tensor, path) => {
    const { shape } = tensor;
    const length = sizeOf(shape);
    const slot: TraceSlot = { current: tensor };
    slots.push(slot);
    // An empty tensor has no value: no kernel can read it.
    if (length === 0) return { shape, data: new Float32Array(0) };
    const name = `input${path}`;
    return new SymbolicTensor(plan.input(name, slot, length, () => slot.current!.data), shape);
  });
  const output = fn(pipelineOps(plan), symbolic);
  if (output instanceof Promise) {
    output.catch(() => {});
    throw new TypeError("Cannot trace a pipeline: fn must be synchronous, got a promise");
  }
  return { output: outputOf(plan, output), slots };
}

/**
 * The key of an input's trace: equal for trees of the same form, with tensors of the same shapes and
 * the same plain values.
 *
 * @throws {TypeError} If the input holds what is neither a tree nor a plain value: a change inside of it
 * would go unnoticed.
 */
function keyOf(node: unknown, path: string): string {
  const tensor = asTensor(node);
  if (tensor !== undefined) return `tensor ${tensor.shape.join()}`;
  if (Array.isArray(node)) {
    return `[${node.map((child, i) => keyOf(child, `${path}[${i}]`)).join()}]`;
  }
  if (isPlain(node)) {
    const entries = Object.entries(node).map(([key, child]) => {
      return `${JSON.stringify(key)}:${keyOf(child, `${path}${memberOf(key)}`)}`;
    });
    return `{${entries.join()}}`;
  }
  if (node === null || PLAIN.has(typeof node)) {
    return Object.is(node, -0) ? "-0" : `${typeof node} ${JSON.stringify(String(node))}`;
  }
  throw new TypeError(
    `Cannot ${RUN}: ${path} must be a tensor, a plain value, or a plain object or array of these, got ${
      describe(node)
    }`,
  );
}

const PLAIN: ReadonlySet<string> = new Set(["undefined", "boolean", "number", "bigint", "string"]);

function pipelineOps(plan: Plan): PipelineOps {
  const local = <T extends { readonly runtime?: Runtime }>(options: T | undefined): T => {
    const own = fieldsOf("trace a pipeline", "options", options === undefined ? {} as T : options);
    if (own.runtime !== undefined) {
      throw new TypeError(
        "Cannot trace a pipeline: runtime must be given to pipeline, got one in an op's options",
      );
    }
    return own;
  };
  return counted({
    gdn: (x, params, options) => recordGdn(plan, x, params, local(options)),
    gdnVjp: (x, params, options) => recordGdnVjp(plan, x, params, local(options)),
    groupNorm: (x, params = {}, options) => recordGroupNorm(plan, x, params, local(options)),
    groupNormVjp: (x, params = {}, options) => recordGroupNormVjp(plan, x, params, local(options)),
    instanceNorm: (x, params = {}, options) => recordInstanceNorm(plan, x, params, local(options)),
    instanceNormVjp: (x, params = {}, options) =>
      recordInstanceNormVjp(plan, x, params, local(options)),
    layerNorm: (x, params = {}, options) => recordLayerNorm(plan, x, params, local(options)),
    layerNormVjp: (x, params = {}, options) => recordLayerNormVjp(plan, x, params, local(options)),
    batchNorm: (x, params, state, options) =>
      recordBatchNorm(plan, x, params, state, local(options)),
    batchNormVjp: (x, params, state, options) =>
      recordBatchNormVjp(plan, x, params, state, local(options)),
    moments: (x, options, weights) => recordMoments(plan, x, local(options), weights),
    add: (a, b) => recordBinary(plan, "add", a, b),
    sub: (a, b) => recordBinary(plan, "subtract", a, b),
    mul: (a, b) => recordBinary(plan, "multiply", a, b),
    scale: (x, factor) => recordScale(plan, x, factor),
    mean: (x) => recordMean(plan, x),
    sum: (x, axes) => recordSum(plan, x, axes),
    reshape: (x, shape) => recordReshape(plan, x, shape),
    matmul: (a, b, options) => recordMatmul(plan, a, b, options),
    activate: (x, activation) => recordActivation(plan, x, activation),
    activateVjp: (x, activation) => recordActivationVjp(plan, x, activation),
    sgd: (params, grads, state, options) => recordSgd(plan, params, grads, state, local(options)),
    adam: (params, grads, state, options) => recordAdam(plan, params, grads, state, local(options)),
  });
}

/** How many arguments each op takes. */
const MOST_ARGUMENTS: Readonly<Record<keyof PipelineOps, number>> = {
  gdn: 3,
  gdnVjp: 3,
  groupNorm: 3,
  groupNormVjp: 3,
  instanceNorm: 3,
  instanceNormVjp: 3,
  layerNorm: 3,
  layerNormVjp: 3,
  batchNorm: 4,
  batchNormVjp: 4,
  moments: 3,
  add: 2,
  sub: 2,
  mul: 2,
  scale: 2,
  mean: 1,
  sum: 2,
  reshape: 2,
  matmul: 3,
  activate: 2,
  activateVjp: 2,
  sgd: 4,
  adam: 4,
};

/** The same ops, none of which takes an argument too many. */
function counted(ops: PipelineOps): PipelineOps {
  const entries = Object.entries(ops).map(
    ([name, op]: [string, (...args: unknown[]) => unknown]) => {
      const most = MOST_ARGUMENTS[name as keyof PipelineOps];
      const call = (...args: unknown[]) => {
        checkArguments(`trace ops.${name}`, args, most);
        return op(...args);
      };
      return [name, call];
    },
  );
  return Object.fromEntries(entries);
}

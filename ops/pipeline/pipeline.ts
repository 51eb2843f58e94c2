/**
 * Several ops as one launch.
 *
 * @module
 */
import { type Output, outputOf, runOutput } from "../call/output.ts";
import { Lru } from "../plan/lru.ts";
import { Plan } from "../plan/plan.ts";
import { SymbolicTensor } from "../plan/symbolic.ts";
import { asTensor, isPlain, mapTensors, memberOf } from "../plan/tree.ts";
import { checkRuntime } from "../runtime/runner.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, checkKeys, readable } from "../tensor/arguments.ts";
import { tensorFrom } from "../tensor/checks.ts";
import { DeviceTensor, elementsOf } from "../tensor/elements.ts";
import { sizeOf } from "../tensor/shape.ts";
import { describe } from "../tensor/shown.ts";
import type { FromAnywhere, Tensor } from "../tensor/types.ts";
import { donatedKeys, donorsIn, type Given } from "./donation.ts";
import { type PipelineOps, pipelineOps } from "./ops.ts";

/** Options for {@linkcode pipeline}. */
export interface PipelineOptions<R extends AnyRuntime = Runtime> {
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: R;
  /**
   * Keys of the input whose tensors a call consumes, where a runtime holds them: the old parameters
   * and state of a training loop, say. Using one afterwards is an error, and its memory is used again.
   * Other tensors under these keys are copied as ever. A call that rejects consumes nothing.
   *
   * @default {[]}
   */
  readonly donate?: readonly string[];
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
 * @param options Where to run, and what of the input is consumed.
 * @returns A function from the input to the output with data. The input is a tree of plain objects,
 * arrays, tensors, numbers, strings, booleans and big integers.
 * @throws {TypeError} If `fn` is not a function or the options are wrong; the returned function
 * rejects with a TypeError if its input is another tree or a cyclic one, if `fn` reads the data of a
 * symbolic tensor or returns a promise, if captured data have changed their length, or if a donated
 * tensor stands at two places of the input or is captured.
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
export function pipeline<I, O extends PipelineOutput, R extends AnyRuntime = Runtime>(
  fn: (ops: PipelineOps, input: I) => O,
  options: PipelineOptions<R> = {},
): (input: I | FromAnywhere<I>) => Promise<Placed<O, R>> {
  checkArguments("make a pipeline", arguments, 2);
  if (typeof fn !== "function") {
    throw new TypeError(`Cannot make a pipeline: fn must be a function, got ${describe(fn)}`);
  }
  const action = "make a pipeline";
  const { runtime, donate } = checkKeys(action, "options", options, {
    runtime: true,
    donate: true,
  });
  checkRuntime(action, runtime);
  const donated = donatedKeys(action, donate);
  const traces = new Lru<string, Trace<O>>(TRACE_LIMIT);
  return async function (input) {
    checkArguments(RUN, arguments, 1);
    const given: Given[] = [];
    const take = (tensor: Tensor, path: string) => {
      const own = tensor instanceof DeviceTensor ? tensor : tensorFrom(RUN, `input${path}`, tensor);
      given.push({ tensor, path, own });
      return own;
    };
    // Read once: what getters say later does not count.
    const own = readable(RUN, "input", () => mapTensors(input as I, take, RUN));
    const key = readable(RUN, "input", () => keyOf(own, "input"));
    const trace = traces.get(key, () => traced(fn, own));
    const donors = donorsIn(RUN, own, given, trace.output, donated);
    trace.slots.forEach((slot, i) => slot.current = given[i].own);
    const running = runOutput(trace.output, runtime);
    // The data have been read by now, and are the caller's again.
    for (const slot of trace.slots) slot.current = undefined;
    if (donors.length === 0) return await running;
    donors.forEach((donor) => donor.donate());
    try {
      const results = await running;
      donors.forEach((donor) => donor.end());
      return results;
    } catch (error) {
      donors.forEach((donor) => donor.restore());
      throw error;
    }
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
    const slot: TraceSlot = { current: undefined };
    slots.push(slot);
    // An empty tensor has no value: no kernel can read it.
    if (length === 0) return { shape, data: new Float32Array(0) };
    const name = `input${path}`;
    return new SymbolicTensor(
      plan.input(name, slot, length, () => elementsOf(slot.current!)),
      shape,
    );
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

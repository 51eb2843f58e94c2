/**
 * Several ops as one launch.
 *
 * @module
 */
import { runOutput, runOutputAtOnce } from "../call/output.ts";
import type { Donor } from "../runtime/donate.ts";
import { checkComputesAtOnce, checkRuntime } from "../runtime/runner.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, checkFlag, checkKeys } from "../tensor/arguments.ts";
import { describe } from "../tensor/shown.ts";
import type { FromAnywhere } from "../tensor/types.ts";
import { donatedKeys } from "./donation.ts";
import type { PipelineOps } from "./ops.ts";
import { RUN, Traces } from "./traces.ts";

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
  /**
   * Whether the pipeline's function returns the output itself, not a promise of it: see
   * {@linkcode SyncPipelineOptions}.
   *
   * @default {false}
   */
  readonly sync?: false;
}

/** Options for a {@linkcode pipeline} that need not be awaited. */
export interface SyncPipelineOptions<R extends AnyRuntime = Runtime>
  extends Omit<PipelineOptions<R>, "runtime" | "sync"> {
  /** Where to run: wasm, or cpu; or a scope of such a runtime. */
  readonly runtime: R;
  /** The pipeline's function returns the output itself. */
  readonly sync: true;
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
 * symbolic tensor or returns a promise or tensors in other objects, if captured data have changed their
 * length, or if a donated tensor stands at two places of the input or is captured.
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
  options?: PipelineOptions<R>,
): (input: I | FromAnywhere<I>) => Promise<Placed<O, R>>;
/**
 * As the pipeline above, run by a function that returns the output itself, and throws where the other
 * one rejects. On wasm with threads the calling one computes. Pending calls go on beside it.
 *
 * @throws {TypeError} As above, and if the runtime is not given, or on another backend than wasm or
 * cpu.
 *
 * @example Usage
 * ```ts
 * import { createRuntime, pipeline, type Tensor, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await using runtime = await createRuntime({ backend: "wasm" });
 * const norm = pipeline((ops, x: Tensor) => ops.layerNorm(x), { runtime, sync: true });
 * assertAlmostEquals(norm(tensor([[1, 3]])).data[1], 1, 1e-3);
 * ```
 */
export function pipeline<I, O extends PipelineOutput, R extends AnyRuntime>(
  fn: (ops: PipelineOps, input: I) => O,
  options: SyncPipelineOptions<R>,
): (input: I | FromAnywhere<I>) => Placed<O, R>;
export function pipeline<I, O extends PipelineOutput, R extends AnyRuntime>(
  fn: (ops: PipelineOps, input: I) => O,
  options: PipelineOptions<R> | SyncPipelineOptions<R> = {},
): (input: I | FromAnywhere<I>) => Placed<O, R> | Promise<Placed<O, R>> {
  const action = "make a pipeline";
  checkArguments(action, arguments, 2);
  if (typeof fn !== "function") {
    throw new TypeError(`Cannot ${action}: fn must be a function, got ${describe(fn)}`);
  }
  const { runtime, donate, sync = false } = checkKeys(action, "options", options, {
    runtime: true,
    donate: true,
    sync: true,
  });
  checkRuntime(action, runtime);
  checkFlag(action, "sync", sync);
  const traces = new Traces(fn, donatedKeys(action, donate));
  if (!sync) return awaited(traces, runtime);
  if (runtime === undefined) {
    throw new TypeError(
      `Cannot ${action}: runtime must be given for sync, as the shared one is opened by a call that is ` +
        "awaited, got undefined",
    );
  }
  checkComputesAtOnce(action, runtime);
  return atOnce(traces, runtime);
}

/** Runs traces, and returns promises. */
function awaited<I, O, R extends AnyRuntime>(
  traces: Traces<I, O>,
  runtime: R | undefined,
): (input: I | FromAnywhere<I>) => Promise<Placed<O, R>> {
  return async function (input) {
    checkArguments(RUN, arguments, 1);
    let donors: readonly Donor[] = [];
    const running = traces.with(input, (output, given) => {
      donors = given;
      return runOutput(output, runtime);
    });
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

/** Runs traces, and returns what they compute. */
function atOnce<I, O, R extends AnyRuntime>(
  traces: Traces<I, O>,
  runtime: R,
): (input: I | FromAnywhere<I>) => Placed<O, R> {
  return function (input) {
    checkArguments(RUN, arguments, 1);
    return traces.with(input, (output, donors) => {
      const results = runOutputAtOnce(output, runtime);
      for (const donor of donors) {
        donor.donate();
        donor.end();
      }
      return results;
    });
  };
}

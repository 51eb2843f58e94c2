/**
 * Inverts GDN by iterating its pool.
 *
 * @module
 */
import { runOp } from "../call/calls.ts";
import { heldCopies, numbersOf, release } from "../call/held.ts";
import { field, type Plan, rows } from "../plan/plan.ts";
import { read, SymbolicTensor } from "../plan/symbolic.ts";
import { owned } from "../plan/tree.ts";
import type { DataFormat } from "../plan/view.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, fieldsOf, type Keys, readable } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import type { DeviceData } from "../tensor/elements.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor, TensorLike } from "../tensor/types.ts";
import { emptyLike } from "../tensor/zeros.ts";
import { checkGdn, checkOptions, readGdn } from "./call.ts";
import type { GdnOptions } from "./options.ts";
import type { GdnParams, GdnVariables } from "./params.ts";
import type { ReparamOptions } from "./reparam.ts";

const ACTION = "invert gdn";
const OPTIONS: Keys<GdnInverseOptions<AnyRuntime>> = {
  dataFormat: true,
  alphaParameter: true,
  epsilonParameter: true,
  betaMin: true,
  reparamOffset: true,
  maxSteps: true,
  tolerance: true,
  runtime: true,
};

/** Steps of one plan, after which the change is looked at. */
const STEPS = 8;

/** Options for {@linkcode gdnInverse}. */
export interface GdnInverseOptions<R extends AnyRuntime = Runtime> extends ReparamOptions {
  /** Where the channels are. @default {"NHWC"} */
  readonly dataFormat?: DataFormat;
  /** Exponent of the inputs in the pool, alpha; finite and `> 0`. @default {2} */
  readonly alphaParameter?: number;
  /** Exponent of the pool, epsilon; finite and `> 0`. @default {0.5} */
  readonly epsilonParameter?: number;
  /** Steps after which the search is given up; an integer from 1. @default {1000} */
  readonly maxSteps?: number;
  /** Largest relative change of the pool in a step at which it is found; finite and `> 0`. @default {1e-6} */
  readonly tolerance?: number;
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: R;
}

/** What {@linkcode gdnInverse} has found. */
export interface GdnInverse {
  /** The input; the last approximation if it was not found. */
  readonly x: Tensor;
  /** Whether it was found. If not, more steps are needed, or `y` is no output of this GDN. */
  readonly converged: boolean;
  /** Steps that were taken. */
  readonly steps: number;
  /** Largest relative change of the pool in the last of them. */
  readonly change: number;
}

/**
 * The exact inverse of {@linkcode gdn}: finds x with `gdn(x) = y`. IGDN (`inverse: true`) is a layer of
 * its own and only one step towards it.
 *
 * With `x[j] = y[j] u[j]^epsilon` the pool solves `u[i] = beta[i] + sum_j gamma[j, i] |y[j]|^alpha
 * u[j]^(alpha epsilon)`, which is iterated from `u = beta`. Where `alpha epsilon` is 1, as in the classic
 * GDN and in GDN1, this is linear, and converges for every y that is an output of GDN with these
 * parameters; the more of u comes from the sum, the slower.
 *
 * Source: Balle, Laparra and Simoncelli, "Density Modeling of Images using a Generalized Normalization
 * Transformation", 2016, section 3.
 *
 * @param y Output of GDN, rank 2 to 5. Not modified.
 * @param params As for {@linkcode gdn}. Not modified.
 * @param options Data format, exponents, bounds, when to stop, and runtime.
 * @returns The input, and how the search went. It does not throw where there is no answer.
 * @throws {TypeError} As {@linkcode gdn}.
 * @throws {RangeError} As {@linkcode gdn}, and if `maxSteps` or `tolerance` is out of its range.
 *
 * @example Usage
 * ```ts
 * import { gdn, gdnInverse, initGdn, tensor } from "@kernorm/kernorm";
 * import { assert, assertAlmostEquals } from "@std/assert";
 *
 * const variables = initGdn(2);
 * const y = await gdn(tensor([[1, -2]]), variables);
 * const { x, converged } = await gdnInverse(y, variables);
 * assert(converged);
 * assertAlmostEquals(x.data[1], -2, 1e-5);
 * ```
 */
export async function gdnInverse<R extends AnyRuntime = Runtime>(
  y: TensorLike,
  params: GdnParams | GdnVariables,
  options: GdnInverseOptions<R> = {},
): Promise<Placed<GdnInverse, R>> {
  checkArguments(ACTION, arguments, 3);
  const own = checkOptions(ACTION, options, OPTIONS);
  const { maxSteps = 1000, tolerance = 1e-6, runtime, ...forward } = own;
  checkNumber(ACTION, "maxSteps", maxSteps, "count");
  checkNumber(ACTION, "tolerance", tolerance, "positive");
  const given = readable(ACTION, "y", () => owned(y));
  const ownParams = fieldsOf(ACTION, "params", params);
  readable(ACTION, "params", () => checkGdn(given, ownParams, forward, ACTION, "y"));
  // The search takes several runs.
  const held: DeviceData[] = [];
  try {
    const kept = heldCopies(ACTION, { y: given, params: ownParams }, held);
    return await search(kept, { maxSteps, tolerance, runtime, forward });
  } finally {
    held.forEach((elements) => elements.release());
  }
}

/** Iterates the pool until it no longer changes. */
async function search<R extends AnyRuntime>(
  kept: { readonly y: Tensor; readonly params: GdnParams | GdnVariables },
  { maxSteps, tolerance, runtime, forward }: {
    readonly maxSteps: number;
    readonly tolerance: number;
    readonly runtime: R | undefined;
    readonly forward: GdnOptions<AnyRuntime>;
  },
): Promise<Placed<GdnInverse, R>> {
  let u: AnyTensor | undefined;
  let steps = 0;
  let change = sizeOf(kept.y.shape) === 0 ? 0 : Infinity;
  while (steps < maxSteps && change > tolerance) {
    const count = Math.min(STEPS, maxSteps - steps);
    const found: { readonly u: AnyTensor; readonly before: AnyTensor } = await runOp(
      ACTION,
      runtime,
      recordSteps,
      kept.y,
      kept.params,
      u,
      { ...forward, count },
    );
    change = largestChange(...await Promise.all([numbersOf(found.u), numbersOf(found.before)]));
    release(u);
    release(found.before);
    u = found.u;
    steps += count;
  }
  const { epsilonParameter: epsilon = 0.5 } = forward;
  const action = "scale by the pool of gdn";
  const x = await runOp(action, runtime, recordInput, kept.y, u ?? kept.y, epsilon);
  release(u);
  return { x, converged: change <= tolerance, steps, change } as Placed<GdnInverse, R>;
}

/** Records some steps from a pool, or from nothing, of which the first step makes beta. */
function recordSteps(
  plan: Plan,
  y: AnyTensor,
  params: GdnParams | GdnVariables,
  from: Tensor | undefined,
  { count, ...options }: GdnOptions<AnyRuntime> & { readonly count: number },
): { readonly u: Tensor; readonly before: Tensor } {
  const { format, size, x, params: { beta, gamma }, alpha, epsilon } = readGdn(
    plan,
    checkGdn(y, params, options, ACTION, "y"),
  );
  const powers = alpha === 2
    ? plan.each("multiply", { a: x, b: x })
    : plan.each("power", { x, alpha });
  let u = from === undefined ? undefined : read(plan, "u", from);
  let before = u;
  for (let step = 0; step < count; step++) {
    const raised = u === undefined
      ? plan.each("affine", { a: powers, factor: 0, term: 0 })
      : alpha * epsilon === 1
      ? u
      : plan.each("power", { x: u, alpha: alpha * epsilon });
    const pool = plan.each("multiply", { a: powers, b: raised });
    before = u ?? raised;
    u = plan.launch(
      "gdnSum",
      format,
      size,
      { pool: field(pool, size), beta, gamma: rows(gamma, size.c) },
      { POOL: "power" },
      { channels: size.c },
    );
  }
  return {
    u: new SymbolicTensor(u!, [...y.shape]),
    before: new SymbolicTensor(before!, [...y.shape]),
  };
}

/** Records x = y u^epsilon. */
function recordInput(plan: Plan, y: AnyTensor, u: AnyTensor, epsilon: number): Tensor {
  if (sizeOf(y.shape) === 0) return emptyLike(y);
  const root = plan.each("power", { x: read(plan, "u", u), alpha: epsilon });
  const x = plan.each("multiply", { a: read(plan, "y", y), b: root });
  return new SymbolicTensor(x, [...y.shape]);
}

/** The largest change relative to the pool; NaN if there is one, or the pool is no number any more. */
function largestChange(u: Float32Array, before: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < u.length; i++) {
    const change = Math.abs(u[i] - before[i]) / Math.abs(u[i]);
    if (!(change <= largest)) {
      if (Number.isNaN(change)) return NaN;
      largest = change;
    }
  }
  return largest;
}

/**
 * Inverts GDN by iterating its pool.
 *
 * @module
 */
import { runOp } from "./_calls.ts";
import { checkKeys, fieldsOf, readable } from "./_checks.ts";
import { checkCall } from "./_gdn.ts";
import { read, SymbolicTensor } from "./_graph.ts";
import { field, type Plan, rows } from "./_plan.ts";
import { mapTensors, owned } from "./_run.ts";
import { sizeOf } from "./_shape.ts";
import { shown } from "./_shown.ts";
import type { GdnInverse, GdnInverseOptions, GdnOptions, GdnParams, GdnVariables } from "./gdn.ts";
import type { Tensor, TensorLike } from "./tensor.ts";

const ACTION = "invert gdn";
const OPTIONS = [
  "dataFormat",
  "alpha",
  "epsilon",
  "betaMin",
  "reparamOffset",
  "maxSteps",
  "tolerance",
  "runtime",
];

/** Steps of one plan, after which the change is looked at. */
const STEPS = 8;

/** Runs {@linkcode gdnInverse}. */
export async function invertGdn(
  given: TensorLike,
  params: GdnParams | GdnVariables,
  options: GdnInverseOptions,
): Promise<GdnInverse> {
  const { maxSteps = 1000, tolerance = 1e-6, runtime, ...forward } = checkKeys(
    ACTION,
    "options",
    options,
    OPTIONS,
  );
  if (!(Number.isInteger(maxSteps) && maxSteps >= 1)) {
    throw new RangeError(
      `Cannot ${ACTION}: maxSteps must be an integer >= 1, got ${shown(maxSteps)}`,
    );
  }
  if (!(Number.isFinite(tolerance) && tolerance > 0)) {
    throw new RangeError(
      `Cannot ${ACTION}: tolerance must be a finite number > 0, got ${shown(tolerance)}`,
    );
  }
  const y = readable(ACTION, "y", () => owned(given));
  const own = fieldsOf(ACTION, "params", params);
  readable(ACTION, "params", () => checkCall(y, own, forward, ACTION, "y"));
  // The search takes several runs, during which the caller may do as he likes with his data.
  const kept = mapTensors({ y, params: own }, ({ shape, data }) => ({
    shape: [...shape],
    data: data.slice(),
  }));
  let u: Tensor | undefined;
  let [steps, change] = [0, Infinity];
  while (sizeOf(y.shape) > 0 && steps < maxSteps && change > tolerance) {
    const count = Math.min(STEPS, maxSteps - steps);
    const search = { ...forward, count };
    const found = await runOp(ACTION, runtime, recordSteps, kept.y, kept.params, u, search);
    change = largestChange(found.u.data, found.before.data);
    u = found.u;
    steps += count;
    if (Number.isNaN(change)) break;
  }
  if (u === undefined) {
    const x = { shape: [...y.shape], data: new Float32Array(0) };
    return { x, converged: true, steps: 0, change: 0 };
  }
  const { epsilon = 0.5 } = forward;
  const x = await runOp("scale by the pool of gdn", runtime, recordInput, kept.y, u, epsilon);
  return { x, converged: change <= tolerance, steps, change };
}

/** Records some steps from a pool, or from nothing, of which the first step makes beta. */
function recordSteps(
  plan: Plan,
  y: Tensor,
  params: GdnParams | GdnVariables,
  from: Tensor | undefined,
  { count, ...options }: GdnOptions & { readonly count: number },
): { readonly u: Tensor; readonly before: Tensor } {
  const { format, size, x, params: { beta, gamma }, alpha, epsilon } = checkCall(
    y,
    params,
    options,
    ACTION,
    "y",
  )(plan);
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
function recordInput(plan: Plan, y: Tensor, u: Tensor, epsilon: number): Tensor {
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

/**
 * The vector-Jacobian product of GDN and IGDN.
 *
 * @module
 */
import { runOp } from "../call/calls.ts";
import { vjpOf } from "../call/vjp.ts";
import { blocksOf } from "../norm/reductions.ts";
import { sums } from "../norm/sums.ts";
import { field, type Plan, rows, type Value } from "../plan/plan.ts";
import { read, SymbolicTensor, type SymbolicVjp } from "../plan/symbolic.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, fieldsOf } from "../tensor/arguments.ts";
import { checkCotangent } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor, TensorLike } from "../tensor/types.ts";
import { emptyLike, zeros } from "../tensor/zeros.ts";
import { checkGdn, type GdnCall, readGdn, VJP_ACTION } from "./call.ts";
import { recordGdnOfVjp } from "./gdn.ts";
import type { GdnOptions } from "./options.ts";
import type { GdnParams, GdnVariables } from "./params.ts";

const ACTION = "pull back gdn";

/** Chunks of positions that gamma's cotangent is summed in: each is a matrix as large as gamma. */
const CHUNKS = 16;
const LEAST_CHUNK = 256;

/** The cotangents of {@linkcode gdn}, each under the name of what it belongs to. */
export interface GdnCotangents<
  P extends GdnParams | GdnVariables = GdnParams | GdnVariables,
> {
  /** Shape of `x`. */
  readonly x: Tensor;
  /** Of the parameters in the form in which they were given. */
  readonly params: P extends GdnVariables ? GdnVariables<Tensor> : GdnParams<Tensor>;
  /** Of the exponent of the inputs, shape (). */
  readonly alphaParameter: Tensor;
  /** Of the exponent of the pool, shape (). */
  readonly epsilonParameter: Tensor;
}

/** A result of {@linkcode gdn} with the way back to its arguments. */
export interface GdnVjp<P extends GdnParams | GdnVariables = GdnParams | GdnVariables> {
  /** What {@linkcode gdn} returns. */
  readonly y: Tensor;
  /** From a cotangent of `y`, of its shape, to those of the arguments. */
  readonly vjp: (dy: TensorLike) => Promise<GdnCotangents<P>>;
}

/**
 * {@linkcode gdn} and its vector-Jacobian product: `vjp(dy)` is the gradient of `sum(dy * y)` with
 * respect to every argument, which is what reverse-mode differentiation needs.
 *
 * With `s = -1`, or `+1` for the inverse, `u` as in {@linkcode gdn} and sums over all positions where
 * a parameter is shared:
 *
 * - `q[i] = s epsilon dy[i] x[i] u[i]^(s epsilon - 1)`
 * - `x[k]: dy[k] u[k]^(s epsilon) + alpha sgn(x[k]) |x[k]|^(alpha - 1) sum_i gamma[k, i] q[i]`
 * - `beta[i]: sum q[i]`, `gamma[j, i]: sum |x[j]|^alpha q[i]`
 * - `alphaParameter: sum_j |x[j]|^alpha ln|x[j]| sum_i gamma[j, i] q[i]`, with 0 where x is 0
 * - `epsilonParameter: sum s dy y ln u`, with 0 where u is 0
 *
 * At `x[k] = 0` the derivative of `|x[k]|^alpha` counts as 0, its value at the middle for alpha 1 as in
 * TensorFlow, also where it has none because alpha is below 1; so does it where `|x[k]|^alpha` exceeds
 * 3.4e38. `q[i]` of IGDN is 0 where `x[i]` is, also if u is 0 and epsilon below 1. Where x and u are 0,
 * the cotangents of GDN are NaN like y.
 *
 * Inside a {@linkcode pipeline} both ways share u.
 *
 * Stored parameters get their own cotangents: twice the stored value times that of the effective one,
 * and 0 below the bound unless a step against the gradient leads back (the rule of TensorFlow's GDN).
 *
 * @param x As for {@linkcode gdn}; a copy is kept for `vjp`.
 * @param params As for {@linkcode gdn}; a copy is kept for `vjp`.
 * @param options As for {@linkcode gdn}.
 * @returns `y` and `vjp`, which can be called any number of times.
 * @throws {TypeError} As {@linkcode gdn}; `vjp` rejects if `dy` is not a tensor of the shape of `x`.
 * @throws {RangeError} As {@linkcode gdn}.
 *
 * @example Usage
 * ```ts
 * import { gdnVjp, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const params = { beta: [1, 2], gamma: tensor([[0.1, 0.2], [0.3, 0.4]]) };
 * const { vjp } = await gdnVjp(tensor([[1, 2]]), params);
 * const { x } = await vjp(tensor([[1, 1]]));
 * assertAlmostEquals(x.data[0], 0.5767129, 1e-6);
 * ```
 */
export async function gdnVjp<
  P extends GdnParams | GdnVariables,
  R extends AnyRuntime = Runtime,
>(
  x: TensorLike,
  params: P,
  options: GdnOptions<R> = {},
): Promise<Placed<GdnVjp<P>, R>> {
  const action = "apply gdnVjp";
  checkArguments(action, arguments, 3);
  const own = fieldsOf(action, "options", options);
  const given = fieldsOf(action, "params", params);
  const vjp = vjpOf("pull back gdn", own.runtime, recordGdnVjp<P>, x, given, own);
  const y = await runOp(action, own.runtime, recordGdnOfVjp, x, given, own);
  return { y, vjp } as Placed<GdnVjp<P>, R>;
}

/** Records {@linkcode gdnVjp}. */
export function recordGdnVjp<P extends GdnParams | GdnVariables>(
  plan: Plan,
  x: AnyTensor,
  params: P,
  options: GdnOptions<AnyRuntime>,
): SymbolicVjp<GdnCotangents<P>> {
  const checked = checkGdn(x, params, options, VJP_ACTION);
  // The form of the parameters' cotangents is the one that was given.
  const answer = (cotangents: GdnCotangents) => cotangents as GdnCotangents<P>;
  if (sizeOf(x.shape) === 0) {
    return {
      y: emptyLike(x),
      vjp(dy) {
        checkCotangent(ACTION, x, dy);
        return answer(nothing(x, params));
      },
    };
  }
  const call = readGdn(plan, checked);
  const u = recordU(plan, call);
  const { epsilon, holes: { INVERSE, ROOT } } = call;
  const y = plan.each("gdnOutput", { x: call.x, u, epsilon }, { INVERSE, ROOT });
  return {
    y: new SymbolicTensor(y, [...x.shape]),
    vjp(dy) {
      checkCotangent(ACTION, x, dy);
      return answer(pullBack(plan, call, u, x, dy));
    },
  };
}

/** The pool that y is divided by, before its exponent. */
function recordU(plan: Plan, { format, size, pooled, params, holes: { POOL } }: GdnCall): Value {
  const { beta, gamma } = params;
  const args = { pool: field(pooled, size), beta, gamma: rows(gamma, size.c) };
  return plan.launch("gdnSum", format, size, args, { POOL }, { channels: size.c });
}

/**
 * Two contractions besides that of u, each of which costs what GDN does. x is read three times, u and dy
 * twice; the cotangent of u and what it brings back are written and read twice and once; that of x is
 * written once.
 */
function pullBack(
  plan: Plan,
  call: GdnCall,
  u: Value,
  x: AnyTensor,
  dy: AnyTensor,
): GdnCotangents {
  const { format, size, epsilon, alpha, rectify, holes } = call;
  const { INVERSE, POOL, ROOT } = holes;
  const { gamma } = call.params;
  const cotangent = read(plan, "dy", dy);
  const channels = { channels: size.c };
  const matrix = rows(gamma, size.c);
  const pull = plan.each("gdnPull", { x: call.x, u, dy: cotangent, epsilon }, { INVERSE, ROOT });
  const pulled = field(pull, size);
  const back = plan.launch("gdnBack", format, size, { pull: pulled, gamma: matrix }, {}, channels);
  const input = plan.each(
    "gdnInput",
    { x: call.x, u, dy: cotangent, back, alpha, epsilon },
    { INVERSE, RECTIFY: rectify, POOL, ROOT },
  );
  const alphas = plan.each("gdnAlpha", { x: call.x, back, alpha }, { POOL });
  const epsilons = plan.each(
    "gdnEpsilon",
    { x: call.x, u, dy: cotangent, epsilon },
    { INVERSE, ROOT },
  );
  const all = (value: Value) => sums(plan, value, [{ size: value.length, pooled: true }]);
  return {
    x: new SymbolicTensor(input, [...x.shape]),
    params: paramsCotangents(plan, call, channelSums(plan, call, pull), outer(plan, call, pull)),
    alphaParameter: new SymbolicTensor(all(alphas), []),
    epsilonParameter: new SymbolicTensor(all(epsilons), []),
  };
}

/** Sums over samples and positions. */
function channelSums(plan: Plan, { format, size: { n, c, s } }: GdnCall, value: Value): Value {
  const samples = { size: n, pooled: true };
  const channels = { size: c, pooled: false };
  const positions = { size: s, pooled: true };
  const parts = format === "channelsLast"
    ? [samples, positions, channels]
    : [samples, channels, positions];
  return sums(plan, value, parts);
}

/** gamma's cotangent: the sum over all positions of pool_j pull_i. */
function outer(plan: Plan, { format, size, pooled, holes }: GdnCall, pull: Value): Value {
  const { n, c, s } = size;
  const square = { c, s: c };
  // Where channels are last, samples are positions like others.
  const view = format === "channelsLast" ? { n: 1, c, s: n * s } : size;
  const wanted = Math.min(CHUNKS, Math.ceil(view.s / LEAST_CHUNK));
  const length = format === "channelsLast" ? Math.ceil(view.s / wanted) : s;
  const chunks = format === "channelsLast" ? Math.ceil(view.s / length) : n;
  const parts = plan.launch(
    "gdnOuter",
    format,
    { n: chunks, ...square },
    { pool: field(pooled, view), pull: field(pull, view) },
    { POOL: holes.POOL },
    { positions: view.s, length, ...blocksOf(length) },
  );
  if (chunks === 1) return parts;
  return sums(plan, parts, [{ size: chunks, pooled: true }, { size: c * c, pooled: false }]);
}

/** The cotangents of the parameters in the form in which they were given. */
function paramsCotangents(
  plan: Plan,
  { params: { stored }, size: { c } }: GdnCall,
  beta: Value,
  gamma: Value,
): GdnCotangents["params"] {
  const vector = (value: Value) => new SymbolicTensor(value, [c]);
  const matrix = (value: Value) => new SymbolicTensor(value, [c, c]);
  if (stored === undefined) return { beta: vector(beta), gamma: matrix(gamma) };
  const through = (stored: Value, cotangent: Value, bound: number) =>
    plan.each("effectiveVjp", { stored, cotangent, bound });
  return {
    reparamBeta: vector(through(stored.beta, beta, stored.betaBound)),
    reparamGamma: matrix(through(stored.gamma, gamma, stored.gammaBound)),
  };
}

/** The cotangents where x has no elements. */
function nothing(x: AnyTensor, params: GdnParams | GdnVariables): GdnCotangents {
  const isStored = "reparamBeta" in params;
  const vector = isStored ? params.reparamBeta : (params as GdnParams).beta;
  const c = "shape" in vector ? vector.shape[0] : vector.length;
  const beta = zeros([c]);
  const gamma = zeros([c, c]);
  return {
    x: zeros(x.shape),
    params: isStored ? { reparamBeta: beta, reparamGamma: gamma } : { beta, gamma },
    alphaParameter: zeros([]),
    epsilonParameter: zeros([]),
  };
}

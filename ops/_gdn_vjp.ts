/**
 * Records the vector-Jacobian product of GDN and IGDN.
 *
 * @module
 */
import { checkCall, type GdnCall, VJP_ACTION } from "./_gdn.ts";
import { read, SymbolicTensor } from "./_graph.ts";
import { emptyLike } from "./_group_norm.ts";
import { blocks } from "./_parts.ts";
import { field, type Plan, rows, type Value } from "./_plan.ts";
import { sizeOf } from "./_shape.ts";
import { sums } from "./_sums.ts";
import { checkCotangent, zeros } from "./_vjp.ts";
import type { GdnCotangents, GdnOptions, GdnParams, GdnVariables } from "./gdn.ts";
import type { SymbolicVjp } from "./pipeline.ts";
import type { Tensor } from "./tensor.ts";

const ACTION = "pull back gdn";

/** Chunks of positions that gamma's cotangent is summed in: each is a matrix as large as gamma. */
const CHUNKS = 16;
const LEAST_CHUNK = 256;

/** Records {@linkcode gdnVjp}. */
export function recordGdnVjp<P extends GdnParams | GdnVariables>(
  plan: Plan,
  x: Tensor,
  params: P,
  options: GdnOptions,
): SymbolicVjp<GdnCotangents<P>> {
  const readCall = checkCall(x, params, options, VJP_ACTION);
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
  const call = readCall(plan);
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

/** The pool that y is divided by, but for its exponent. */
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
  x: Tensor,
  dy: Tensor,
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
    alpha: new SymbolicTensor(all(alphas), []),
    epsilon: new SymbolicTensor(all(epsilons), []),
  };
}

/** Sums over samples and positions. */
function channelSums(plan: Plan, { format, size: { n, c, s } }: GdnCall, value: Value): Value {
  const [samples, channels, positions] = [
    { size: n, pooled: true },
    { size: c, pooled: false },
    { size: s, pooled: true },
  ];
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
    { positions: view.s, length, ...blocks(length) },
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
function nothing(x: Tensor, params: GdnParams | GdnVariables): GdnCotangents {
  const isStored = "reparamBeta" in params;
  const vector = isStored ? params.reparamBeta : (params as GdnParams).beta;
  const c = "shape" in vector ? vector.shape[0] : vector.length;
  const [beta, gamma] = [zeros([c]), zeros([c, c])];
  return {
    x: zeros(x.shape),
    params: isStored ? { reparamBeta: beta, reparamGamma: gamma } : { beta, gamma },
    alpha: zeros([]),
    epsilon: zeros([]),
  };
}

/**
 * Group, instance and layer norm as the operators of these names, where their options fit.
 *
 * @module
 */
import { checkGroupNorm } from "../group_norm/group_norm.ts";
import { checkInstanceNorm, type InstanceNormOptions } from "../group_norm/instance_norm.ts";
import { checkLayerNorm, type LayerNormOptions } from "../group_norm/layer_norm.ts";
import type { GroupNormOptions, Norm } from "../group_norm/norm.ts";
import type { NormParams } from "../norm/options.ts";
import { type Part, sizeOfParts } from "../norm/parts.ts";
import type { AnyTensor } from "../tensor/types.ts";
import { activated } from "./activation.ts";
import type { Graph, Value } from "./graph.ts";
import { binary, reshape, transpose } from "./operators.ts";
import { type AffineValues, normAsPrimitives } from "./primitives.ts";
import type { Writing } from "./writing.ts";

/** The operator set from which on GroupNormalization has a scale for every channel. */
const GROUP_NORM_SINCE = 21;

/** Group norm. */
export function writeGroupNorm(
  w: Writing,
  x: AnyTensor,
  params: NormParams = {},
  options: GroupNormOptions = {},
): Value {
  return writeGrouped(w, checkGroupNorm(x, params, options));
}

/** Instance norm. */
export function writeInstanceNorm(
  w: Writing,
  x: AnyTensor,
  params: NormParams = {},
  options: InstanceNormOptions = {},
): Value {
  return writeGrouped(w, checkInstanceNorm(x, params, options));
}

/** Layer norm. */
export function writeLayerNorm(
  w: Writing,
  x: AnyTensor,
  params: NormParams = {},
  options: LayerNormOptions = {},
): Value {
  const g = w.graph;
  const norm = checkLayerNorm(x, params, options);
  const value = w.valueOf("x", x);
  const affine = affineOf(w, norm);
  if (w.style.precise) return normAsPrimitives(w, value, norm, affine);
  const axes = options.axes?.length ?? 1;
  const inner = value.shape.slice(-axes);
  const { gamma = filled(g, 1, inner, "gamma"), beta } = affine;
  const y = g.node(
    "LayerNormalization",
    beta === undefined ? [value, gamma] : [value, gamma, beta],
    value.shape,
    { axis: BigInt(-axes), epsilon: norm.epsilon },
  );
  return activated(g, y, norm.activation);
}

function writeGrouped(w: Writing, norm: Norm): Value {
  const g = w.graph;
  const x = w.valueOf("x", norm.x);
  const affine = affineOf(w, norm);
  const { parts } = norm;
  if (!w.style.precise && !norm.meanCloseToZero) {
    if (isChannelsFirst(parts)) return channelsFirst(g, x, norm, affine);
    const before = channelsFirstOf(parts);
    if (before !== undefined) {
      // Channels are moved in front of the positions, and back in the end.
      const { rank, shape } = spread(x.shape, parts);
      const there = [0, rank - 1, ...range(1, rank - 1)];
      const back = [0, ...range(2, rank), 1];
      const moved = transpose(g, reshape(g, x, shape), there);
      const y = channelsFirst(g, moved, { ...norm, parts: before }, affine);
      return reshape(g, transpose(g, y, back), x.shape);
    }
    // Elsewhere moving costs less than it saves only if elements of a set are neighbours already.
    if (parts.findLast(({ size }) => size > 1)?.pooled) return setsLast(g, x, norm, affine);
  }
  return normAsPrimitives(w, x, norm, affine);
}

/** Samples, groups, the channels of a group, and positions, which may be missing. */
function isChannelsFirst(parts: readonly Part[]): boolean {
  const [samples, group, member, positions] = parts;
  return samples !== undefined && !samples.pooled && samples.channel === undefined &&
    group?.channel === "group" && member?.channel === "member" &&
    (positions?.pooled ?? true) && parts.length <= 4;
}

/** Samples, positions, groups and their channels, as parts with the positions last. */
function channelsFirstOf(parts: readonly Part[]): Part[] | undefined {
  if (parts.length !== 4) return undefined;
  const [samples, positions, group, member] = parts;
  const moved = [samples, group, member, positions];
  return isChannelsFirst(moved) ? moved : undefined;
}

/** A shape with samples in front and channels behind, with as many axes in between as there were. */
function spread(
  shape: readonly number[],
  [samples, positions, group, member]: readonly Part[],
): { readonly rank: number; readonly shape: readonly number[] } {
  const channels = group.size * member.size;
  const fits = shape[0] === samples.size && shape[shape.length - 1] === channels;
  const own = fits ? shape : [samples.size, positions.size, channels];
  return { rank: own.length, shape: own };
}

/** Channels come second: InstanceNormalization or GroupNormalization. */
function channelsFirst(g: Graph, x: Value, norm: Norm, { gamma, beta }: AffineValues): Value {
  const [samples, group, member] = norm.parts;
  const channels = group.size * member.size;
  const { epsilon } = norm;
  const positions = norm.parts[3]?.size ?? 1;
  const fits = x.shape[0] === samples.size && x.shape[1] === channels && x.shape.length > 2;
  const view = reshape(g, x, fits ? x.shape : [samples.size, channels, positions]);
  const scale = gamma ?? filled(g, 1, [channels], "gamma");
  const offset = beta ?? filled(g, 0, [channels], "beta");
  let y: Value;
  if (member.size === 1) {
    y = g.node("InstanceNormalization", [view, scale, offset], view.shape, { epsilon });
  } else if (g.opset >= GROUP_NORM_SINCE) {
    const attributes = { epsilon, num_groups: BigInt(group.size) };
    y = g.node("GroupNormalization", [view, scale, offset], view.shape, attributes);
  } else {
    const groups = reshape(g, view, [samples.size, group.size, member.size * positions]);
    const even = reshape(g, evenSets(g, groups, epsilon, NEITHER), view.shape);
    const along = [channels, ...view.shape.slice(2).map(() => 1)];
    y = applied(g, even, {
      gamma: gamma && reshape(g, gamma, along),
      beta: beta && reshape(g, beta, along),
    });
  }
  return reshape(g, activated(g, y, norm.activation), x.shape);
}

/** Sets of any axes, moved behind all others: InstanceNormalization. */
function setsLast(g: Graph, x: Value, norm: Norm, affine: AffineValues): Value {
  const { parts } = norm;
  const places = range(0, parts.length);
  const there = [
    ...places.filter((i) => !parts[i].pooled),
    ...places.filter((i) => parts[i].pooled),
  ];
  const sets = sizeOfParts(parts.filter(({ pooled }) => !pooled));
  const samples = parts[0].pooled ? 1 : parts[0].size;
  const split = reshape(g, x, parts.map(({ size }) => size));
  const moved = transpose(g, split, there);
  const flat = reshape(g, moved, [samples, sets / samples, sizeOfParts(parts) / sets]);
  // A set that is a channel has one gamma and one beta, which the operator takes.
  const areChannels = parts.every(({ pooled, channel, size }, i) =>
    channel === "member" ? size === 1 : pooled || channel === "group" || i === 0
  );
  const even = evenSets(g, flat, norm.epsilon, areChannels ? affine : NEITHER);
  const back = places.map((place) => there.indexOf(place));
  const y = transpose(g, reshape(g, even, moved.shape), back);
  const along = parts.map(({ channel, size }) => channel === undefined ? 1 : size);
  const over = (vector: Value | undefined) => vector && reshape(g, vector, along);
  const z = areChannels ? y : applied(g, y, { gamma: over(affine.gamma), beta: over(affine.beta) });
  return reshape(g, activated(g, z, norm.activation), x.shape);
}

const NEITHER: AffineValues = { gamma: undefined, beta: undefined };

/** Every set on the last axis less its mean, over its deviation, with what is applied to axis 1. */
function evenSets(g: Graph, x: Value, epsilon: number, { gamma, beta }: AffineValues): Value {
  const [, sets] = x.shape;
  const scale = gamma ?? filled(g, 1, [sets], "ones");
  const offset = beta ?? filled(g, 0, [sets], "zeros");
  return g.node("InstanceNormalization", [x, scale, offset], x.shape, { epsilon });
}

/** What is left to do where an operator has not done it. */
function applied(g: Graph, x: Value, { gamma, beta }: AffineValues): Value {
  const y = gamma === undefined ? x : binary(g, "Mul", x, gamma);
  return beta === undefined ? y : binary(g, "Add", y, beta);
}

function affineOf(w: Writing, { params: { gamma, beta } }: Norm): AffineValues {
  return {
    gamma: gamma && w.valueOf("gamma", gamma),
    beta: beta && w.valueOf("beta", beta),
  };
}

/** A constant that is one number everywhere. */
export function filled(
  g: Graph,
  number: number,
  shape: readonly number[],
  label: string,
): Value {
  const length = shape.reduce((product, extent) => product * extent, 1);
  return g.constant(new Float32Array(length).fill(number), shape, label);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

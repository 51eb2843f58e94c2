/**
 * Records group norm, and instance and layer norm as cases of it.
 *
 * @module
 */
import { type AffineParams, affineParams } from "./_affine.ts";
import { checkActivation, checkEpsilon, checkFlag, checkKeys } from "./_checks.ts";
import { checkTensor, read, SymbolicTensor } from "./_graph.ts";
import type { GroupNormOptions, InstanceNormOptions, LayerNormOptions } from "./group_norm.ts";
import { resolveAxes, resolveAxis, viewOf } from "./_layout.ts";
import { type Affine, normalizeParts } from "./_normalize.ts";
import type { Part } from "./_parts.ts";
import type { Plan, Value } from "./_plan.ts";
import { formatShape, sizeOf } from "./_shape.ts";
import { shown } from "./_shown.ts";
import { type Statistics, statistics } from "./_statistics.ts";
import type { Activation } from "./activations.ts";
import type { Tensor } from "./tensor.ts";

const COMMON = ["center", "scale", "epsilon", "activation", "runtime"];

/** A norm over a tensor whose arguments have been checked. */
export interface Norm {
  readonly x: Tensor;
  readonly params: AffineParams;
  /** The parts of x; a set lies over the pooled ones. */
  readonly parts: readonly Part[];
  readonly epsilon: number;
  readonly activation: Activation;
  readonly meanCloseToZero: boolean;
}

/** A norm whose arguments have been read into a plan. */
export interface NormValues {
  readonly value: Value;
  readonly parts: readonly Part[];
  readonly moments: Statistics;
  readonly affine: Affine;
}

/** Records {@linkcode groupNorm}: x is read for the moments and for y, which is written once. */
export function recordGroupNorm(
  plan: Plan,
  x: Tensor,
  params: AffineParams,
  options: GroupNormOptions,
): Tensor {
  return recordNorm(plan, checkGroupNorm(x, params, options));
}

/** Records {@linkcode instanceNorm}, with the passes of group norm. */
export function recordInstanceNorm(
  plan: Plan,
  x: Tensor,
  params: AffineParams,
  options: InstanceNormOptions,
): Tensor {
  return recordNorm(plan, checkInstanceNorm(x, params, options));
}

/** Records {@linkcode layerNorm}, with the passes of group norm. */
export function recordLayerNorm(
  plan: Plan,
  x: Tensor,
  params: AffineParams,
  options: LayerNormOptions,
): Tensor {
  return recordNorm(plan, checkLayerNorm(x, params, options));
}

/** Checks the arguments of {@linkcode groupNorm}. */
export function checkGroupNorm(x: Tensor, params: AffineParams, options: GroupNormOptions): Norm {
  const action = "apply groupNorm";
  const known = ["groups", "channelsAxis", "dataFormat", "reductionAxes", "meanCloseToZero"];
  const own = checkKeys(action, "options", options, [...known, ...COMMON]);
  return grouped(action, x, params, { groups: 32, epsilon: 1e-6, ...own });
}

/** Checks the arguments of {@linkcode instanceNorm}. */
export function checkInstanceNorm(
  x: Tensor,
  params: AffineParams,
  options: InstanceNormOptions,
): Norm {
  const action = "apply instanceNorm";
  const own = checkKeys(action, "options", options, ["dataFormat", ...COMMON]);
  const dataFormat = own.dataFormat ?? "NHWC";
  return grouped(action, x, params, { epsilon: 1e-6, ...own, dataFormat, groups: -1 });
}

/** Checks the arguments of {@linkcode layerNorm}. */
export function checkLayerNorm(x: Tensor, params: AffineParams, options: LayerNormOptions): Norm {
  const action = "apply layerNorm";
  const own = checkKeys(action, "options", options, ["axes", ...COMMON]);
  const { axes = [-1], epsilon = 1e-5, activation = "none" } = own;
  checkEpsilon(action, epsilon);
  checkActivation(action, activation);
  checkTensor(action, "x", x);
  const rank = x.shape.length;
  if (rank === 0) throw new TypeError(`Cannot ${action}: x must have rank >= 1, got shape ()`);
  const resolved = resolveAxes(action, "axes", axes, rank);
  if (resolved.length === 0 || resolved.some((axis, i) => axis !== rank - resolved.length + i)) {
    throw new TypeError(
      `Cannot ${action}: axes must be the last axes of x, got [${resolved.join(", ")}] for shape ${
        formatShape(x.shape)
      }`,
    );
  }
  const inner = x.shape.slice(resolved[0]);
  const parts: Part[] = [
    { size: sizeOf(x.shape.slice(0, resolved[0])), pooled: false },
    { size: 1, pooled: false, channel: "group" },
    { size: sizeOf(inner), pooled: true, channel: "member" },
  ];
  const affine = affineParams(action, params, own, inner);
  return { x, params: affine, parts, epsilon, activation, meanCloseToZero: false };
}

/** Checks the arguments that group and instance norm share. */
function grouped(
  action: string,
  x: Tensor,
  params: AffineParams,
  options: GroupNormOptions & { readonly groups: number; readonly epsilon: number },
): Norm {
  const { groups, epsilon, activation = "none", meanCloseToZero = false } = options;
  checkEpsilon(action, epsilon);
  checkActivation(action, activation);
  checkFlag(action, "meanCloseToZero", meanCloseToZero);
  checkTensor(action, "x", x);
  const channelsAxis = channelsAxisOf(action, x, options);
  const parts = groupParts(action, x, channelsAxis, groups, options.reductionAxes);
  const affine = affineParams(action, params, options, [x.shape[channelsAxis]]);
  return { x, params: affine, parts: mergeParts(parts), epsilon, activation, meanCloseToZero };
}

/** Records a norm whose arguments have been checked. */
function recordNorm(plan: Plan, norm: Norm): Tensor {
  if (sizeOf(norm.x.shape) === 0) return emptyLike(norm.x);
  return normalized(plan, norm, readNorm(plan, norm));
}

/** Reads the arguments of a norm into a plan, and plans its statistics. */
export function readNorm(
  plan: Plan,
  { x, params: { beta, gamma }, parts, epsilon, activation, meanCloseToZero }: Norm,
): NormValues {
  const value = read(plan, "x", x);
  return {
    value,
    parts,
    moments: statistics(plan, value, parts, { meanCloseToZero }),
    affine: {
      beta: beta && read(plan, "beta", beta),
      gamma: gamma && read(plan, "gamma", gamma),
      epsilon,
      activation,
    },
  };
}

/** Plans the result of a norm that has been read. */
export function normalized(
  plan: Plan,
  { x }: Norm,
  { value, parts, moments, affine }: NormValues,
): Tensor {
  return new SymbolicTensor(normalizeParts(plan, value, parts, moments, affine), [...x.shape]);
}

function channelsAxisOf(action: string, x: Tensor, options: GroupNormOptions): number {
  const { channelsAxis, dataFormat } = options;
  if (dataFormat !== undefined && channelsAxis !== undefined) {
    throw new TypeError(
      `Cannot ${action}: channelsAxis must not be given with dataFormat, got ${
        shown(channelsAxis)
      } and ${shown(dataFormat)}`,
    );
  }
  if (dataFormat !== undefined) return viewOf(action, x, dataFormat).channelsAxis;
  const rank = x.shape.length;
  if (!(rank >= 2)) {
    throw new TypeError(
      `Cannot ${action}: x must have rank >= 2, got shape ${formatShape(x.shape)}`,
    );
  }
  const axis = resolveAxis(action, "channelsAxis", channelsAxis ?? -1, rank);
  if (axis === 0) {
    throw new RangeError(
      `Cannot ${action}: channelsAxis must not be the batch axis, got ${channelsAxis}`,
    );
  }
  return axis;
}

/**
 * The parts of a tensor whose sets are groups of channels: the channels of a group are pooled, and
 * of the other axes those named, by default all but the batch axis.
 */
export function groupParts(
  action: string,
  x: Tensor,
  channelsAxis: number,
  groups: number,
  reductionAxes: readonly number[] | undefined,
): Part[] {
  const channels = x.shape[channelsAxis];
  const count = groups === -1 ? channels : groups;
  if (!(Number.isInteger(groups) && (groups === -1 || groups >= 1))) {
    throw new RangeError(
      `Cannot ${action}: groups must be an integer >= 1 or -1, got ${shown(groups)}`,
    );
  }
  if (count > channels || (count > 0 && channels % count !== 0)) {
    throw new RangeError(
      `Cannot ${action}: groups must divide the ${channels} channels of x, got ${groups}`,
    );
  }
  const pooled = reductionAxes === undefined
    ? x.shape.map((_, axis) => axis).filter((axis) => axis !== 0 && axis !== channelsAxis)
    : resolveAxes(action, "reductionAxes", reductionAxes, x.shape.length);
  if (pooled.includes(channelsAxis)) {
    throw new TypeError(
      `Cannot ${action}: reductionAxes must not hold the channels axis ${channelsAxis}, got [${
        reductionAxes!.join(", ")
      }]`,
    );
  }
  return x.shape.flatMap((size, axis): Part[] =>
    axis === channelsAxis
      ? [
        { size: count, pooled: false, channel: "group" },
        { size: channels / count, pooled: true, channel: "member" },
      ]
      : [{ size, pooled: pooled.includes(axis) }]
  );
}

/** Joins neighbours of one kind: they are one axis to every kernel. */
function mergeParts(parts: readonly Part[]): Part[] {
  const merged: Part[] = [];
  for (const part of parts) {
    const previous = merged.at(-1);
    if (
      previous !== undefined && previous.pooled === part.pooled &&
      previous.channel === undefined && part.channel === undefined
    ) merged[merged.length - 1] = { ...part, size: previous.size * part.size };
    else merged.push(part);
  }
  return merged;
}

/** The result of any norm of nothing. */
export function emptyLike(x: Tensor): Tensor {
  return { shape: [...x.shape], data: new Float32Array(0) };
}

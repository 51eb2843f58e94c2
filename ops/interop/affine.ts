/**
 * What the conversions of group, layer and instance norm have in common.
 *
 * @module
 */
import type { InstanceNormOptions } from "../group_norm/instance_norm.ts";
import type { LayerNormOptions } from "../group_norm/layer_norm.ts";
import type { GroupNormOptions } from "../group_norm/norm.ts";
import type { DataFormat } from "../plan/view.ts";
import { checkNames, readable } from "../tensor/arguments.ts";
import { tensorFrom, vectorFrom } from "../tensor/checks.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/types.ts";
import { checkGiven } from "./weights.ts";

/** Group, layer or instance norm of another framework, as the arguments of the op behind `x`. */
export interface ImportedNorm<O> {
  /** What was trained; new tensors. */
  readonly params: { readonly beta?: Tensor; readonly gamma?: Tensor };
  /** What the framework's conventions come to. */
  readonly options: O;
}

/** Group norm of another framework, as the arguments of `groupNorm` behind `x`. */
export type ImportedGroupNorm = ImportedNorm<
  GroupNormOptions & { readonly groups: number; readonly epsilon: number }
>;

/** Instance norm of another framework, as the arguments of `instanceNorm` behind `x`. */
export type ImportedInstanceNorm = ImportedNorm<
  InstanceNormOptions & { readonly epsilon: number; readonly dataFormat: DataFormat }
>;

/** Layer norm of another framework, as the arguments of `layerNorm` behind `x`. */
export type ImportedLayerNorm = ImportedNorm<
  LayerNormOptions & { readonly axes: readonly number[]; readonly epsilon: number }
>;

/** What a parameter is called, and the flag that says whether it is there. */
export interface Parameter {
  readonly name: string;
  readonly flag: string;
  readonly wanted: boolean;
}

/** Parameters, and the shape that both have; `undefined` where there is neither. */
export interface Affine {
  readonly params: ImportedNorm<unknown>["params"];
  readonly shape: readonly number[] | undefined;
}

/**
 * Gamma and beta out of a record of foreign names, both of one shape.
 *
 * @param shape What they must have; by default that of the first one given.
 * @throws {TypeError} If a name is unknown, a parameter is there against its flag, or has another
 * shape.
 */
export function affineFrom(
  action: string,
  weights: object,
  { gamma, beta }: { readonly gamma: Parameter; readonly beta: Parameter },
  shape?: readonly number[],
): Affine {
  const record = weights as Readonly<Record<string, unknown>>;
  const own = checkNames(action, "weights", record, [gamma.name, beta.name]);
  let common = shape;
  const read = ({ name, flag, wanted }: Parameter): Tensor | undefined => {
    checkGiven(action, name, own[name], flag, wanted);
    if (!wanted) return undefined;
    common ??= shapeOf(action, name, own[name]);
    return vectorFrom(action, name, own[name], common);
  };
  const scale = read(gamma);
  const offset = read(beta);
  return {
    params: {
      ...(offset !== undefined && { beta: offset }),
      ...(scale !== undefined && { gamma: scale }),
    },
    shape: common,
  };
}

/**
 * As {@linkcode affineFrom}, for parameters of one number per channel.
 *
 * @param channelsName What the number of channels is called, if it was told.
 * @param channels That number.
 * @throws {RangeError} If `channels` is no number of channels.
 */
export function affineOfChannels(
  action: string,
  weights: object,
  parameters: { readonly gamma: Parameter; readonly beta: Parameter },
  channelsName?: string,
  channels?: number,
): Affine {
  if (channelsName !== undefined && channels !== undefined) {
    checkNumber(action, channelsName, channels, "count");
  }
  const affine = affineFrom(
    action,
    weights,
    parameters,
    channels === undefined ? undefined : [channels],
  );
  if (affine.shape !== undefined) {
    const { name } = parameters.gamma.wanted ? parameters.gamma : parameters.beta;
    checkRank(action, name, affine.shape, 1);
  }
  return affine;
}

/**
 * Checks that a parameter has as many axes as it must.
 *
 * @throws {TypeError} If it has not.
 */
export function checkRank(
  action: string,
  name: string,
  shape: readonly number[],
  rank: number,
): void {
  if (shape.length === rank) return;
  throw new TypeError(
    `Cannot ${action}: ${name} must have rank ${rank}, got shape ${formatShape(shape)}`,
  );
}

/**
 * Checks that groups divide the channels, where these are known.
 *
 * @throws {RangeError} If they do not.
 */
export function checkGroups(
  action: string,
  name: string,
  groups: number,
  shape: readonly number[] | undefined,
): void {
  if (shape === undefined || shape[0] % groups === 0) return;
  throw new RangeError(
    `Cannot ${action}: ${name} must divide the ${shape[0]} channels, got ${groups}`,
  );
}

/** The shape of a tensor, or of a list of numbers. */
function shapeOf(action: string, name: string, vector: unknown): readonly number[] {
  const length = readable(action, name, () => {
    const isList = Array.isArray(vector) || ArrayBuffer.isView(vector);
    return isList ? (vector as ArrayLike<number>).length : undefined;
  });
  const shape = length === undefined ? tensorFrom(action, name, vector).shape : [length];
  if (sizeOf(shape) > 0) return shape;
  throw new TypeError(`Cannot ${action}: ${name} must hold one number or more, got none`);
}

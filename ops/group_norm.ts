/**
 * Group norm, and instance and layer norm as cases of it.
 *
 * @module
 */
import { recordGroupNorm, recordInstanceNorm, recordLayerNorm } from "./_group_norm.ts";
import {
  recordGroupNormVjp,
  recordInstanceNormVjp,
  recordLayerNormVjp,
} from "./_group_norm_vjp.ts";
import { checkArguments, fieldsOf } from "./_checks.ts";
import { checkChannels, checkExtents, initializedParams, initOptions } from "./_init.ts";
import type { DataFormat } from "./_layout.ts";
import { runOp } from "./_calls.ts";
import { vjpOf } from "./_vjp.ts";
import type { Activation } from "./activations.ts";
import type { Initializer } from "./initializers.ts";
import type { Runtime } from "./runtime.ts";
import type { Tensor, TensorLike, Vector } from "./tensor.ts";

export type { Activation, DataFormat };

/** Scale and shift of a norm, one number per channel (layer norm: per normalised element). */
export interface NormParams {
  /** What is added in the end; 0 when absent. */
  readonly beta?: Vector;
  /** What the normalised value is multiplied by; 1 when absent. */
  readonly gamma?: Vector;
}

/** Options that group, instance and layer norm share. */
export interface NormOptions {
  /** `true` demands `beta`, `false` ignores it; by default it is used when given. */
  readonly center?: boolean;
  /** `true` demands `gamma`, `false` ignores it; by default it is used when given. */
  readonly scale?: boolean;
  /** Added to the variance, in units of `x` squared; finite and `>= 0`. */
  readonly epsilon?: number;
  /** Applied to the result in the same kernel. @default {"none"} */
  readonly activation?: Activation;
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: Runtime;
}

/** Options for {@linkcode groupNorm}; `epsilon` is 1e-6 by default. */
export interface GroupNormOptions extends NormOptions {
  /** How many groups the channels form; must divide them. -1: one per channel. @default {32} */
  readonly groups?: number;
  /** The axis of the channels, negative from the end; not the batch axis 0. @default {-1} */
  readonly channelsAxis?: number;
  /** Where the channels are, by name; instead of `channelsAxis`. */
  readonly dataFormat?: DataFormat;
  /** Axes pooled besides the channels of a group. @default {all but axis 0 and the channels} */
  readonly reductionAxes?: readonly number[];
  /** Take the variance as mean of squares less square of the mean; cancels far from zero. @default {false} */
  readonly meanCloseToZero?: boolean;
}

/** Options for {@linkcode instanceNorm}; `epsilon` is 1e-6 by default. */
export interface InstanceNormOptions extends NormOptions {
  /** Where the channels are. @default {"NHWC"} */
  readonly dataFormat?: DataFormat;
}

/** Options for {@linkcode layerNorm}; `epsilon` is 1e-5 by default. */
export interface LayerNormOptions extends NormOptions {
  /** The last axes of `x`, as many as are normalised together. @default {[-1]} */
  readonly axes?: readonly number[];
}

/**
 * Normalises groups of channels of every sample.
 *
 * `y = (x - mean) / sqrt(variance + epsilon) * gamma + beta`, with the biased variance; mean and
 * variance are taken over the channels of one group and the axes `reductionAxes`, of which the
 * default is every axis but the batch and the channels. Explicit axes are literal: naming axis 0
 * pools the batch. A set of one element has variance 0 and gives `beta`.
 *
 * Source: Wu and He, "Group Normalization", 2018, eq. 1 to 4; arguments and defaults as in
 * tf.contrib.layers.group_norm, whose default axes on rank 3 would pool the batch.
 *
 * @param x Input, rank 2 or more, `channels` on the channels axis. Not modified.
 * @param params `beta` and `gamma`, shape `(channels,)` each. Not modified.
 * @param options Groups, axes, stabiliser, activation and runtime.
 * @returns A new tensor with the shape of `x`.
 * @throws {TypeError} If a shape, a length, an axis list or a combination is wrong.
 * @throws {RangeError} If `groups` does not divide the channels, an axis is out of range, or
 * `epsilon` is negative.
 *
 * @example Usage
 * ```ts
 * import { groupNorm, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = tensor(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]), [1, 1, 2, 4]);
 * const y = await groupNorm(x, {}, { groups: 2 });
 * assertAlmostEquals(y.data[0], -1.21267798, 1e-6);
 * ```
 */
export async function groupNorm(
  x: TensorLike,
  params: NormParams = {},
  options: GroupNormOptions = {},
): Promise<Tensor> {
  const action = "apply groupNorm";
  checkArguments(action, arguments, 3);
  const own = fieldsOf(action, "options", options);
  const given = fieldsOf(action, "params", params);
  return await runOp(action, own.runtime, recordGroupNorm, x, given, own);
}

/**
 * Normalises every channel of every sample over its positions: group norm with as many groups as
 * channels.
 *
 * `y = (x - mean) / sqrt(variance + epsilon) * gamma + beta`, with the biased variance over the
 * spatial axes of one sample and channel. On rank 2 there are none, so `y = beta`.
 *
 * Source: Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016, eq. 2; defaults as in
 * tf.contrib.layers.instance_norm.
 *
 * @param x Input, rank 2 to 5. Not modified.
 * @param params `beta` and `gamma`, shape `(channels,)` each. Not modified.
 * @param options Data format, stabiliser, activation and runtime.
 * @returns A new tensor with the shape of `x`.
 * @throws {TypeError} If a shape, a length or the data format is wrong.
 * @throws {RangeError} If `epsilon` is negative.
 *
 * @example Usage
 * ```ts
 * import { instanceNorm, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = tensor([[[1, 10], [3, 30]]]); // (samples, positions, channels)
 * const y = await instanceNorm(x);
 * assertAlmostEquals(y.data[3], 1, 1e-5);
 * ```
 */
export async function instanceNorm(
  x: TensorLike,
  params: NormParams = {},
  options: InstanceNormOptions = {},
): Promise<Tensor> {
  const action = "apply instanceNorm";
  checkArguments(action, arguments, 3);
  const own = fieldsOf(action, "options", options);
  const given = fieldsOf(action, "params", params);
  return await runOp(action, own.runtime, recordInstanceNorm, x, given, own);
}

/**
 * Normalises the last axes of a tensor, with parameters for each of their elements.
 *
 * `y = (x - mean) / sqrt(variance + epsilon) * gamma + beta`, with the biased variance over `axes`.
 * This is the meaning of PyTorch and ONNX; for parameters per channel over space use
 * {@linkcode groupNorm} with `groups: 1`.
 *
 * Source: Ba, Kiros and Hinton, "Layer Normalization", 2016, eq. 4.
 *
 * @param x Input, rank 1 or more. Not modified.
 * @param params `beta` and `gamma`, each with the shape of the normalised axes. Not modified.
 * @param options Axes, stabiliser, activation and runtime.
 * @returns A new tensor with the shape of `x`.
 * @throws {TypeError} If the axes are not the last ones, or a parameter has another shape.
 * @throws {RangeError} If an axis is out of range or `epsilon` is negative.
 *
 * @example Usage
 * ```ts
 * import { layerNorm, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const y = await layerNorm(tensor([[1, 2, 3]]), { gamma: [1, 1, 2], beta: [0, 0, 5] });
 * assertAlmostEquals(y.data[2], 2 * Math.sqrt(1.5) + 5, 1e-4);
 * ```
 */
export async function layerNorm(
  x: TensorLike,
  params: NormParams = {},
  options: LayerNormOptions = {},
): Promise<Tensor> {
  const action = "apply layerNorm";
  checkArguments(action, arguments, 3);
  const own = fieldsOf(action, "options", options);
  const given = fieldsOf(action, "params", params);
  return await runOp(action, own.runtime, recordLayerNorm, x, given, own);
}

/** The cotangents of a norm's arguments, each under the name of what it belongs to. */
export interface NormCotangents {
  /** Shape of `x`. */
  readonly x: Tensor;
  /** Of those parameters that are applied. */
  readonly params: { readonly beta?: Tensor; readonly gamma?: Tensor };
}

/** A result of a norm with the way back to its arguments. */
export interface NormVjp {
  /** What the norm answers. */
  readonly y: Tensor;
  /** From a cotangent of `y`, of its shape, to those of the arguments. */
  readonly vjp: (dy: TensorLike) => Promise<NormCotangents>;
}

/**
 * {@linkcode groupNorm} and its vector-Jacobian product: `vjp(dy)` is the gradient of `sum(dy * y)` with
 * respect to every argument.
 *
 * With `s = 1 / sqrt(variance + epsilon)`, `x-hat = (x - mean) s`, `g = dy f'(y before f)` for an
 * activation f, `h = g gamma`, and means over each statistics set:
 *
 * - `x: s (h - mean(h) - x-hat mean(h x-hat))`, which has no part along 1 and, but for epsilon, none
 *   along x-hat
 * - `beta: sum g` and `gamma: sum g x-hat`, over all that share the parameter
 *
 * At a kink an activation has the slope on its left. Intermediates are computed anew from the copies;
 * inside a {@linkcode pipeline} both ways share the moments.
 *
 * Source: Wu and He, "Group Normalization", 2018, eq. 1 to 4, differentiated.
 *
 * @param x As for {@linkcode groupNorm}; a copy is kept for `vjp`.
 * @param params As for {@linkcode groupNorm}; a copy is kept for `vjp`.
 * @param options As for {@linkcode groupNorm}.
 * @returns `y` and `vjp`, which can be called any number of times.
 * @throws {TypeError} As {@linkcode groupNorm}; `vjp` rejects if `dy` is not a tensor of the shape of `x`.
 * @throws {RangeError} As {@linkcode groupNorm}.
 *
 * @example Usage
 * ```ts
 * import { groupNormVjp, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = tensor([[1, 2, 4]]);
 * const { vjp } = await groupNormVjp(x, { gamma: [1, 1, 1] }, { groups: 1 });
 * const { x: dx, params } = await vjp(tensor([[1, 0, 0]]));
 * assertAlmostEquals(dx.data[0] + dx.data[1] + dx.data[2], 0, 1e-6);
 * assertAlmostEquals(params.gamma!.data[0], -1.0690447, 1e-5);
 * ```
 */
export async function groupNormVjp(
  x: TensorLike,
  params: NormParams = {},
  options: GroupNormOptions = {},
): Promise<NormVjp> {
  const action = "apply groupNorm";
  checkArguments(action, arguments, 3);
  const own = fieldsOf(action, "options", options);
  const given = fieldsOf(action, "params", params);
  const vjp = vjpOf("pull back groupNorm", own.runtime, recordGroupNormVjp, x, given, own);
  return { y: await groupNorm(x, given, own), vjp };
}

/**
 * {@linkcode instanceNorm} and its vector-Jacobian product, with the cotangents of
 * {@linkcode groupNormVjp}; a statistics set is the positions of one sample and channel.
 *
 * Source: Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016, eq. 2, differentiated.
 *
 * @param x As for {@linkcode instanceNorm}; a copy is kept for `vjp`.
 * @param params As for {@linkcode instanceNorm}; a copy is kept for `vjp`.
 * @param options As for {@linkcode instanceNorm}.
 * @returns `y` and `vjp`, which can be called any number of times.
 * @throws {TypeError} As {@linkcode instanceNorm}; `vjp` rejects if `dy` is not a tensor of the shape of `x`.
 * @throws {RangeError} As {@linkcode instanceNorm}.
 *
 * @example Usage
 * ```ts
 * import { instanceNormVjp, tensor } from "@kernorm/kernorm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = tensor([[[1], [2], [4]]]); // (samples, positions, channels)
 * const { vjp } = await instanceNormVjp(x);
 * const { x: dx } = await vjp(tensor([[[1], [0], [0]]]));
 * assertAlmostEquals(dx.data[0] + dx.data[1] + dx.data[2], 0, 1e-6);
 * ```
 */
export async function instanceNormVjp(
  x: TensorLike,
  params: NormParams = {},
  options: InstanceNormOptions = {},
): Promise<NormVjp> {
  const action = "apply instanceNorm";
  checkArguments(action, arguments, 3);
  const own = fieldsOf(action, "options", options);
  const given = fieldsOf(action, "params", params);
  const vjp = vjpOf("pull back instanceNorm", own.runtime, recordInstanceNormVjp, x, given, own);
  return { y: await instanceNorm(x, given, own), vjp };
}

/**
 * {@linkcode layerNorm} and its vector-Jacobian product, with the cotangents of
 * {@linkcode groupNormVjp}; a statistics set is what is normalised together, and `beta` and `gamma` are
 * shared by all sets.
 *
 * Source: Ba, Kiros and Hinton, "Layer Normalization", 2016, eq. 4, differentiated.
 *
 * @param x As for {@linkcode layerNorm}; a copy is kept for `vjp`.
 * @param params As for {@linkcode layerNorm}; a copy is kept for `vjp`.
 * @param options As for {@linkcode layerNorm}.
 * @returns `y` and `vjp`, which can be called any number of times.
 * @throws {TypeError} As {@linkcode layerNorm}; `vjp` rejects if `dy` is not a tensor of the shape of `x`.
 * @throws {RangeError} As {@linkcode layerNorm}.
 *
 * @example Usage
 * ```ts
 * import { layerNormVjp, tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const { vjp } = await layerNormVjp(tensor([[1, 2, 3], [4, 5, 9]]), { beta: [0, 0, 0] });
 * const { params } = await vjp(tensor([[1, 2, 3], [10, 20, 30]]));
 * assertEquals(params.beta?.data, new Float32Array([11, 22, 33]));
 * ```
 */
export async function layerNormVjp(
  x: TensorLike,
  params: NormParams = {},
  options: LayerNormOptions = {},
): Promise<NormVjp> {
  const action = "apply layerNorm";
  checkArguments(action, arguments, 3);
  const own = fieldsOf(action, "options", options);
  const given = fieldsOf(action, "params", params);
  const vjp = vjpOf("pull back layerNorm", own.runtime, recordLayerNormVjp, x, given, own);
  return { y: await layerNorm(x, given, own), vjp };
}

/** Options for {@linkcode initGroupNorm} and {@linkcode initLayerNorm}. */
export interface InitNormOptions {
  /** Make `beta`. @default {true} */
  readonly center?: boolean;
  /** Make `gamma`. @default {true} */
  readonly scale?: boolean;
  /** How the parameters start. @default {{ beta: zeros(), gamma: ones() }} */
  readonly initializers?: { readonly beta?: Initializer; readonly gamma?: Initializer };
}

/**
 * The references' initial parameters of group and instance norm: beta 0 and gamma 1.
 *
 * @param channels How many channels; an integer from 1.
 * @param options Which parameters, and how they start.
 * @returns New parameters.
 * @throws {TypeError} If an option is unknown or an initializer returns another shape.
 * @throws {RangeError} If `channels` is not an integer from 1.
 *
 * @example Usage
 * ```ts
 * import { initGroupNorm } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(initGroupNorm(2, { scale: false }), {
 *   beta: { shape: [2], data: new Float32Array(2) },
 * });
 * ```
 */
export function initGroupNorm(
  channels: number,
  options: InitNormOptions = {},
): { beta?: Tensor; gamma?: Tensor } {
  const action = "initialize groupNorm";
  checkArguments(action, arguments, 2);
  checkChannels(action, channels);
  return initParams(action, [channels], options);
}

/**
 * The initial parameters of layer norm: beta 0 and gamma 1, one for each normalised element.
 *
 * @param shape Shape of the normalised axes, or their number of elements if it is one axis.
 * @param options Which parameters, and how they start.
 * @returns New parameters.
 * @throws {TypeError} If an option is unknown or an initializer returns another shape.
 * @throws {RangeError} If an extent is not an integer from 1.
 *
 * @example Usage
 * ```ts
 * import { initLayerNorm } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(initLayerNorm([2, 3]).gamma?.shape, [2, 3]);
 * ```
 */
export function initLayerNorm(
  shape: number | readonly number[],
  options: InitNormOptions = {},
): { beta?: Tensor; gamma?: Tensor } {
  const action = "initialize layerNorm";
  checkArguments(action, arguments, 2);
  const extents = checkExtents(action, "shape", typeof shape === "number" ? [shape] : shape);
  return initParams(action, extents, options);
}

function initParams(
  action: string,
  shape: readonly number[],
  options: InitNormOptions,
): { beta?: Tensor; gamma?: Tensor } {
  const own = initOptions(action, options, ["center", "scale"], ["beta", "gamma"]);
  const { center = true, scale = true, initializers = {} } = own;
  return initializedParams(action, shape, { center, scale, initializers });
}

/**
 * The vector-Jacobian products of group, instance and layer norm.
 *
 * @module
 */
import { vjpOf } from "../call/vjp.ts";
import { beforeActivation } from "../norm/activation.ts";
import { normalizeParts } from "../norm/normalize.ts";
import type {
  AppliedFlags,
  NormCotangents,
  NormOptions,
  NormParams,
  NormVjp,
  OnlyParams,
} from "../norm/options.ts";
import { pullNorm } from "../norm/vjp.ts";
import type { Plan } from "../plan/plan.ts";
import { read, SymbolicTensor, type SymbolicVjp } from "../plan/symbolic.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, fieldsOf } from "../tensor/arguments.ts";
import { checkCotangent } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor, TensorLike, Vector } from "../tensor/types.ts";
import { emptyLike, zeros } from "../tensor/zeros.ts";
import { checkGroupNorm, groupNorm } from "./group_norm.ts";
import { checkInstanceNorm, instanceNorm, type InstanceNormOptions } from "./instance_norm.ts";
import { checkLayerNorm, layerNorm, type LayerNormOptions } from "./layer_norm.ts";
import { type GroupNormOptions, type Norm, normalized, type NormValues, readNorm } from "./norm.ts";

/**
 * {@linkcode groupNorm} and its vector-Jacobian product: `vjp(dy)` is the gradient of `sum(dy * y)` with
 * respect to every argument.
 *
 * With `s = 1 / sqrt(variance + epsilon)`, `x-hat = (x - mean) s`, `g = dy f'(y before f)` for an
 * activation f, `h = g gamma`, and means over each statistics set:
 *
 * - `x: s (h - mean(h) - x-hat mean(h x-hat))`, which has no part along 1 and, except for epsilon, none
 *   along x-hat
 * - `beta: sum g` and `gamma: sum g x-hat`, over all that share the parameter
 *
 * At a kink an activation has the slope on its left. Intermediates are computed again from the copies;
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
 * assertAlmostEquals(params.gamma.data[0], -1.0690447, 1e-5);
 * ```
 */
export async function groupNormVjp<
  P extends NormParams & OnlyParams<P> = Record<never, never>,
  Center extends boolean = true,
  Scale extends boolean = true,
  R extends AnyRuntime = Runtime,
>(
  x: TensorLike,
  params: P = {} as P,
  options: GroupNormOptions<R> & AppliedFlags<Center, Scale> = {},
): Promise<Placed<NormVjp<P, Center, Scale>, R>> {
  checkArguments("apply groupNorm", arguments, 3);
  const record = recordGroupNormVjp<P, Center, Scale>;
  return await withVjp("groupNorm", groupNorm, record, x, params, options);
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
export async function instanceNormVjp<
  P extends NormParams & OnlyParams<P> = Record<never, never>,
  Center extends boolean = true,
  Scale extends boolean = true,
  R extends AnyRuntime = Runtime,
>(
  x: TensorLike,
  params: P = {} as P,
  options: InstanceNormOptions<R> & AppliedFlags<Center, Scale> = {},
): Promise<Placed<NormVjp<P, Center, Scale>, R>> {
  checkArguments("apply instanceNorm", arguments, 3);
  const record = recordInstanceNormVjp<P, Center, Scale>;
  return await withVjp("instanceNorm", instanceNorm, record, x, params, options);
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
 * assertEquals(params.beta.data, new Float32Array([11, 22, 33]));
 * ```
 */
export async function layerNormVjp<
  P extends NormParams & OnlyParams<P> = Record<never, never>,
  Center extends boolean = true,
  Scale extends boolean = true,
  R extends AnyRuntime = Runtime,
>(
  x: TensorLike,
  params: P = {} as P,
  options: LayerNormOptions<R> & AppliedFlags<Center, Scale> = {},
): Promise<Placed<NormVjp<P, Center, Scale>, R>> {
  checkArguments("apply layerNorm", arguments, 3);
  const record = recordLayerNormVjp<P, Center, Scale>;
  return await withVjp("layerNorm", layerNorm, record, x, params, options);
}

/** A norm's result with the way back, each of which is a call of its own. */
async function withVjp<
  P extends NormParams,
  Center extends boolean,
  Scale extends boolean,
  O extends NormOptions<AnyRuntime>,
  R extends AnyRuntime,
>(
  name: string,
  norm: (x: TensorLike, params: NormParams, options: O & NormOptions<R>) => Promise<unknown>,
  record: (
    plan: Plan,
    x: AnyTensor,
    params: NormParams,
    options: O,
  ) => SymbolicVjp<NormCotangents<P, Center, Scale>>,
  x: TensorLike,
  params: NormParams,
  options: O & NormOptions<R>,
): Promise<Placed<NormVjp<P, Center, Scale>, R>> {
  const action = `apply ${name}`;
  const own = fieldsOf(action, "options", options);
  const given = fieldsOf(action, "params", params);
  const vjp = vjpOf(`pull back ${name}`, own.runtime, record, x, given, own);
  return { y: await norm(x, given, own), vjp } as Placed<NormVjp<P, Center, Scale>, R>;
}

/** Records {@linkcode groupNormVjp}: both ways share the moments. */
export function recordGroupNormVjp<
  P extends NormParams,
  Center extends boolean,
  Scale extends boolean,
>(
  plan: Plan,
  x: AnyTensor,
  params: NormParams,
  options: GroupNormOptions<AnyRuntime>,
): SymbolicVjp<NormCotangents<P, Center, Scale>> {
  return bothWays(plan, "pull back groupNorm", checkGroupNorm(x, params, options));
}

/** Records {@linkcode instanceNormVjp}, as that of group norm. */
export function recordInstanceNormVjp<
  P extends NormParams,
  Center extends boolean,
  Scale extends boolean,
>(
  plan: Plan,
  x: AnyTensor,
  params: NormParams,
  options: InstanceNormOptions<AnyRuntime>,
): SymbolicVjp<NormCotangents<P, Center, Scale>> {
  return bothWays(plan, "pull back instanceNorm", checkInstanceNorm(x, params, options));
}

/** Records {@linkcode layerNormVjp}, as that of group norm. */
export function recordLayerNormVjp<
  P extends NormParams,
  Center extends boolean,
  Scale extends boolean,
>(
  plan: Plan,
  x: AnyTensor,
  params: NormParams,
  options: LayerNormOptions<AnyRuntime>,
): SymbolicVjp<NormCotangents<P, Center, Scale>> {
  return bothWays(plan, "pull back layerNorm", checkLayerNorm(x, params, options));
}

function bothWays<P extends NormParams, Center extends boolean, Scale extends boolean>(
  plan: Plan,
  action: string,
  norm: Norm,
): SymbolicVjp<NormCotangents<P, Center, Scale>> {
  // Of the parameters that `norm` applies, which are those that the types name.
  type Cotangents = NormCotangents<P, Center, Scale>;
  const { x } = norm;
  if (sizeOf(x.shape) === 0) {
    return {
      y: emptyLike(x),
      vjp(dy) {
        checkCotangent(action, x, dy);
        return cotangents(norm, emptyLike(x), zeros) as Cotangents;
      },
    };
  }
  const values = readNorm(plan, norm);
  return {
    y: normalized(plan, norm, values),
    vjp(dy) {
      checkCotangent(action, x, dy);
      return pullBack(plan, norm, values, dy) as Cotangents;
    },
  };
}

/**
 * x and dy are read twice, for the sums and for the cotangent of x, which is written once. In layer
 * norm, whose gamma differs inside of a set, dy x-hat is written as well and read twice, and dy read
 * twice more.
 */
function pullBack(plan: Plan, norm: Norm, values: NormValues, dy: AnyTensor): NormCotangents {
  const { value, parts, moments, affine } = values;
  const { gamma, epsilon, activation } = affine;
  const plain = { ...affine, activation: "none" } as const;
  const before = () => normalizeParts(plan, value, parts, moments, plain);
  const pulled = pullNorm(plan, {
    x: value,
    dy: beforeActivation(plan, activation, before, read(plan, "dy", dy)),
    parts,
    moments,
    epsilon,
    gamma,
  });
  const tensor = (value: typeof pulled.x, shape: readonly number[]) =>
    new SymbolicTensor(value, [...shape]);
  const names = { beta: pulled.beta, gamma: pulled.gamma };
  return cotangents(
    norm,
    tensor(pulled.x, norm.x.shape),
    (shape, name) => tensor(names[name], shape),
  );
}

/** The cotangents of x and of those parameters that are applied. */
function cotangents(
  { params: { beta, gamma } }: Norm,
  x: Tensor,
  make: (shape: readonly number[], name: "beta" | "gamma") => Tensor,
): NormCotangents {
  const shapeOf = (vector: Vector) => "shape" in vector ? vector.shape : [vector.length];
  return {
    x,
    params: {
      ...(beta && { beta: make(shapeOf(beta), "beta") }),
      ...(gamma && { gamma: make(shapeOf(gamma), "gamma") }),
    },
  };
}

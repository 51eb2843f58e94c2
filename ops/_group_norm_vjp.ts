/**
 * Records the vector-Jacobian products of group, instance and layer norm.
 *
 * @module
 */
import type { AffineParams } from "./_affine.ts";
import { read, SymbolicTensor } from "./_graph.ts";
import {
  checkGroupNorm,
  checkInstanceNorm,
  checkLayerNorm,
  emptyLike,
  type Norm,
  normalized,
  type NormValues,
  readNorm,
} from "./_group_norm.ts";
import { normalizeParts } from "./_normalize.ts";
import { beforeActivation, pullNorm } from "./_norm_vjp.ts";
import type { Plan } from "./_plan.ts";
import { sizeOf } from "./_shape.ts";
import { checkCotangent, zeros } from "./_vjp.ts";
import type {
  GroupNormOptions,
  InstanceNormOptions,
  LayerNormOptions,
  NormCotangents,
} from "./group_norm.ts";
import type { SymbolicVjp } from "./pipeline.ts";
import type { Tensor, Vector } from "./tensor.ts";

type RecordedNorm = SymbolicVjp<NormCotangents>;

/** Records {@linkcode groupNormVjp}: both ways share the moments. */
export function recordGroupNormVjp(
  plan: Plan,
  x: Tensor,
  params: AffineParams,
  options: GroupNormOptions,
): RecordedNorm {
  return bothWays(plan, "pull back groupNorm", checkGroupNorm(x, params, options));
}

/** Records {@linkcode instanceNormVjp}, as that of group norm. */
export function recordInstanceNormVjp(
  plan: Plan,
  x: Tensor,
  params: AffineParams,
  options: InstanceNormOptions,
): RecordedNorm {
  return bothWays(plan, "pull back instanceNorm", checkInstanceNorm(x, params, options));
}

/** Records {@linkcode layerNormVjp}, as that of group norm. */
export function recordLayerNormVjp(
  plan: Plan,
  x: Tensor,
  params: AffineParams,
  options: LayerNormOptions,
): RecordedNorm {
  return bothWays(plan, "pull back layerNorm", checkLayerNorm(x, params, options));
}

function bothWays(plan: Plan, action: string, norm: Norm): RecordedNorm {
  const { x } = norm;
  if (sizeOf(x.shape) === 0) {
    return {
      y: emptyLike(x),
      vjp(dy) {
        checkCotangent(action, x, dy);
        return cotangents(norm, emptyLike(x), zeros);
      },
    };
  }
  const values = readNorm(plan, norm);
  return {
    y: normalized(plan, norm, values),
    vjp(dy) {
      checkCotangent(action, x, dy);
      return pullBack(plan, norm, values, dy);
    },
  };
}

/**
 * x and dy are read twice, for the sums and for the cotangent of x, which is written once. In layer
 * norm, whose gamma differs inside of a set, dy x-hat is written as well and read twice, and dy read
 * twice more.
 */
function pullBack(plan: Plan, norm: Norm, values: NormValues, dy: Tensor): NormCotangents {
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

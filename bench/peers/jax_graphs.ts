/**
 * Workloads as jax-js would have them. An array is consumed by what takes it, so each use but the last
 * takes a `ref`.
 *
 * @module
 */
import { EPSILON, type Inputs } from "../inputs.ts";
import { channelsOf, elementsOf, type Workload } from "../workloads.ts";
import type { Graph, Jax, JaxArray, Op } from "./jax_library.ts";

/** A workload for jax-js. */
export interface JaxForm {
  /** How x and its cotangent are seen. */
  readonly view: readonly number[];
  /** The parameters, in the order in which they are taken. */
  readonly params: readonly { readonly data: Float32Array; readonly shape: readonly number[] }[];
  /** Of x, the parameters, and the cotangent of y for both ways. */
  readonly run: Graph;
}

const GROUPS = 32;

/** The form of a workload. */
export function jaxFormOf(jax: Jax, workload: Workload, inputs: Inputs): JaxForm {
  const { operation, shape, format, backward = false, inverse = false } = workload;
  const { beta, gamma, mean, variance } = inputs;
  const isLast = format === "NHWC";
  const [samples] = shape;
  const channels = channelsOf(workload);
  const positions = elementsOf(workload) / samples / channels;
  const members = channels / GROUPS;
  const rows = [samples * positions, channels];
  const planes = [samples, channels, positions];
  const matrix = { data: inputs.matrix, shape: [channels, channels] };
  const form = (view: readonly number[], params: JaxForm["params"], op: Op): JaxForm => ({
    view,
    params,
    run: backward ? bothWays(jax, op) : (x, ...params) => [op(x, ...params)],
  });
  /** Parameters that lie along the channels of a view. */
  const along = (shape: readonly number[], ...all: Float32Array[]) =>
    all.map((data) => ({ data, shape }));
  const perChannel = isLast ? [channels] : [channels, 1];
  switch (operation) {
    case "gdn":
      return form(
        isLast ? rows : planes,
        [...along(perChannel, beta), matrix],
        gdn(jax, isLast, inverse),
      );
    case "layerNorm":
      return form(shape, along([channels], beta, gamma), norm(jax, [1], EPSILON.layerNorm));
    case "rmsNorm":
      return form(shape, along([channels], gamma), rms(jax));
    case "instanceNorm":
      return form(
        isLast ? [samples, positions, channels] : planes,
        along(perChannel, beta, gamma),
        norm(jax, [isLast ? 1 : 2], EPSILON.instanceNorm),
      );
    case "groupNorm":
      return isLast
        ? form(
          [samples, positions, GROUPS, members],
          along([GROUPS, members], beta, gamma),
          norm(jax, [1, 3], EPSILON.groupNorm),
        )
        : form(
          [samples, GROUPS, members, positions],
          along([GROUPS, members, 1], beta, gamma),
          norm(jax, [2, 3], EPSILON.groupNorm),
        );
    case "batchNormTraining":
      return form(
        isLast ? rows : planes,
        along(perChannel, beta, gamma),
        norm(jax, isLast ? [0] : [0, 2], EPSILON.batchNorm),
      );
    case "batchNormInference":
      return form(
        isLast ? rows : planes,
        along(perChannel, beta, gamma, mean, variance),
        inference(jax),
      );
    case "pipeline":
      return form(
        rows,
        [...along([channels], beta, gamma), matrix],
        threeOps(jax, [samples, positions, GROUPS, members], rows),
      );
  }
}

/** Arrays of the parameters, which are there when this resolves. */
export async function jaxParams(jax: Jax, { params }: JaxForm): Promise<JaxArray[]> {
  return await Promise.all(
    params.map(({ data, shape }) => jax.numpy.array(data).reshape(shape).blockUntilReady()),
  );
}

/** y, and the cotangents of x and of the parameters. */
function bothWays(jax: Jax, op: Op): Graph {
  return (...args) => {
    const dy = args.pop()!;
    const [y, back] = jax.vjp(op, args);
    const cotangents = back(dy);
    back.dispose();
    return [y, ...cotangents];
  };
}

function gdn({ numpy: np }: Jax, isLast: boolean, inverse: boolean) {
  return (x: JaxArray, beta: JaxArray, matrix: JaxArray): JaxArray => {
    const squares = np.square(x.ref);
    const sums = isLast ? np.matmul(squares, matrix) : np.einsum("ji,njp->nip", matrix, squares);
    const root = np.sqrt(sums.add(beta));
    return inverse ? x.mul(root) : x.div(root);
  };
}

function norm({ numpy: np }: Jax, axes: readonly number[], epsilon: number) {
  const mean = (a: JaxArray) => np.mean(a, axes, { keepdims: true });
  return (x: JaxArray, beta: JaxArray, gamma: JaxArray): JaxArray => {
    const centered = x.sub(mean(x.ref));
    const deviation = np.sqrt(mean(np.square(centered.ref)).add(epsilon));
    return centered.mul(np.reciprocal(deviation)).mul(gamma).add(beta);
  };
}

function inference({ numpy: np }: Jax) {
  return (
    x: JaxArray,
    beta: JaxArray,
    gamma: JaxArray,
    mean: JaxArray,
    variance: JaxArray,
  ): JaxArray => {
    const factor = gamma.div(np.sqrt(variance.add(EPSILON.batchNorm)));
    return x.sub(mean).mul(factor).add(beta);
  };
}

function rms({ numpy: np }: Jax) {
  return (x: JaxArray, gamma: JaxArray): JaxArray => {
    const square = np.mean(np.square(x.ref), [1], { keepdims: true });
    return x.mul(np.reciprocal(np.sqrt(square.add(EPSILON.rmsNorm)))).mul(gamma);
  };
}

/** GDN, group norm over a view in groups, batch norm over rows. */
function threeOps(jax: Jax, inGroups: readonly number[], rows: readonly number[]): Op {
  const divide = gdn(jax, true, false);
  const group = norm(jax, [1, 3], EPSILON.groupNorm);
  const batch = norm(jax, [0], EPSILON.batchNorm);
  return (x, beta, gamma, matrix) => {
    const perGroup = (array: JaxArray) => array.ref.reshape(inGroups.slice(2));
    const h = divide(x, beta.ref, matrix).reshape(inGroups);
    return batch(group(h, perGroup(beta), perGroup(gamma)).reshape(rows), beta, gamma);
  };
}

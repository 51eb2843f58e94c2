/**
 * Workloads as jax-js would have them. An array is consumed by what takes it, so each use but the last
 * takes a `ref`.
 *
 * @module
 */
import { EPSILON } from "../../inputs.ts";
import { channelsOf, elementsOf, type Workload } from "../../workloads.ts";

/** An array of jax-js. */
export interface JaxArray {
  readonly ref: JaxArray;
  reshape(shape: readonly number[]): JaxArray;
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray): JaxArray;
  mul(other: JaxArray): JaxArray;
  div(other: JaxArray): JaxArray;
  blockUntilReady(): Promise<JaxArray>;
  data(): Promise<Float32Array>;
  dispose(): void;
}

/** A function of arrays. */
type Graph = (...args: JaxArray[]) => JaxArray[];

/** A function of x and of what is per channel. */
type Op = (x: JaxArray, ...params: JaxArray[]) => JaxArray;

/** The part of jax-js that is used. */
export interface Jax {
  init(...devices: string[]): Promise<string[]>;
  defaultDevice(device: string): void;
  getWebGPUDevice(): GPUDevice;
  blockUntilReady(arrays: readonly JaxArray[]): Promise<unknown>;
  jit(graph: Graph): Graph & { dispose(): void };
  vjp(
    op: Op,
    primals: readonly JaxArray[],
  ): [JaxArray, ((dy: JaxArray) => JaxArray[]) & { dispose(): void }];
  readonly numpy: {
    array(data: Float32Array): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    einsum(subscripts: string, ...operands: JaxArray[]): JaxArray;
    mean(a: JaxArray, axes: readonly number[], options: { keepdims: true }): JaxArray;
    reciprocal(a: JaxArray): JaxArray;
    sqrt(a: JaxArray): JaxArray;
    square(a: JaxArray): JaxArray;
  };
}

/** How x and what is per channel are seen, and what is computed. */
export interface JaxForm {
  readonly view: readonly number[];
  readonly perChannel: readonly number[];
  /** Of x, beta and gamma, mean and variance at inference, and the cotangent of y for both ways. */
  readonly run: Graph;
}

const GROUPS = 32;

/** The form of a workload. */
export function jaxFormOf(jax: Jax, workload: Workload): JaxForm {
  const { operation, shape, format, backward = false } = workload;
  const isLast = format === "NHWC";
  const [samples] = shape;
  const channels = channelsOf(workload);
  const positions = elementsOf(workload) / samples / channels;
  const members = channels / GROUPS;
  const rows = [samples * positions, channels];
  const planes = [samples, channels, positions];
  const form = (
    [view, perChannel]: readonly [readonly number[], readonly number[]],
    op: Op,
  ): JaxForm => ({
    view,
    perChannel,
    run: backward ? bothWays(jax, op) : (x, ...params) => [op(x, ...params)],
  });
  const perRow = [rows, [channels]] as const;
  const perPlane = [planes, [channels, 1]] as const;
  switch (operation) {
    case "gdn":
      return form(isLast ? perRow : perPlane, gdn(jax, isLast));
    case "layerNorm":
      return form([shape, [channels]], norm(jax, [1], EPSILON.layerNorm));
    case "groupNorm":
      return isLast
        ? form(
          [[samples, positions, GROUPS, members], [GROUPS, members]],
          norm(jax, [1, 3], EPSILON.groupNorm),
        )
        : form(
          [[samples, GROUPS, members, positions], [GROUPS, members, 1]],
          norm(jax, [2, 3], EPSILON.groupNorm),
        );
    case "batchNormTraining":
      return form(isLast ? perRow : perPlane, norm(jax, isLast ? [0] : [0, 2], EPSILON.batchNorm));
    case "batchNormInference":
      return form(isLast ? perRow : perPlane, inference(jax));
    default:
      throw new Error(`${operation} is not written for it`);
  }
}

/** y, and the cotangents of x, beta and gamma. */
function bothWays(jax: Jax, op: Op): Graph {
  return (x, beta, gamma, dy) => {
    const [y, back] = jax.vjp(op, [x, beta, gamma]);
    const cotangents = back(dy);
    back.dispose();
    return [y, ...cotangents];
  };
}

function gdn({ numpy: np }: Jax, isLast: boolean) {
  return (x: JaxArray, beta: JaxArray, matrix: JaxArray): JaxArray => {
    const squares = np.square(x.ref);
    const sums = isLast ? np.matmul(squares, matrix) : np.einsum("ji,njp->nip", matrix, squares);
    return x.div(np.sqrt(sums.add(beta)));
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

/**
 * Programs of ops, without data.
 *
 * @module
 */
import { recordBatchNorm } from "../../ops/batch_norm/batch_norm.ts";
import type { BatchNormOptions } from "../../ops/batch_norm/options.ts";
import { recordGdn } from "../../ops/gdn/gdn.ts";
import { recordGroupNorm } from "../../ops/group_norm/group_norm.ts";
import type { GroupNormOptions } from "../../ops/group_norm/norm.ts";
import { Plan } from "../../ops/plan/plan.ts";
import type { Program } from "../../ops/plan/program.ts";
import { SymbolicTensor } from "../../ops/plan/symbolic.ts";
import type { Tensor } from "../../ops/tensor/types.ts";

/** What an op's recorder is given, and what it returns. */
type Record = (plan: Plan, x: Tensor) => Tensor;

/** The program of an op over x of a shape. */
export function programOf(shape: readonly number[], record: Record): Program {
  const plan = new Plan();
  const length = shape.reduce((a, b) => a * b, 1);
  const x = new SymbolicTensor(plan.input("x", {}, length, () => new Float32Array(0)), shape);
  const y = record(plan, x) as SymbolicTensor;
  return plan.finish([y.valueIn(plan)]).program;
}

const vector = (length: number) => ({ shape: [length], data: new Float32Array(length) });

/** GDN in NHWC. */
export function gdnOf(shape: readonly number[]): Program {
  const channels = shape.at(-1)!;
  const gamma = { shape: [channels, channels], data: new Float32Array(channels ** 2) };
  return programOf(
    shape,
    (plan, x) => recordGdn(plan, x, { beta: vector(channels), gamma }, {}),
  );
}

/** Group norm without parameters. */
export function groupNormOf(shape: readonly number[], options: GroupNormOptions = {}): Program {
  const plain = { center: false, scale: false, ...options };
  return programOf(shape, (plan, x) => recordGroupNorm(plan, x, {}, plain));
}

/** Batch norm, of which y is computed. */
export function batchNormOf(shape: readonly number[], options: BatchNormOptions = {}): Program {
  const channels = shape[options.dataFormat === "NCHW" ? 1 : shape.length - 1];
  const state = { movingMean: vector(channels), movingVariance: vector(channels) };
  return programOf(shape, (plan, x) => {
    const params = { beta: vector(channels), gamma: vector(channels) };
    return recordBatchNorm(plan, x, params, state, options).y;
  });
}

/**
 * Numbers that functions of every element are tried on, and how their results are compared.
 *
 * @module
 */
import { assert } from "@std/assert";
import { type Runtime, type Tensor, tensor } from "../../mod.ts";
import type { UnaryCotangent } from "../../ops/arithmetic/unary.ts";
import type { Plan } from "../../ops/plan/plan.ts";
import type { SymbolicVjp } from "../../ops/plan/symbolic.ts";
import { runBothWays } from "../support/both_ways.ts";

/** Both signs, or only positive numbers; none near 0, where slopes change or grow without bounds. */
export const SIGNED = tensor([-3.25, -2, -0.75, -0.5, 0.5, 1, 1.5, 2.75, 4, 0.6]);
export const POSITIVE = tensor([[0.25, 0.5, 1, 1.75, 3], [0.3, 2, 7, 20, 100]]);

/** Where a float32 begins and ends. */
export const EXTREMES = [-Infinity, -1, -1e-45, -0, 0, 1e-45, 1, 3e38, Infinity, NaN];

/** What records a function with its way back. */
export type Recorder = (plan: Plan, x: Tensor) => SymbolicVjp<readonly Tensor[]>;

/** The only cotangent, as a list. */
export const xOf = ({ x }: UnaryCotangent) => [x];

/** The results and the cotangents of numbers, each given a cotangent of 1. */
export async function both(
  runtime: Runtime,
  record: Recorder,
  numbers: readonly number[],
) {
  const ones = tensor(new Float32Array(numbers.length).fill(1));
  const { y, back } = await runBothWays(runtime, record, [tensor([...numbers])], ones);
  return { y: [...y.data], x: [...back[0].data] };
}

/** Numbers as float32, told apart to the sign of 0. */
export function assertNumbers(
  actual: readonly number[],
  expected: readonly number[],
  what: string,
) {
  const wanted = expected.map(Math.fround);
  const same = actual.every((value, i) => Object.is(value, wanted[i]));
  assert(same, `${what} must be ${wanted.map(signed)}, got ${actual.map(signed)}`);
}

/** A number as it is shown: 0 with its sign. */
export const signed = (value: number) => Object.is(value, -0) ? "-0" : `${value}`;

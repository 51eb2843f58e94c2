/**
 * How arithmetic, losses and constraints are differentiated.
 *
 * @module
 */
import { type BinaryKernel, recordBinaryVjp } from "../../arithmetic/binary.ts";
import { recordSoftmaxCrossEntropyVjp } from "../../arithmetic/cross_entropy.ts";
import { recordDenseVjp } from "../../arithmetic/dense.ts";
import { recordMatmulVjp } from "../../arithmetic/matmul.ts";
import { recordMeanVjp, recordSumVjp } from "../../arithmetic/reduce.ts";
import { recordReshapeVjp, recordTransposeVjp } from "../../arithmetic/shape.ts";
import { recordUnaryVjp, type UnaryFunction } from "../../arithmetic/unary.ts";
import { recordBoundedVjp, recordPowVjp, recordScaleVjp } from "../../arithmetic/with_number.ts";
import type { Plan } from "../../plan/plan.ts";
import type { AnyTensor } from "../../tensor/types.ts";
import { recordPenaltyVjp } from "../../training/penalties.ts";
import { recordProjectionVjp } from "../../training/projections.ts";
import type { RecordedOps } from "../recorded_ops.ts";
import { type Rule, ruleOf } from "./rule.ts";

const unary = (name: UnaryFunction): Rule =>
  ruleOf((plan: Plan, x: AnyTensor) => recordUnaryVjp(plan, name, x), "x");

const binary = (name: BinaryKernel): Rule =>
  ruleOf((plan: Plan, a: AnyTensor, b: AnyTensor) => recordBinaryVjp(plan, name, a, b), "a", "b");

const bounded = (name: "max" | "min"): Rule =>
  ruleOf(
    (plan: Plan, x: AnyTensor, bound: number) => recordBoundedVjp(plan, name, x, bound),
    "x",
  );

const penalty = (name: "l1" | "l2"): Rule =>
  ruleOf(
    (plan: Plan, x: AnyTensor, factor?: number) => recordPenaltyVjp(plan, name, x, factor),
    "x",
  );

const projection = (name: "maxNorm" | "unitNorm" | "minMaxNorm"): Rule =>
  ruleOf(
    (plan: Plan, x: AnyTensor, options?: object) => recordProjectionVjp(plan, name, x, options),
    "x",
  );

/** The rules of what is made of arithmetic. */
export const arithmeticRules = {
  add: binary("add"),
  sub: binary("subtract"),
  mul: binary("multiply"),
  div: binary("divide"),
  scale: ruleOf(recordScaleVjp, "x"),
  pow: ruleOf(recordPowVjp, "x"),
  max: bounded("max"),
  min: bounded("min"),
  neg: unary("neg"),
  abs: unary("abs"),
  square: unary("square"),
  sqrt: unary("sqrt"),
  exp: unary("exp"),
  log: unary("log"),
  round: unary("round"),
  mean: ruleOf(recordMeanVjp, "x"),
  sum: ruleOf(recordSumVjp, "x"),
  reshape: ruleOf(recordReshapeVjp, "x"),
  transpose: ruleOf(recordTransposeVjp, "x"),
  matmul: ruleOf(recordMatmulVjp, "a", "b"),
  dense: ruleOf(recordDenseVjp, "x", "params"),
  softmaxCrossEntropy: ruleOf(recordSoftmaxCrossEntropyVjp, "logits", "labels"),
  l1: penalty("l1"),
  l2: penalty("l2"),
  nonNeg: ruleOf((plan: Plan, x: AnyTensor) => recordBoundedVjp(plan, "max", x, 0), "x"),
  maxNorm: projection("maxNorm"),
  unitNorm: projection("unitNorm"),
  minMaxNorm: projection("minMaxNorm"),
} as const satisfies Partial<Record<keyof RecordedOps, Rule>>;

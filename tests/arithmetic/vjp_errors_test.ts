import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Tensor, tensor } from "../../mod.ts";
import { recordBinaryVjp } from "../../ops/arithmetic/binary.ts";
import { recordSoftmaxCrossEntropyVjp } from "../../ops/arithmetic/cross_entropy.ts";
import { recordDenseVjp } from "../../ops/arithmetic/dense.ts";
import { recordMatmulVjp } from "../../ops/arithmetic/matmul.ts";
import { recordMeanVjp, recordSumVjp } from "../../ops/arithmetic/reduce.ts";
import { recordReshapeVjp, recordTransposeVjp } from "../../ops/arithmetic/shape.ts";
import { recordUnaryVjp } from "../../ops/arithmetic/unary.ts";
import {
  recordBoundedVjp,
  recordPowVjp,
  recordScaleVjp,
} from "../../ops/arithmetic/with_number.ts";
import { Plan } from "../../ops/plan/plan.ts";
import { recordPenaltyVjp } from "../../ops/training/penalties.ts";
import { recordProjectionVjp } from "../../ops/training/projections.ts";
import { x } from "../support/refusals.ts";

describe("the way back refuses cotangents of another shape than the result's:", () => {
  const plan = new Plan();
  const row = tensor([1, 2, 3, 4]);
  const kernel = tensor(new Float32Array(8), [4, 2]);
  const ways: Record<string, { vjp: (dy: Tensor) => unknown }> = {
    add: recordBinaryVjp(plan, "add", x, row),
    divide: recordBinaryVjp(plan, "divide", x, tensor(new Float32Array(0), [0, 1, 1, 1])),
    exp: recordUnaryVjp(plan, "exp", x),
    scale: recordScaleVjp(plan, x, 2),
    max: recordBoundedVjp(plan, "max", x, 2),
    pow: recordPowVjp(plan, x, 2),
    "a sum": recordSumVjp(plan, x, [0]),
    "a mean": recordMeanVjp(plan, x, [0]),
    reshape: recordReshapeVjp(plan, x, [24]),
    transpose: recordTransposeVjp(plan, x),
    matmul: recordMatmulVjp(plan, x, kernel),
    dense: recordDenseVjp(plan, x, { kernel }),
    "a cross entropy": recordSoftmaxCrossEntropyVjp(plan, x, x),
    maxNorm: recordProjectionVjp(plan, "maxNorm", x),
  };
  const shapes: Record<string, string> = {
    divide: "(0, 2, 3, 4)",
    "a sum": "(3, 4)",
    "a mean": "(3, 4)",
    reshape: "(24,)",
    transpose: "(2, 4, 3)",
    matmul: "(2, 3, 2)",
    dense: "(2, 3, 2)",
    "a cross entropy": "(2, 3)",
  };
  for (const [name, { vjp }] of Object.entries(ways)) {
    it(name, () => {
      const { message } = assertThrows(() => vjp(tensor([1])), TypeError);
      const shape = shapes[name] ?? "(2, 3, 4)";
      assertEquals(message, `Cannot pull back ${name}: dy must have shape ${shape}, got (1,)`);
    });
  }

  it("l2", () => {
    const { vjp } = recordPenaltyVjp(plan, "l2", x);
    const { message } = assertThrows(() => vjp(tensor([1])), TypeError);
    assertEquals(message, "Cannot pull back l2: dy must have shape (), got (1,)");
  });
});

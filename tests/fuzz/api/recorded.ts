/**
 * Structures of ops that are recorded with their way back, as the tape of a gradient records them.
 *
 * @module
 */
import { type SymbolicVjp, type Tensor, tensor } from "../../../mod.ts";
import { runOp } from "../../../ops/call/calls.ts";
import type { Plan } from "../../../ops/plan/plan.ts";
import type { Draw } from "./draw.ts";
import { product } from "./inputs.ts";
import type { Expected, Structure } from "./trial.ts";

/** What an op is: its tensors, its recorder, and what both ways must give. */
export interface Op {
  readonly what: Readonly<Record<string, unknown>>;
  readonly shapes: readonly (readonly number[])[];
  readonly shape: readonly number[];
  /** The numbers of each tensor. */
  readonly numbers: (draw: Draw, length: number, at: number) => Float32Array;
  readonly record: (plan: Plan, ...tensors: Tensor[]) => SymbolicVjp<Record<string, Tensor>>;
  readonly expected: (tensors: readonly Tensor[], dy: Tensor) => Record<string, Expected>;
}

/** An op with its way back as a structure of the fuzz. */
export function structureOf({ what, shapes, shape, numbers, record, expected }: Op): Structure {
  const both = (plan: Plan, tensors: readonly Tensor[], dy: Tensor) => {
    const { y, vjp } = record(plan, ...tensors);
    return { y, ...vjp(dy) };
  };
  return {
    what: { ...what, shapes },
    trial(draw) {
      const tensors = shapes.map((shape, at) => tensor(numbers(draw, product(shape), at), shape));
      const dy = tensor(draw.numbers(product(shape), ["unit", "integers"]), shape);
      return {
        run: async (runtime) => await runOp("pull back an op", runtime, both, tensors, dy),
        expected: () => expected(tensors, dy),
      };
    },
  };
}

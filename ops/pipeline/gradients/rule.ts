/**
 * What it takes to differentiate an op.
 *
 * @module
 */
import type { Plan } from "../../plan/plan.ts";
import type { Tensor } from "../../tensor/types.ts";

/** An op that has been recorded with its way back. */
export interface Pullable {
  /** What the op returns. */
  readonly result: unknown;
  /** The tensors of the result through which gradients pass. */
  readonly outputs: readonly Tensor[];
  /** The arguments, or parts of them, to which they pass. */
  readonly inputs: readonly unknown[];
  /**
   * From cotangents of the outputs, of which at least one is there, to those of the inputs: trees in the
   * form of the inputs, where what is missing has no gradient.
   */
  readonly pull: (cotangents: readonly (Tensor | undefined)[]) => readonly unknown[];
}

/** Records an op, of arguments that have been read, so that it can be gone back. */
export type Rule = (plan: Plan, args: readonly unknown[]) => Pullable;

/** Records an op of one result with its way back. */
type Both = (plan: Plan, ...args: never[]) => {
  readonly y: Tensor;
  readonly vjp: (dy: Tensor) => object;
};

/** The rule of an op whose first arguments have the cotangents of these names. */
export function ruleOf(record: Both, ...names: readonly string[]): Rule {
  return (plan, args) => {
    const { y, vjp } = record(plan, ...args as never[]);
    return {
      result: y,
      outputs: [y],
      inputs: names.map((_, i) => args[i]),
      pull([dy]) {
        const cotangents = vjp(dy!) as Readonly<Record<string, unknown>>;
        return names.map((name) => cotangents[name]);
      },
    };
  };
}

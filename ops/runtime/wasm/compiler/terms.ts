/**
 * The terms of contractions, which the engine's multiply-add may round once.
 *
 * @module
 */
import type { Axes } from "../../lowering/axes.ts";
import { type Contraction, contractionOf } from "../../lowering/contraction.ts";
import type { Expression, Step } from "../../lowering/tree.ts";

type AxesOf = (expression: Expression) => Axes;

/** The terms of the contractions in steps. */
export class Terms {
  readonly #axesOf: AxesOf;
  readonly #uses: ReadonlyMap<Expression, number>;
  /** How often each product is a term: a loop that has been cut into several has it in each. */
  readonly #terms = new Map<Expression, number>();

  /** @param uses How often each expression is used. */
  constructor(
    steps: readonly Step[],
    axesOf: AxesOf,
    uses: ReadonlyMap<Expression, number>,
  ) {
    this.#axesOf = axesOf;
    this.#uses = uses;
    this.#count(steps);
  }

  /** The term that an assignment adds, if nothing else needs the product. */
  get(name: string, to: Expression): Contraction | undefined {
    const term = contractionOf(name, to, this.#axesOf);
    if (term === undefined) return undefined;
    return this.#uses.get(term.product)! > this.#terms.get(term.product)! ? undefined : term;
  }

  #count(steps: readonly Step[]): void {
    for (const step of steps) {
      if (step.do === "loop") this.#count(step.body);
      else if (step.do === "if") this.#count(step.then);
      else if (step.do === "set") {
        const product = contractionOf(step.name, step.to, this.#axesOf)?.product;
        if (product !== undefined) this.#terms.set(product, (this.#terms.get(product) ?? 0) + 1);
      }
    }
  }
}

/**
 * The code of one tile: every step for every cell of it, four cells to a vector.
 *
 * @module
 */
import { type Address, Addresses, type Place } from "./addresses.ts";
import { type Affine, coefficient } from "../../lowering/affine.ts";
import { type Axes, axesOfSymbols, sameAxes } from "../../lowering/axes.ts";
import type { Code } from "./code.ts";
import { Memo } from "./memo.ts";
import { type OperandParts, Operands } from "./operands.ts";
import type { Scope, Scopes } from "./scopes.ts";
import { BYTES, VECTOR } from "./sizes.ts";
import { forEachExpression, type Step } from "../../lowering/tree.ts";
import { type At, ORIGIN, vectorsOf } from "./vectors.ts";

/** What a body is emitted from. */
export interface BodyParts extends OperandParts {
  readonly scopes: Scopes;
  readonly symbols: ReadonlyMap<string, number>;
  readonly address: (value: number) => Address;
}

/** Emits the body of a tile; the loops over tiles are around it. */
export class Body {
  readonly #code: Code;
  readonly #parts: BodyParts;
  readonly #place: Place;
  readonly #addresses: Addresses;
  readonly #memo: Memo;
  readonly #operands: Operands;

  constructor(code: Code, parts: BodyParts) {
    const { scopes, symbols, address } = parts;
    this.#code = code;
    this.#parts = parts;
    this.#place = { scope: scopes.outer, turn: undefined };
    this.#addresses = new Addresses(code, this.#place, symbols, address);
    this.#memo = new Memo(code);
    const shared = { place: this.#place, addresses: this.#addresses, memo: this.#memo };
    this.#operands = new Operands(code, shared, parts);
  }

  /**
   * What is computed once for each turn of the outer loop over tiles.
   *
   * @param isNew Leaves on the stack whether what is done once is to be done now; by default it always is.
   */
  emitOuter(isNew: () => void = () => this.#code.integer(1)): void {
    const { scopes, before, once } = this.#parts;
    this.#enter(scopes.outer);
    this.#memo.inNewRun(() => this.#steps(before));
    if (once.length === 0) return;
    isNew();
    this.#code.if();
    this.#memo.inNewRun(() => this.#steps(once));
    this.#code.do("end");
  }

  /** What is computed for each tile. */
  emitTile(): void {
    this.#enter(this.#parts.scopes.tile);
    this.#memo.inNewRun(() => this.#steps(this.#parts.steps));
  }

  /** Emits the addresses and values that a scope keeps for what is inside of it. */
  #enter(scope: Scope): void {
    this.#addresses.enter(scope);
    this.#place.scope = scope;
    this.#operands.hold(scope);
  }

  #steps(steps: readonly Step[]): void {
    for (let i = 0; i < steps.length;) {
      const step = steps[i];
      if (step.do === "loop") {
        this.#loop(step);
        i++;
      } else if (step.do === "if") {
        this.#addresses.form((step.test as { readonly at: Affine }).at, ORIGIN);
        this.#code.integer(-1).do("i32.gt_s").if();
        this.#memo.inNewRun(() => this.#steps(step.then));
        this.#code.do("end");
        i++;
      } else {
        // Steps along the same axes do not see each other's other vectors, so that each vector can
        // go through all of them while it is in a register.
        const axes = this.#axesOfStep(step)!;
        let end = i + 1;
        while (end < steps.length && sameAxes(this.#axesOfStep(steps[end]), axes)) end++;
        const run = steps.slice(i, end);
        for (const at of vectorsOf(this.#parts.tile, axes)) {
          run.forEach((step) => this.#step(step, at));
        }
        i = end;
      }
    }
  }

  #step(step: Step, at: At): void {
    if (step.do === "set") this.#operands.set(step.name, step.to, at);
    else if (step.do === "store") this.#store(step, at);
  }

  #axesOfStep(step: Step): Axes | undefined {
    if (step.do === "set") return this.#operands.axesOfLocal(step.name);
    if (step.do !== "store") return undefined;
    const along = axesOfSymbols(step.at.terms);
    const from = this.#operands.axes(step.from);
    return { lane: along.lane || from.lane, row: along.row || from.row };
  }

  #store({ value, at: form, from }: Step & { readonly do: "store" }, at: At): void {
    const code = this.#code;
    const { width } = this.#parts;
    const [pointer, offset] = this.#addresses.locate(value, form, at);
    const stride = coefficient(form, "lane");
    if (width >= VECTOR && stride === 1) {
      code.get(pointer);
      this.#operands.value(from, at);
      code.access("v128.store", offset);
      return;
    }
    const vector = code.local("v128");
    this.#operands.value(from, at);
    code.set(vector);
    for (let lane = 0; lane < Math.min(VECTOR, width); lane++) {
      code.get(pointer).get(vector);
      code.accessLane("v128.store32_lane", offset + lane * stride * BYTES, lane);
    }
  }

  #loop(step: Step & { readonly do: "loop" }): void {
    const { symbol, first, last, body } = step;
    const code = this.#code;
    const scope = this.#parts.scopes.loops.get(step)!;
    const trips = last - first + 1;
    const unroll = Math.min(trips, isPlain(body) ? this.#parts.tile.unroll : 1);
    const whole = Math.floor(trips / unroll);
    const rest = trips % unroll;
    const count = this.#addresses.startLoop(scope, symbol, first);
    if (whole > 1) code.loop();
    this.#turns(step, scope, unroll);
    if (whole > 1 || rest > 0) {
      this.#addresses.advanceLoop(count, unroll);
      if (whole > 1) {
        code.integer(first + whole * unroll).do("i32.lt_s").branchIf(0).do("end");
      } else code.set(count.counter);
    }
    // What is read for a vector of turns at once is so in the rest, too, as far as there are vectors.
    const vectors = rest - rest % VECTOR;
    if (vectors > 0) this.#turns(step, scope, vectors);
    if (vectors > 0 && rest > vectors) {
      this.#addresses.advanceLoop(count, vectors);
      code.set(count.counter);
    }
    if (rest > vectors) this.#turns(step, scope, rest - vectors);
  }

  /** So many turns of a loop, one after the other. */
  #turns({ symbol, body }: Step & { readonly do: "loop" }, scope: Scope, count: number): void {
    const place = this.#place;
    const outside = place.scope;
    place.scope = scope;
    this.#memo.inNewRun(() => {
      this.#operands.hold(scope);
      for (let turn = 0; turn < count; turn++) {
        place.turn = isPlain(body)
          ? { symbol, step: turn, packed: count % VECTOR === 0 }
          : undefined;
        this.#steps(body);
        place.turn = undefined;
      }
    });
    place.scope = outside;
  }
}

/** Whether a loop's body can be written out several times: straight code, and nothing backwards. */
function isPlain(body: readonly Step[]): boolean {
  if (!body.every((step) => step.do === "set")) return false;
  let plain = true;
  forEachExpression(body, (expression) => {
    if ("at" in expression && [...expression.at.terms.values()].some((factor) => factor < 0)) {
      plain = false;
    }
  });
  return plain;
}

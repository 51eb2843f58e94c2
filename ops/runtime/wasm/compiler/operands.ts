/**
 * Values of expressions for the vectors of a tile. What has been computed already is taken from the
 * variable that holds it: a variable of the kernel, a value held by a loop further out, or one that
 * this straight run of code has computed before.
 *
 * @module
 */
import type { Address, Addresses, Place } from "./addresses.ts";
import { type Affine, coefficient } from "../../lowering/affine.ts";
import { type Axes, axesOf, axesOfLocals } from "../../lowering/axes.ts";
import type { Code } from "./code.ts";
import type { ElementaryFunctions } from "./elementary.ts";
import type { Memo } from "./memo.ts";
import { emitOperation, type Operation } from "./operations.ts";
import { packingOf } from "./packing.ts";
import { homeOf, type Scope } from "./scopes.ts";
import { BYTES, VECTOR } from "./sizes.ts";
import { Terms } from "./terms.ts";
import type { Tile } from "./tiles.ts";
import { type Expression, isLeaf, type Step, usesIn } from "../../lowering/tree.ts";
import { Unsupported } from "../../lowering/unsupported.ts";
import { type At, slotOf, vectorsOf } from "./vectors.ts";

/** What values are emitted from. */
export interface OperandParts {
  /** What is done once in each turn of the outer loop over tiles. */
  readonly before: readonly Step[];
  /** What is done there the first time only. */
  readonly once: readonly Step[];
  /** What is done for each tile. */
  readonly steps: readonly Step[];
  readonly tile: Tile;
  /** Cells along the lanes' axis; fewer than four are loaded one by one. */
  readonly width: number;
  readonly scalar: (scalar: number) => Address;
  readonly functions: ElementaryFunctions;
  /** Whether a product and a sum may be rounded once. */
  readonly fused: boolean;
}

/** What the parts of a body share. */
interface Shared {
  readonly place: Place;
  readonly addresses: Addresses;
  readonly memo: Memo;
}

/** Emits the values of a body's expressions. */
export class Operands {
  readonly #code: Code;
  readonly #place: Place;
  readonly #addresses: Addresses;
  readonly #parts: OperandParts;
  /** Along which axes of the tile each variable varies. */
  readonly #localAxes: ReadonlyMap<string, Axes>;
  readonly #locals = new Map<string, readonly number[]>();
  readonly #held = new Map<Scope, Map<Expression, readonly number[]>>();
  readonly #uses: ReadonlyMap<Expression, number>;
  readonly #terms: Terms | undefined;
  readonly #memo: Memo;

  constructor(code: Code, { place, addresses, memo }: Shared, parts: OperandParts) {
    this.#code = code;
    this.#place = place;
    this.#addresses = addresses;
    this.#memo = memo;
    this.#parts = parts;
    this.#localAxes = axesOfLocals(parts.steps);
    this.#uses = usesIn([...parts.before, ...parts.once, ...parts.steps]);
    const axesOf = (expression: Expression) => this.axes(expression);
    this.#terms = parts.fused ? new Terms(parts.steps, axesOf, this.#uses) : undefined;
    for (const [name, axes] of this.#localAxes) this.#locals.set(name, this.#slots(axes));
  }

  /** The axes along which an expression varies. */
  axes(expression: Expression): Axes {
    return axesOf(expression, this.#localAxes);
  }

  /** The axes along which a variable of the kernel varies. */
  axesOfLocal(name: string): Axes | undefined {
    return this.#localAxes.get(name);
  }

  /** Emits the values that a scope keeps for what is inside of it. */
  hold(scope: Scope): void {
    const held = new Map<Expression, readonly number[]>();
    this.#held.set(scope, held);
    for (const expression of scope.held) {
      const axes = this.axes(expression);
      const slots = this.#slots(axes);
      this.#memo.inNewRun(() => {
        for (const at of vectorsOf(this.#parts.tile, axes)) {
          this.#operation(expression, at);
          this.#code.set(slots[slotOf(this.#parts.tile, at, axes)]);
        }
      });
      held.set(expression, slots);
    }
  }

  /** Sets a variable of the kernel. */
  set(name: string, to: Expression, at: At): void {
    if (!this.#accumulate(name, to, at)) this.value(to, at);
    this.#code.set(this.#local(name, at));
  }

  /** Leaves the value of an expression for the cells of one vector on the stack. */
  value(expression: Expression, at: At): void {
    const code = this.#code;
    if (expression.op === "local") {
      code.get(this.#local(expression.name, at));
      return;
    }
    const { tile } = this.#parts;
    const { scope, turn } = this.#place;
    const held = this.#held.get(homeOf(expression, scope))?.get(expression);
    const axes = this.axes(expression);
    const slot = slotOf(tile, at, axes);
    if (held !== undefined) {
      code.get(held[slot]);
      return;
    }
    const shared = this.#usesOf(expression) > 1 || (!axes.lane && tile.quads > 1) ||
      (!axes.row && tile.rows > 1);
    if (!shared || expression.locals.size > 0 || isLeaf(expression)) {
      this.#operation(expression, at);
      return;
    }
    const step = turn !== undefined && expression.symbols.has(turn.symbol) ? turn.step : 0;
    this.#memo.once(`${expression.id} ${slot} ${step}`, () => {
      if (!this.#splat(expression, at)) this.#operation(expression, at);
    });
  }

  #local(name: string, at: At): number {
    const axes = this.#localAxes.get(name)!;
    return this.#locals.get(name)![slotOf(this.#parts.tile, at, axes)];
  }

  #slots(axes: Axes): number[] {
    return vectorsOf(this.#parts.tile, axes).map(() => this.#code.local("v128"));
  }

  /**
   * A value that all lanes share, taken out of a vector that holds it for four turns or four rows.
   */
  #splat(expression: Expression, at: At): boolean {
    const { rows } = this.#parts.tile;
    const { turn } = this.#place;
    const packing = packingOf(expression, {
      turns: turn?.packed ? turn.symbol : undefined,
      rows: rows > 1 && rows <= VECTOR,
      isHeld: (part) => this.#isHeld(part),
    });
    if (packing === undefined) return false;
    const lane = packing === "rows" ? at.row : turn!.step % VECTOR;
    const first = packing === "rows" ? turn?.step : turn!.step - lane;
    const place = packing === "rows" ? `rows ${first}` : `turns ${first} ${at.row}`;
    if (packing === "turns") this.#place.turn = { ...turn!, step: first! };
    this.#packed(expression, packing === "rows" ? { ...at, row: 0 } : at, place);
    this.#place.turn = turn;
    const packed = this.#code.local("v128");
    this.#code.tee(packed).get(packed).shuffle(lane, lane, lane, lane);
    return true;
  }

  /** The value for four turns or rows in the four lanes; what is held is the same for all four. */
  #packed(expression: Expression, at: At, place: string): void {
    if (this.#isHeld(expression) || isLeaf(expression)) {
      this.value(expression, at);
      return;
    }
    this.#memo.once(`${expression.id} packed over ${place}`, () => {
      if (expression.op === "load") {
        const [pointer, offset] = this.#addresses.locate(expression.value, expression.at, at);
        this.#code.get(pointer).access("v128.load", offset);
      } else {
        this.#apply(expression as Operation, (part) => this.#packed(part, at, place));
      }
    });
  }

  #isHeld(expression: Expression): boolean {
    return this.#held.get(homeOf(expression, this.#place.scope))?.has(expression) === true;
  }

  #operation(expression: Expression, at: At): void {
    const code = this.#code;
    switch (expression.op) {
      case "number":
        code.floats(expression.value);
        return;
      case "scalar": {
        const { local, offset } = this.#parts.scalar(expression.scalar);
        code.get(local).access("v128.load32_splat", offset);
        return;
      }
      case "load":
        this.#load(expression.value, expression.at, at);
        return;
      case "index":
        this.#addresses.forms(expression.at, at);
        code.do("f32x4.convert_i32x4_s");
        return;
      case "atLeast0":
        this.#addresses.forms(expression.at, at);
        code.integers(-1, -1, -1, -1).do("i32x4.gt_s");
        return;
      case "local":
        this.value(expression, at);
        return;
    }
    this.#apply(expression, (part) => this.value(part, at));
  }

  #apply(expression: Operation, value: (part: Expression) => void): void {
    emitOperation(this.#code, this.#parts.functions, expression, value);
  }

  #accumulate(name: string, to: Expression, at: At): boolean {
    const term = this.#terms?.get(name, to);
    if (term === undefined) return false;
    for (const part of [term.left, term.right, term.sum]) this.value(part, at);
    this.#code.do("f32x4.relaxed_madd");
    return true;
  }

  #usesOf(expression: Expression): number {
    return this.#uses.get(expression) ?? 0;
  }

  #load(value: number, form: Affine, at: At): void {
    const code = this.#code;
    const [pointer, offset] = this.#addresses.locate(value, form, at);
    const stride = coefficient(form, "lane");
    if (stride === 1) {
      code.get(pointer).access("v128.load", offset);
      return;
    }
    if (stride < 0) throw new Unsupported("an index runs backwards");
    code.get(pointer).access("v128.load32_splat", offset);
    if (stride === 0) return;
    const vector = code.local("v128");
    for (let lane = 1; lane < Math.min(VECTOR, this.#parts.width); lane++) {
      code.set(vector).get(pointer).get(vector);
      code.accessLane("v128.load32_lane", offset + BYTES * stride * lane, lane);
    }
  }
}

/**
 * The code of one tile: every step for every cell of it, four cells to a vector.
 *
 * @module
 */
import { type Affine, coefficient } from "./affine.ts";
import { type Axes, axesOf, axesOfLocals, axesOfSymbols, sameAxes } from "./axes.ts";
import type { Code } from "./code.ts";
import type { ElementaryFunctions } from "./elementary.ts";
import { packingOf } from "./packing.ts";
import {
  homeOf,
  homeOfSymbols,
  outerPointer,
  type Pointer,
  pointerKey,
  pointerOf,
  type Scope,
  type Scopes,
} from "./scopes.ts";
import type { Tile } from "./tiles.ts";
import { type Expression, forEachExpression, forEachRoot, operands, type Step } from "./tree.ts";
import { Unsupported } from "./unsupported.ts";

/** Where a value lies: a variable with an address, and what is to be added to it, in bytes. */
export interface Address {
  readonly local: number;
  readonly offset: number;
}

/** What a body is emitted from. */
export interface BodyParts {
  /** What is done once in each turn of the outer loop over tiles. */
  readonly before: readonly Step[];
  readonly steps: readonly Step[];
  readonly scopes: Scopes;
  readonly tile: Tile;
  /** Cells along the lanes' axis; fewer than four are stored one by one. */
  readonly width: number;
  readonly symbols: ReadonlyMap<string, number>;
  readonly address: (value: number) => Address;
  readonly scalar: (scalar: number) => Address;
  readonly functions: ElementaryFunctions;
  /** Whether a product and a sum may be rounded once. */
  readonly fused: boolean;
}

/** A vector of a tile. */
interface At {
  readonly quad: number;
  readonly row: number;
}

/** An expression with operands. */
type Operation = Expression & { readonly of: readonly Expression[] };

const ORIGIN: At = { quad: 0, row: 0 };
const VECTOR = 4;
const BYTES = 4;

/** Emits the body of a tile; the loops over tiles are around it. */
export class Body {
  readonly #code: Code;
  readonly #parts: BodyParts;
  readonly #symbols: Map<string, number>;
  readonly #pointers = new Map<Scope, Map<string, number>>();
  readonly #held = new Map<Scope, Map<Expression, readonly number[]>>();
  readonly #locals = new Map<string, readonly number[]>();
  /** Along which axes of the tile each variable varies. */
  readonly #localAxes: ReadonlyMap<string, Axes>;
  readonly #uses = new Map<Expression, number>();
  /** Values computed already in this straight run of code and those around it. */
  #memo: Map<string, number>[] = [];
  #scope: Scope;
  /** The turn of the innermost loop that is being written out, counted from its pointers. */
  #turn: { readonly symbol: string; readonly step: number; readonly packed: boolean } | undefined;

  constructor(code: Code, parts: BodyParts) {
    this.#code = code;
    this.#parts = parts;
    this.#symbols = new Map(parts.symbols);
    this.#scope = parts.scopes.outer;
    this.#localAxes = axesOfLocals(parts.steps);
    const use = (expression: Expression) =>
      this.#uses.set(expression, (this.#uses.get(expression) ?? 0) + 1);
    forEachRoot([...parts.before, ...parts.steps], use);
    forEachExpression([...parts.before, ...parts.steps], (user) => operands(user).forEach(use));
    for (const [name, axes] of this.#localAxes) this.#locals.set(name, this.#slots(axes));
  }

  /** What is computed once for each turn of the outer loop over tiles. */
  emitOuter(): void {
    this.#enter(this.#parts.scopes.outer);
    this.#inNewRun(() => this.#steps(this.#parts.before));
  }

  /** What is computed for each tile. */
  emitTile(): void {
    this.#enter(this.#parts.scopes.tile);
    this.#inNewRun(() => this.#steps(this.#parts.steps));
  }

  #steps(steps: readonly Step[]): void {
    for (let i = 0; i < steps.length;) {
      const step = steps[i];
      if (step.do === "loop") {
        this.#loop(step);
        i++;
      } else if (step.do === "if") {
        this.#form((step.test as { readonly at: Affine }).at, ORIGIN);
        this.#code.integer(-1).do("i32.gt_s").if();
        this.#inNewRun(() => this.#steps(step.then));
        this.#code.do("end");
        i++;
      } else {
        // Steps along the same axes do not see each other's other vectors, so that each vector can
        // go through all of them while it is in a register.
        const axes = this.#axesOfStep(step)!;
        let end = i + 1;
        while (end < steps.length && sameAxes(this.#axesOfStep(steps[end]), axes)) end++;
        const run = steps.slice(i, end);
        for (const at of this.#vectors(axes)) run.forEach((step) => this.#step(step, at));
        i = end;
      }
    }
  }

  #step(step: Step, at: At): void {
    if (step.do === "set") {
      if (!this.#accumulate(step.name, step.to, at)) this.#value(step.to, at);
      this.#code.set(this.#locals.get(step.name)![this.#slot(at, this.#localAxes.get(step.name)!)]);
    } else if (step.do === "store") this.#store(step, at);
  }

  #axesOfStep(step: Step): Axes | undefined {
    if (step.do === "set") return this.#localAxes.get(step.name);
    if (step.do !== "store") return undefined;
    const [along, from] = [axesOfSymbols(step.at.terms), this.#axes(step.from)];
    return { lane: along.lane || from.lane, row: along.row || from.row };
  }

  #store({ value, at: form, from }: Step & { readonly do: "store" }, at: At): void {
    const { width } = this.#parts;
    const [pointer, offset] = this.#locate(value, form, at);
    if (width >= VECTOR) {
      this.#code.get(pointer);
      this.#value(from, at);
      this.#code.access("v128.store", offset);
      return;
    }
    const vector = this.#code.local("v128");
    this.#value(from, at);
    this.#code.set(vector);
    for (let lane = 0; lane < width; lane++) {
      this.#code.get(pointer).get(vector).accessLane(
        "v128.store32_lane",
        offset + lane * BYTES,
        lane,
      );
    }
  }

  #loop(step: Step & { readonly do: "loop" }): void {
    const scope = this.#parts.scopes.loops.get(step)!;
    const { symbol, first, last, body } = step;
    const code = this.#code;
    const trips = last - first + 1;
    const unroll = Math.min(trips, isPlain(body) ? this.#parts.tile.unroll : 1);
    const counter = code.local("i32");
    this.#symbols.set(symbol, counter);
    code.integer(first).set(counter);
    const pointers = new Map<string, number>();
    const advance: { readonly local: number; readonly bytes: number }[] = [];
    for (const [key, pointer] of scope.pointers) {
      const local = code.local("i32");
      const factor = coefficient(pointer.at, symbol);
      code.get(this.#pointerLocal(outerPointer(pointer, scope), scope.outer!));
      if (factor * first !== 0) code.integer(BYTES * factor * first).do("i32.add");
      code.set(local);
      pointers.set(key, local);
      advance.push({ local, bytes: BYTES * factor });
    }
    this.#pointers.set(scope, pointers);
    const outside = this.#scope;
    const turns = (count: number) => {
      this.#scope = scope;
      this.#inNewRun(() => {
        this.#hold(scope);
        for (let turn = 0; turn < count; turn++) {
          this.#turn = isPlain(body) ? { symbol, step: turn, packed: count === VECTOR } : undefined;
          this.#steps(body);
          this.#turn = undefined;
        }
      });
      this.#scope = outside;
    };
    const whole = Math.floor(trips / unroll);
    if (whole > 1) code.loop();
    turns(unroll);
    if (whole > 1 || trips % unroll > 0) {
      for (const { local, bytes } of advance) {
        code.get(local).integer(bytes * unroll).do("i32.add").set(local);
      }
      code.get(counter).integer(unroll).do("i32.add").tee(counter);
      if (whole > 1) {
        code.integer(first + whole * unroll).do("i32.lt_s").branchIf(0).do("end");
      } else code.set(counter);
    }
    if (trips % unroll > 0) turns(trips % unroll);
  }

  /** Emits the addresses and values that a scope keeps for what is inside of it. */
  #enter(scope: Scope): void {
    const code = this.#code;
    const pointers = new Map<string, number>();
    this.#pointers.set(scope, pointers);
    for (const [key, pointer] of scope.pointers) {
      if (scope.outer === undefined) {
        code.get(this.#parts.address(pointer.value).local);
        if (pointer.at.constant !== 0) {
          code.integer(BYTES * pointer.at.constant).do("i32.add");
        }
      } else code.get(this.#pointerLocal(outerPointer(pointer, scope), scope.outer));
      for (const symbol of scope.symbols) {
        const factor = coefficient(pointer.at, symbol);
        if (factor === 0) continue;
        code.get(this.#symbols.get(symbol)!).integer(BYTES * factor).do("i32.mul", "i32.add");
      }
      const local = code.local("i32");
      code.set(local);
      pointers.set(key, local);
    }
    this.#scope = scope;
    this.#hold(scope);
  }

  #hold(scope: Scope): void {
    const held = new Map<Expression, readonly number[]>();
    this.#held.set(scope, held);
    for (const expression of scope.held) {
      const axes = this.#axes(expression);
      const slots = this.#slots(axes);
      this.#inNewRun(() => {
        for (const at of this.#vectors(axes)) {
          this.#operation(expression, at);
          this.#code.set(slots[this.#slot(at, axes)]);
        }
      });
      held.set(expression, slots);
    }
  }

  /** Leaves the value of an expression for the cells of one vector on the stack. */
  #value(expression: Expression, at: At): void {
    const code = this.#code;
    if (expression.op === "local") {
      const axes = this.#localAxes.get(expression.name)!;
      code.get(this.#locals.get(expression.name)![this.#slot(at, axes)]);
      return;
    }
    const home = homeOf(expression, this.#scope);
    const held = this.#held.get(home)?.get(expression);
    const axes = this.#axes(expression);
    if (held !== undefined) {
      code.get(held[this.#slot(at, axes)]);
      return;
    }
    const { quads, rows } = this.#parts.tile;
    const shared = (this.#uses.get(expression) ?? 0) > 1 || (!axes.lane && quads > 1) ||
      (!axes.row && rows > 1);
    if (!shared || expression.locals.size > 0 || isLeaf(expression)) {
      this.#operation(expression, at);
      return;
    }
    const turn = this.#turn !== undefined && expression.symbols.has(this.#turn.symbol)
      ? this.#turn.step
      : 0;
    this.#once(`${expression.id} ${this.#slot(at, axes)} ${turn}`, () => {
      if (!this.#splat(expression, at)) this.#operation(expression, at);
    });
  }

  /**
   * A value that all lanes share, taken out of a vector that holds it for four turns or four rows.
   */
  #splat(expression: Expression, at: At): boolean {
    const { rows } = this.#parts.tile;
    const packing = packingOf(expression, {
      turns: this.#turn?.packed ? this.#turn.symbol : undefined,
      rows: rows > 1 && rows <= VECTOR,
      isHeld: (part) => this.#isHeld(part),
    });
    if (packing === undefined) return false;
    const turn = this.#turn;
    const lane = packing === "rows" ? at.row : turn!.step;
    const place = packing === "rows" ? `rows ${turn?.step}` : `turns ${at.row}`;
    if (packing === "turns") this.#turn = { ...turn!, step: 0 };
    this.#packed(expression, packing === "rows" ? { ...at, row: 0 } : at, place);
    this.#turn = turn;
    const packed = this.#code.local("v128");
    this.#code.tee(packed).get(packed).shuffle(lane, lane, lane, lane);
    return true;
  }

  /** The value for four turns or rows in the four lanes; what is held is the same for all four. */
  #packed(expression: Expression, at: At, place: string): void {
    if (this.#isHeld(expression) || isLeaf(expression)) {
      this.#value(expression, at);
      return;
    }
    this.#once(`${expression.id} packed over ${place}`, () => {
      if (expression.op === "load") {
        const [pointer, offset] = this.#locate(expression.value, expression.at, at);
        this.#code.get(pointer).access("v128.load", offset);
      } else {
        this.#apply(expression as Operation, (part) => this.#packed(part, at, place));
      }
    });
  }

  #isHeld(expression: Expression): boolean {
    return this.#held.get(homeOf(expression, this.#scope))?.has(expression) === true;
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
        this.#forms(expression.at, at);
        code.do("f32x4.convert_i32x4_s");
        return;
      case "atLeast0":
        this.#forms(expression.at, at);
        code.integers(-1, -1, -1, -1).do("i32x4.gt_s");
        return;
      case "local":
        this.#value(expression, at);
        return;
    }
    this.#apply(expression, (part) => this.#value(part, at));
  }

  /**
   * The next term of a contraction, a product of what differs from lane to lane and what differs from
   * row to row, added to its sum with one rounding. All other products are rounded before they are
   * added, as on other backends: what is left where terms cancel, and what overflows, is then the same.
   */
  #accumulate(name: string, to: Expression, at: At): boolean {
    if (!this.#parts.fused || to.op !== "+") return false;
    const [sum, product] = to.of;
    if (sum.op !== "local" || sum.name !== name || product.op !== "*") return false;
    const [left, right] = product.of;
    const across = this.#axes(left);
    const down = this.#axes(right);
    const contracts = across.lane !== across.row && down.lane !== down.row &&
      across.lane !== down.lane;
    if (!contracts || (this.#uses.get(product) ?? 0) > 1) return false;
    for (const part of [left, right, sum]) this.#value(part, at);
    this.#code.do("f32x4.relaxed_madd");
    return true;
  }

  #apply(
    expression: Operation,
    value: (part: Expression) => void,
  ): void {
    const { code, functions } = { code: this.#code, functions: this.#parts.functions };
    if (expression.op === "select") {
      const [test, a, b] = expression.of as [Expression, Expression, Expression];
      [a, b, test].forEach(value);
      code.do("v128.bitselect");
      return;
    }
    expression.of.forEach(value);
    const { op } = expression;
    if (op === "exp" || op === "log" || op === "pow") code.call(functions.index(op));
    else if (op === "min" && isPlainLimit(expression.of[1])) code.do("f32x4.pmin");
    else code.do(INSTRUCTION[op as keyof typeof INSTRUCTION]);
  }

  #load(value: number, form: Affine, at: At): void {
    const code = this.#code;
    const [pointer, offset] = this.#locate(value, form, at);
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

  /** The variable with the address of an element, and what the instruction has to add. */
  #locate(value: number, form: Affine, { quad, row }: At): [local: number, offset: number] {
    const pointer = pointerOf(value, form);
    const turn = this.#turn === undefined
      ? 0
      : coefficient(form, this.#turn.symbol) * this.#turn.step;
    const elements = form.constant - pointer.at.constant +
      coefficient(form, "lane") * VECTOR * quad + coefficient(form, "row") * row + turn;
    const offset = this.#parts.address(value).offset + BYTES * elements;
    if (offset < 0) throw new Unsupported("an index runs backwards");
    return [this.#pointerLocal(pointer, this.#scope), offset];
  }

  #pointerLocal(pointer: Pointer, scope: Scope): number {
    const home = homeOfSymbols(pointer.at.terms.keys(), scope);
    return this.#pointers.get(home)!.get(pointerKey(pointer))!;
  }

  /** An integer form as a number on the stack, for the first lane of a vector. */
  #form(form: Affine, { quad, row }: At): void {
    const turn = this.#turn === undefined
      ? 0
      : coefficient(form, this.#turn.symbol) * this.#turn.step;
    this.#code.integer(
      form.constant + coefficient(form, "lane") * VECTOR * quad + coefficient(form, "row") * row +
        turn,
    );
    for (const [symbol, factor] of form.terms) {
      this.#code.get(this.#symbols.get(symbol)!).integer(factor).do("i32.mul", "i32.add");
    }
  }

  /** An integer form in the four lanes of a vector. */
  #forms(form: Affine, at: At): void {
    this.#form(form, at);
    this.#code.do("i32x4.splat");
    const stride = coefficient(form, "lane");
    if (stride === 0) return;
    this.#code.integers(0, stride, 2 * stride, 3 * stride).do("i32x4.add");
  }

  /** Computes something once in a run of code and leaves it on the stack. */
  #once(key: string, compute: () => void): void {
    for (const memo of this.#memo) {
      const known = memo.get(key);
      if (known !== undefined) {
        this.#code.get(known);
        return;
      }
    }
    compute();
    const local = this.#code.local("v128");
    this.#code.tee(local);
    this.#memo.at(-1)!.set(key, local);
  }

  #inNewRun(emit: () => void): void {
    this.#memo.push(new Map());
    emit();
    this.#memo.pop();
  }

  #axes(expression: Expression): Axes {
    return axesOf(expression, this.#localAxes);
  }

  #slots(axes: Axes): number[] {
    return this.#vectors(axes).map(() => this.#code.local("v128"));
  }

  #slot({ quad, row }: At, axes: Axes): number {
    return (axes.row ? row * (axes.lane ? this.#parts.tile.quads : 1) : 0) + (axes.lane ? quad : 0);
  }

  /** The vectors of a tile, or one for all along an axis that does not matter. */
  #vectors(axes: Axes): At[] {
    const { quads, rows, inner } = this.#parts.tile;
    const at: At[] = [];
    for (let row = 0; row < (axes.row ? rows : 1); row++) {
      for (let quad = 0; quad < (axes.lane ? quads : 1); quad++) at.push({ quad, row });
    }
    // What rows share is then at hand for all of them before the next of it is loaded.
    return inner === "row" ? at : at.sort((a, b) => a.quad - b.quad || a.row - b.row);
  }
}

/**
 * Whether "the second where it is less, else the first" is the minimum with this number, which a
 * processor does in one instruction instead of seven: the number is not NaN and no zero with a sign.
 */
function isPlainLimit(limit: Expression): boolean {
  return limit.op === "number" && Math.abs(limit.value) > 0;
}

const INSTRUCTION = {
  neg: "f32x4.neg",
  abs: "f32x4.abs",
  sqrt: "f32x4.sqrt",
  floor: "f32x4.floor",
  not: "v128.not",
  "+": "f32x4.add",
  "-": "f32x4.sub",
  "*": "f32x4.mul",
  "/": "f32x4.div",
  min: "f32x4.min",
  max: "f32x4.max",
  "<": "f32x4.lt",
  "<=": "f32x4.le",
  ">": "f32x4.gt",
  ">=": "f32x4.ge",
  "===": "f32x4.eq",
  "!==": "f32x4.ne",
  and: "v128.and",
  or: "v128.or",
} as const;

function isLeaf({ op }: Expression): boolean {
  return op === "number" || op === "scalar";
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

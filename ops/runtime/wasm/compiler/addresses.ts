/**
 * Addresses and counters in the nest of loops: each scope keeps its pointers in variables, which are
 * advanced from turn to turn instead of multiplied out.
 *
 * @module
 */
import { type Affine, coefficient } from "../../lowering/affine.ts";
import type { Code } from "./code.ts";
import {
  homeOfSymbols,
  outerPointer,
  type Pointer,
  pointerKey,
  pointerOf,
  type Scope,
} from "./scopes.ts";
import { Unsupported } from "../../lowering/unsupported.ts";
import { BYTES, VECTOR } from "./sizes.ts";
import type { At } from "./vectors.ts";

/** Where a value lies: a variable with an address, and what is to be added to it, in bytes. */
export interface Address {
  readonly local: number;
  readonly offset: number;
}

/** The place in the nest for which code is being emitted; all parts of a body share one. */
export interface Place {
  scope: Scope;
  /** The turn of the innermost loop that is being written out, counted from its pointers. */
  turn: Turn | undefined;
}

/** One of several turns of a loop that are written out one after the other. */
export interface Turn {
  readonly symbol: string;
  readonly step: number;
  /** Whether there are whole vectors of them. */
  readonly packed: boolean;
}

/** A loop that counts: its counter, and the pointers that move with it. */
interface Count {
  readonly counter: number;
  readonly pointers: readonly { readonly local: number; readonly bytes: number }[];
}

/** Keeps and emits the addresses of a body. */
export class Addresses {
  readonly #code: Code;
  readonly #place: Place;
  readonly #symbols: Map<string, number>;
  readonly #address: (value: number) => Address;
  readonly #pointers = new Map<Scope, Map<string, number>>();

  /** Starts from the variables of the tile's coordinates and the addresses of whole values. */
  constructor(
    code: Code,
    place: Place,
    symbols: ReadonlyMap<string, number>,
    address: (value: number) => Address,
  ) {
    this.#code = code;
    this.#place = place;
    this.#symbols = new Map(symbols);
    this.#address = address;
  }

  /** Emits the pointers of one of the two loops over tiles, its symbols being set. */
  enter(scope: Scope): void {
    const code = this.#code;
    const pointers = new Map<string, number>();
    this.#pointers.set(scope, pointers);
    for (const [key, pointer] of scope.pointers) {
      if (scope.outer === undefined) {
        code.get(this.#address(pointer.value).local);
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
  }

  /** Emits the start of a body's own loop: its counter, and its pointers at the first turn. */
  startLoop(scope: Scope, symbol: string, first: number): Count {
    const code = this.#code;
    const counter = code.local("i32");
    this.#symbols.set(symbol, counter);
    code.integer(first).set(counter);
    const locals = new Map<string, number>();
    const pointers: { readonly local: number; readonly bytes: number }[] = [];
    for (const [key, pointer] of scope.pointers) {
      const local = code.local("i32");
      const factor = coefficient(pointer.at, symbol);
      code.get(this.#pointerLocal(outerPointer(pointer, scope), scope.outer!));
      if (factor * first !== 0) code.integer(BYTES * factor * first).do("i32.add");
      code.set(local);
      locals.set(key, local);
      pointers.push({ local, bytes: BYTES * factor });
    }
    this.#pointers.set(scope, locals);
    return { counter, pointers };
  }

  /** Moves a loop's pointers on by some turns, and leaves the advanced counter on the stack. */
  advanceLoop({ counter, pointers }: Count, turns: number): void {
    const code = this.#code;
    for (const { local, bytes } of pointers) {
      code.get(local).integer(bytes * turns).do("i32.add").set(local);
    }
    code.get(counter).integer(turns).do("i32.add").tee(counter);
  }

  /** The variable with the address of an element, and what the instruction has to add. */
  locate(value: number, form: Affine, at: At): [local: number, offset: number] {
    const pointer = pointerOf(value, form);
    const elements = this.#constantOf(form, at) - pointer.at.constant;
    const offset = this.#address(value).offset + BYTES * elements;
    if (offset < 0) throw new Unsupported("an index runs backwards");
    return [this.#pointerLocal(pointer, this.#place.scope), offset];
  }

  /** An integer form as a number on the stack, for the first lane of a vector. */
  form(form: Affine, at: At): void {
    this.#code.integer(this.#constantOf(form, at));
    for (const [symbol, factor] of form.terms) {
      this.#code.get(this.#symbols.get(symbol)!).integer(factor).do("i32.mul", "i32.add");
    }
  }

  /** An integer form in the four lanes of a vector. */
  forms(form: Affine, at: At): void {
    this.form(form, at);
    this.#code.do("i32x4.splat");
    const stride = coefficient(form, "lane");
    if (stride === 0) return;
    this.#code.integers(0, stride, 2 * stride, 3 * stride).do("i32x4.add");
  }

  /** What of a form is known when code is emitted: for this vector of the tile, and this turn. */
  #constantOf(form: Affine, { quad, row }: At): number {
    const { turn } = this.#place;
    const turned = turn === undefined ? 0 : coefficient(form, turn.symbol) * turn.step;
    return form.constant + coefficient(form, "lane") * VECTOR * quad +
      coefficient(form, "row") * row + turned;
  }

  #pointerLocal(pointer: Pointer, scope: Scope): number {
    const home = homeOfSymbols(pointer.at.terms, scope);
    return this.#pointers.get(home)!.get(pointerKey(pointer))!;
  }
}

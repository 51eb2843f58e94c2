/**
 * Scopes: where in the nest of loops each value is computed. A value that only outer counters decide
 * is computed once in their loop and held, instead of in every turn of the inner ones; addresses are
 * advanced from turn to turn instead of multiplied out.
 *
 * @module
 */
import {
  type Affine,
  boundsOf,
  coefficient,
  constant,
  keyOf,
  plus,
  type Ranges,
} from "../../lowering/affine.ts";
import { type Expression, operands, type Step } from "../../lowering/tree.ts";
import { Unsupported } from "../../lowering/unsupported.ts";

/** The body of one loop of the nest. */
export interface Scope {
  /** Symbols that are bound by the loop: its counter, or coordinates of the tile. */
  readonly symbols: readonly string[];
  readonly outer?: Scope;
  /** What is computed at the start of each turn, in this order. */
  readonly held: Set<Expression>;
  /** Addresses that the loop keeps, those of outer scopes that they start from first. */
  readonly pointers: Map<string, Pointer>;
}

/** The address of an array's element, except what is known of it in advance. */
export interface Pointer {
  readonly value: number;
  /** The form that it follows in this scope, in elements. */
  readonly at: Affine;
}

/** The scopes of a body: of the two loops over tiles, and of each of its own loops. */
export interface Scopes {
  /** Of the outer loop over tiles. */
  readonly outer: Scope;
  /** Of a tile. */
  readonly tile: Scope;
  readonly loops: ReadonlyMap<Step, Scope>;
}

/** What an array may be read beyond its end, in elements: the memory has as much to spare. */
export const SPARE = 16384;

/**
 * Places everything that a body computes.
 *
 * @param before Steps of the outer loop over tiles.
 * @param lengths Elements of each value; a panel, which has none here, is never read beyond its end.
 */
export function placeScopes(
  before: readonly Step[],
  steps: readonly Step[],
  inner: "lane" | "row",
  ranges: Ranges,
  lengths: readonly number[],
): Scopes {
  const outer = scope(["plane", inner === "lane" ? "row" : "lane"]);
  const tile = scope([inner], outer);
  const loops = new Map<Step, Scope>();
  const place = (steps: readonly Step[], scope: Scope, ranges: Ranges, guarded: boolean) => {
    for (const step of steps) {
      if (step.do === "loop") {
        const inside = loopScope(step.symbol, scope);
        loops.set(step, inside);
        place(step.body, inside, new Map(ranges).set(step.symbol, step), guarded);
      } else if (step.do === "if") place(step.then, scope, ranges, true);
      else {need(step.do === "set" ? step.to : step.from, scope, {
          ranges,
          lengths,
          guarded,
          placed: new Set(),
        });}
      if (step.do === "store") pointerIn(scope, pointerOf(step.value, step.at));
    }
  };
  place(before, outer, ranges, false);
  place(steps, tile, ranges, false);
  return { outer, tile, loops };
}

/** The scope in which an expression is computed that is needed in `scope`. */
export function homeOf(expression: Expression, scope: Scope): Scope {
  if (expression.locals.size > 0) return scope;
  return homeOfSymbols(expression.symbols, scope);
}

/** The scope that keeps the address of a form. */
export function homeOfSymbols(symbols: { has(name: string): boolean }, scope: Scope): Scope {
  let home = scope;
  while (home.outer !== undefined && !home.symbols.some((symbol) => symbols.has(symbol))) {
    home = home.outer;
  }
  return home;
}

/**
 * The pointer by which a form is reached: without its constant, which goes into the instruction,
 * unless it is negative itself or a negative coefficient could bring the rest below zero.
 */
export function pointerOf(value: number, at: Affine): Pointer {
  const backwards = at.constant < 0 || [...at.terms.values()].some((factor) => factor < 0);
  return { value, at: backwards ? at : { ...at, constant: 0 } };
}

/** Equal for pointers that are the same. */
export function pointerKey({ value, at }: Pointer): string {
  return `${value} ${keyOf(at)}`;
}

/** The pointer of the next outer scope that a pointer starts from in its own. */
export function outerPointer(pointer: Pointer, scope: Scope): Pointer {
  const at = scope.symbols.reduce(
    (at, symbol) =>
      plus(at, { ...constant(0), terms: new Map([[symbol, 1]]) }, -coefficient(at, symbol)),
    pointer.at,
  );
  return { ...pointer, at };
}

function scope(symbols: readonly string[], outer?: Scope): Scope {
  return { symbols, held: new Set(), pointers: new Map(), ...(outer && { outer }) };
}

function loopScope(symbol: string, outer: Scope): Scope {
  return scope([symbol], outer);
}

interface Limits {
  readonly ranges: Ranges;
  readonly lengths: readonly number[];
  /** Inside of a branch: what stays there is not read where the condition does not hold. */
  readonly guarded: boolean;
  /** What has been placed where it is needed. */
  readonly placed: Set<Expression>;
}

function need(expression: Expression, scope: Scope, limits: Limits): void {
  if (expression.op === "local") return;
  const home = homeOf(expression, scope);
  if (home === scope ? limits.placed.has(expression) : home.held.has(expression)) return;
  for (const operand of operands(expression)) need(operand, home, limits);
  if (expression.op === "load") {
    if (home !== scope || !limits.guarded) checkBounds(expression.value, expression.at, limits);
    pointerIn(home, pointerOf(expression.value, expression.at));
  }
  (home === scope ? limits.placed : home.held).add(expression);
}

/** Has a scope keep a pointer, and the outer scopes those that it starts from. */
function pointerIn(scope: Scope, pointer: Pointer): void {
  const home = homeOfSymbols(pointer.at.terms, scope);
  const key = pointerKey(pointer);
  if (home.pointers.has(key)) return;
  if (home.outer !== undefined) pointerIn(home.outer, outerPointer(pointer, home));
  home.pointers.set(key, pointer);
}

function checkBounds(value: number, at: Affine, { ranges, lengths }: Limits): void {
  const { least, greatest } = boundsOf(at, ranges);
  if (value < lengths.length && (least < 0 || greatest >= lengths[value] + SPARE)) {
    throw new Unsupported("an index can lie too far outside of its array");
  }
}

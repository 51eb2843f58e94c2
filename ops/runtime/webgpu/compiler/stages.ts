/**
 * Stages: factors of a contraction in the memory of a workgroup, some terms at a time. All threads of
 * the workgroup fill them together, neighbours reading what is next to each other in memory.
 *
 * @module
 */
import { type Affine, coefficient } from "../../lowering/affine.ts";
import type { Factor } from "../../lowering/factors.ts";
import { type Expression, operands } from "../../lowering/tree.ts";
import type { Bindings } from "./bindings.ts";
import type { Loop, Statements } from "./statements.ts";
import { floats, nameOf } from "./text.ts";
import { type Tile, VECTOR } from "./tile.ts";
import { type Along, vectorNames } from "./vectors.ts";

/** A factor, and where and how it is staged. */
export interface Stage {
  readonly factor: Factor;
  /** The array in the workgroup's memory: for each term, a vector for each thread along the axis. */
  readonly array: string;
  /** Vectors of a term. */
  readonly vectors: number;
  /** Cells of a vector. */
  readonly size: number;
  /** Terms that are staged at a time. */
  readonly terms: number;
  /** What vectors are read along: the cells' axis, or the terms, and then they are turned over. */
  readonly along: Along;
  /** Whether neighbouring threads read neighbouring terms. */
  readonly termsFirst: boolean;
}

/** Extents of the grid by the symbols of its axes. */
export type Sides = Readonly<Record<"lane" | "row", number>>;

/** The stages of a loop's factors. */
export function stagesOf(
  loop: Loop,
  factors: readonly Factor[],
  tile: Tile,
  sides: Sides,
): Stage[] {
  const trips = loop.last - loop.first + 1;
  const inFours = trips % VECTOR === 0 && loop.first % VECTOR === 0;
  const even = Math.ceil(trips / Math.ceil(trips / tile.terms));
  const terms = inFours ? VECTOR * Math.ceil(even / VECTOR) : even;
  return factors.map((factor, i): Stage => {
    const { axis, expression, tests } = factor;
    const size = axis === "lane" ? VECTOR : tile.rows;
    const reads = loadsIn(expression);
    const termsFirst = reads.every(({ at }) =>
      coefficient(at, loop.symbol) === 1 && coefficient(at, axis) !== 1
    );
    // A guard on terms may hold for some of four only.
    const turned = termsFirst && inFours && tests.length === 0 &&
      reads.every(({ at }) => isOnFours(at, loop.symbol));
    return {
      factor,
      array: `${axis}s${i}`,
      vectors: axis === "lane" ? tile.across : tile.down,
      size,
      terms,
      along: turned
        ? { symbol: loop.symbol, size: VECTOR, aligned: true }
        : { symbol: axis, size, aligned: sides[axis] % VECTOR === 0 },
      termsFirst,
    };
  });
}

/** Vectors of a stage's array, with one more for each term, so that terms begin in other banks. */
export function strideOf({ vectors }: Stage): number {
  return vectors + 1;
}

/** Bytes of a stage's array. */
export function bytesOf(stage: Stage): number {
  return stage.terms * strideOf(stage) * stage.size * 4;
}

/** Emits what fills a stage; `from` is the first of the terms. */
export function fillStage(
  out: Statements,
  stage: Stage,
  loop: Loop,
  from: string,
  threads: number,
  bindings: Bindings,
  sides: Sides,
  indent: string,
): void {
  const { factor: { axis, expression, tests }, array, vectors, size, terms, along } = stage;
  const turned = along.symbol === loop.symbol;
  const runs = turned ? terms / VECTOR : terms;
  const counter = nameOf(loop.symbol);
  const inner = `${indent}  `;
  const first = `first${axis === "lane" ? "Lane" : "Row"} + ${size} * vector`;
  const lastOfAxis = sides[axis] - 1;

  out.line(`for (var i = thread; i < ${runs * vectors}; i += ${threads}) {`, indent);
  const [term, vector] = stage.termsFirst
    ? [`i % ${runs}`, `i / ${runs}`]
    : [`i / ${vectors}`, `i % ${vectors}`];
  out.line(`let term = ${turned ? `${VECTOR} * (${term})` : term};`, inner);
  out.line(`let vector = ${vector};`, inner);
  // What lies beyond the data is taken from their end and never used.
  const [offset, end] = turned ? [" + vec4i(0, 1, 2, 3)", `vec4i(${loop.last})`] : ["", loop.last];
  out.line(`let ${counter} = min(${from} + term${offset}, ${end});`, inner);
  if (turned) {
    const cells = Array.from({ length: size }, (_, cell) => {
      out.line(`let ${axis}${cell} = min(${first} + ${cell}, ${lastOfAxis});`, inner);
      const names = vectorNames(
        bindings,
        along,
        (name) => name === axis ? `${axis}${cell}` : nameOf(name),
      );
      const value = out.value(expression, names, inner);
      out.line(`let cell${cell} = ${value};`, inner);
      return `cell${cell}`;
    });
    [..."xyzw"].forEach((part, i) => {
      const parts = cells.map((cell) => `${cell}.${part}`).join(", ");
      const place = `${array}[(term + ${i}) * ${strideOf(stage)} + vector]`;
      out.line(`${place} = ${floats(size)}(${parts});`, inner);
    });
  } else {
    out.line(`let ${axis} = ${cells(first, size, lastOfAxis)};`, inner);
    const names = vectorNames(bindings, along);
    const guard = tests.map((test) => out.value(test, names, inner)).join(" && ");
    if (guard !== "") out.line(`if (${guard}) {`, inner);
    const within = guard === "" ? inner : `${inner}  `;
    const value = out.value(expression, names, within);
    out.line(`${array}[term * ${strideOf(stage)} + vector] = ${value};`, within);
    if (guard !== "") out.line("}", inner);
  }
  out.line("}", indent);
}

/** Coordinates of so many cells side by side, those beyond the last being the last. */
export function cells(first: string, size: number, last: number): string {
  if (size === 1) return `min(${first}, ${last})`;
  const steps = [0, 1, 2, 3].slice(0, size).join(", ");
  return `min(${first} + vec${size}i(${steps}), vec${size}i(${last}))`;
}

type Load = Expression & { readonly op: "load" };

/** What an expression reads. */
export function loadsIn(expression: Expression): Load[] {
  const found = new Set<Load>();
  const seen = new Set<Expression>();
  const visit = (expression: Expression): void => {
    if (seen.has(expression)) return;
    seen.add(expression);
    if (expression.op === "load") found.add(expression);
    operands(expression).forEach(visit);
  };
  visit(expression);
  return [...found];
}

function isOnFours({ constant, terms }: Affine, along: string): boolean {
  return constant % VECTOR === 0 &&
    [...terms].every(([name, factor]) => name === along || factor % VECTOR === 0);
}

/**
 * Vectors of elements that lie side by side, or apart, in memory.
 *
 * @module
 */
import { type Affine, coefficient } from "../../lowering/affine.ts";
import type { Expression } from "../../lowering/tree.ts";
import type { Bindings } from "./bindings.ts";
import { integerText, nameOf, type Names } from "./text.ts";
import { VECTOR } from "./tile.ts";

/** A symbol whose values a vector holds; the shader has it as a vector of integers. */
export interface Along {
  readonly symbol: string;
  readonly size: number;
  /** Whether vectors of four start at multiples of four only and are never cut. */
  readonly aligned: boolean;
}

/** Whether four elements along a symbol are a vector of an array of vectors. */
export function isInFours(at: Affine, { symbol, size, aligned }: Along): boolean {
  return aligned && size === VECTOR && coefficient(at, symbol) === 1 &&
    at.constant % VECTOR === 0 &&
    [...at.terms].every(([name, factor]) => name === symbol || factor % VECTOR === 0);
}

/** Names at a place where one symbol is a vector and all others are numbers. */
export function vectorNames(
  bindings: Bindings,
  along: Along,
  symbol: (name: string) => string = nameOf,
  isVectorVariable: (name: string) => boolean = () => false,
): Names {
  const { size } = along;
  const isAlong = ({ terms }: Affine) => size > 1 && terms.has(along.symbol);
  const element = (value: number, at: Affine, part: string) => {
    const own = `${nameOf(along.symbol)}${part}`;
    const text = integerText(at, (name) => name === along.symbol ? own : symbol(name));
    return `${bindings.value(value)}[${text}]`;
  };
  return {
    size,
    isVector: ({ symbols, locals }: Expression) =>
      size > 1 && (symbols.has(along.symbol) || [...locals].some(isVectorVariable)),
    isVectorVariable,
    integer: (at) => integerText(at, symbol),
    load(value, at) {
      if (!isAlong(at)) return element(value, at, "");
      if (bindings.isInFours(value)) {
        return `${bindings.value(value)}[${foursText(at, along.symbol, symbol)}]`;
      }
      const parts = [..."xyzw"].slice(0, size).map((part) => element(value, at, `.${part}`));
      return `vec${size}f(${parts.join(", ")})`;
    },
    scalar: (scalar) => bindings.scalar(scalar),
    local: nameOf,
  };
}

/** The index of a vector of four in an array of them. */
function foursText(at: Affine, along: string, symbol: (name: string) => string): string {
  const terms = [...at.terms].map(([name, factor]): [string, number] => [
    name,
    name === along ? factor : factor / VECTOR,
  ]);
  return integerText(
    { constant: at.constant / VECTOR, terms: new Map(terms) },
    (name) => name === along ? `(${nameOf(name)}.x >> 2u)` : symbol(name),
  );
}

/**
 * Affine forms: a constant plus integer multiples of symbols. Symbols are the coordinates of a cell
 * and the counters of loops.
 *
 * @module
 */

/** `constant + sum of coefficient * symbol`; no coefficient is 0. */
export interface Affine {
  readonly constant: number;
  readonly terms: ReadonlyMap<string, number>;
}

/** The values that each symbol takes: `first` to `last`, both included. */
export type Ranges = ReadonlyMap<string, { readonly first: number; readonly last: number }>;

/** The form that is always `constant`. */
export function constant(constant: number): Affine {
  return { constant, terms: new Map() };
}

/** The form that is a symbol. */
export function symbol(name: string, coefficient = 1): Affine {
  return { constant: 0, terms: new Map(coefficient === 0 ? [] : [[name, coefficient]]) };
}

/** `a + factor * b`. */
export function plus(a: Affine, b: Affine, factor = 1): Affine {
  const terms = new Map(a.terms);
  for (const [name, coefficient] of b.terms) {
    const sum = (terms.get(name) ?? 0) + factor * coefficient;
    if (sum === 0) terms.delete(name);
    else terms.set(name, sum);
  }
  return { constant: a.constant + factor * b.constant, terms };
}

/** `factor * a`. */
export function times(a: Affine, factor: number): Affine {
  return plus(constant(0), a, factor);
}

/** Product of two forms of which one is constant; `undefined` for any other two. */
export function product(a: Affine, b: Affine): Affine | undefined {
  if (a.terms.size === 0) return times(b, a.constant);
  return b.terms.size === 0 ? times(a, b.constant) : undefined;
}

/** The coefficient of a symbol. */
export function coefficient(a: Affine, name: string): number {
  return a.terms.get(name) ?? 0;
}

/** A form without one of its symbols. */
export function without(a: Affine, name: string): Affine {
  return plus(a, symbol(name), -coefficient(a, name));
}

/** Least and greatest value of a form. */
export function boundsOf(a: Affine, ranges: Ranges): { least: number; greatest: number } {
  let least = a.constant;
  let greatest = a.constant;
  for (const [name, factor] of a.terms) {
    const range = ranges.get(name)!;
    const ends = [range.first * factor, range.last * factor];
    least += Math.min(...ends);
    greatest += Math.max(...ends);
  }
  return { least, greatest };
}

/** Equal for equal forms. */
export function keyOf({ constant, terms }: Affine): string {
  let key = `${constant}`;
  for (const name of [...terms.keys()].sort()) key += `+${terms.get(name)}${name}`;
  return key;
}

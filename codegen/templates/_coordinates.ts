/**
 * The abstract coordinates in which templates are written. They exist for the type checker and the
 * generator only: every use is lowered to gpu.js' threads and arrays, and nothing here ever runs.
 */

/** `this` of a template: which cell is computed, and the sizes that gpu.js gets as constants. */
export interface Cell<Constants extends string> {
  /** Sample, channel and position of the cell. */
  readonly cell: { readonly n: number; readonly c: number; readonly s: number };
  readonly constants: { readonly [name in Constants]: number };
}

/** An array over samples, channels and positions, read through {@linkcode at} alone. */
export interface Field {
  readonly kind: "field";
}

/** An array indexed `[row][column]`. */
export type Matrix = readonly (readonly number[])[];

/** An array indexed `[i]`. */
export type Vector = readonly number[];

/** The element of `x` at sample n, channel c and position s. */
export declare function at(x: Field, n: number, c: number, s: number): number;

/**
 * What a generated kernel is. Types only: generated/ and codegen/ import them.
 *
 * @module
 */

/**
 * How a grid lies over samples n, channels c and positions s: `[n][s][c]`, `[n][c][s]`, or one
 * dimension that is all c.
 */
export type Format = "channelsLast" | "channelsFirst" | "flat";

/** How a kernel indexes an argument: `[n][…][…]` by its format, `[row][column]`, `[i]`, or not. */
export type ArgumentKind = "field" | "matrix" | "vector" | "scalar";

/** A parameter of a kernel: one of its template function's that this variant uses. */
export interface KernelArgument {
  readonly name: string;
  readonly kind: ArgumentKind;
}

/** One generated kernel: its text for gpu.js, and what a launch must know about it. */
export interface Kernel {
  /** Unique; the grammar stands in codegen/manifest.ts. */
  readonly name: string;
  /** The template function that it was made from. */
  readonly kernel: string;
  readonly format: Format;
  /** Elements that one cell computes. */
  readonly lanes: number;
  readonly holes: Readonly<Record<string, boolean | string>>;
  readonly arguments: readonly KernelArgument[];
  /** Sizes that it reads from `this.constants`. */
  readonly constants: readonly string[];
  /** JavaScript that gpu.js parses: a string, because minifiers rewrite functions. */
  readonly source: string;
  /** The syntax tree of `source`, packed: what our own compilers read. */
  readonly tree: string;
}

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

/**
 * One kernel: its syntax tree for our own compilers, and what a launch must know about it. The texts of
 * generated kernels, which gpu.js parses, stand apart in generated/texts.ts.
 */
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
  /**
   * The syntax tree of its text, packed: what our own compilers read. Kernels of several lanes have none,
   * since only gpu.js runs them.
   */
  readonly tree?: string;
  /** The text of a kernel that is not generated, as tests make them. */
  readonly source?: string;
}

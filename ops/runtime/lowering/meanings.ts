/**
 * What the names of a kernel stand for at the place that is being lowered.
 *
 * @module
 */
import type { Launch } from "../../plan/program.ts";
import { type Affine, symbol } from "./affine.ts";
import type { Expression } from "./tree.ts";

/** What a name stands for: an integer form, or a tree. */
export type Meaning = Affine | Expression;

const AXES = ["x", "y", "z"];

/** Names, which come and go with their blocks, and what is known of the whole launch. */
export class Meanings {
  /** Coordinates of a cell; along an axis of extent 1 there is nothing to tell apart. */
  readonly cell: Readonly<Record<string, Affine>>;
  readonly constants: Readonly<Record<string, number>>;
  /** The values of every coordinate and counter so far. */
  readonly ranges: Map<string, { readonly first: number; readonly last: number }>;
  #names = new Map<string, Meaning>();

  constructor({ grid, constants }: Launch) {
    this.constants = constants;
    this.cell = Object.fromEntries(
      AXES.map((name, i) => [name, symbol(name, grid[i] === 1 ? 0 : 1)]),
    );
    this.ranges = new Map(AXES.map((name, i) => [name, { first: 0, last: grid[i] - 1 }]));
  }

  get(name: string): Meaning | undefined {
    return this.#names.get(name);
  }

  set(name: string, meaning: Meaning): void {
    this.#names.set(name, meaning);
  }

  /** Lowers a block, after whose end the names mean what they meant before. */
  inBlock<T>(lower: () => T): T {
    const outside = this.#names;
    this.#names = new Map(outside);
    const lowered = lower();
    this.#names = outside;
    return lowered;
  }
}

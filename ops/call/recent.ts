/**
 * What was made for arguments, found by what they look like.
 *
 * @module
 */
import type { Elements } from "../tensor/elements.ts";
import { matches, type Pattern } from "./pattern.ts";

/** How much is kept. */
const LIMIT = 16;

/** The things that were used most recently, each made for arguments of one pattern. */
export class Recent<T extends { readonly pattern: Pattern }> {
  /** The most recently used first. */
  readonly #things: T[] = [];

  /**
   * What was made for arguments like these, if it is kept.
   *
   * @param data Gets the data of the arguments, in the order of the pattern's slots.
   * @param strictly As for `matches`.
   */
  find(args: unknown, data: Elements[], strictly = false): T | undefined {
    const things = this.#things;
    const first = things[0];
    // Most calls are like the one before.
    if (first !== undefined && matches(first.pattern, args, data, strictly)) return first;
    const found = things.find((thing) => {
      data.length = 0;
      return thing !== first && matches(thing.pattern, args, data, strictly);
    });
    if (found === undefined) return undefined;
    things.splice(things.indexOf(found), 1);
    things.unshift(found);
    return found;
  }

  /** Keeps one more, and drops the one that was not used for longest. */
  add(thing: T): void {
    if (this.#things.includes(thing)) return;
    this.#things.unshift(thing);
    if (this.#things.length > LIMIT) this.#things.pop();
  }
}

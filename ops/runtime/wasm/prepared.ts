/**
 * What a run has of an arena.
 *
 * @module
 */
import { type Arena, Full } from "./arena.ts";
import type { Linked } from "./link.ts";

/** A run whose inputs are in place. */
export interface Prepared {
  readonly arena: Arena;
  readonly linked: Linked;
  readonly base: number;
  /** Where the threads' panels lie, one after the other. */
  readonly panels: number;
  /** Everything that the run has taken. */
  readonly taken: number[];
}

/**
 * Takes a block, and notes that it has to be given back.
 *
 * @throws {Full} If there is none.
 */
export function take(arena: Arena, bytes: number, taken: number[]): number {
  const address = arena.take(bytes);
  if (address === undefined) throw new Full();
  taken.push(address);
  return address;
}

export function giveBack({ arena, taken }: Pick<Prepared, "arena" | "taken">): void {
  for (const address of taken) arena.give(address);
}

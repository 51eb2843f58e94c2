import type { Program } from "./executor.ts";

/** Where everything of a program lies in memory, in bytes. */
export interface Placement {
  /** Offset of each value. */
  readonly offsets: readonly number[];
  /** Offset of the first scalar; the others follow. */
  readonly scalars: number;
  /** Size of the whole. */
  readonly bytes: number;
}

/** Values start on a cache line, so that no vector load of an aligned row is split. */
const ALIGNMENT = 64;

/**
 * Gives every value of a program its place. A value lives from the launch that computes it (an
 * input: from the start) to the last launch that reads it (a result: to the end), and two values
 * share bytes only if they never live together.
 */
export function placeValues(program: Program): Placement {
  const { launches, lengths } = program;
  const offsets: number[] = new Array(lengths.length).fill(-1);
  const lastUse = lastUses(program);
  const free = new FreeList();
  const inputs = lengths.length - launches.length;
  for (let id = 0; id < inputs; id++) offsets[id] = free.take(lengths[id] * 4);
  launches.forEach((launch, step) => {
    offsets[launch.result] = free.take(lengths[launch.result] * 4);
    for (let id = 0; id < offsets.length; id++) {
      if (lastUse[id] === step && offsets[id] >= 0) free.give(offsets[id], lengths[id] * 4);
    }
  });
  return { offsets, scalars: free.end, bytes: free.end + align(program.scalars * 4) };
}

/** For each value the step that reads it last; results are read after the last step. */
function lastUses(program: Program): number[] {
  const last: number[] = new Array(program.lengths.length).fill(-1);
  program.launches.forEach((launch, step) => {
    for (const argument of launch.arguments) if ("value" in argument) last[argument.value] = step;
  });
  for (const id of program.results) last[id] = program.launches.length;
  return last;
}

/** Free stretches of a memory that grows at its end. */
class FreeList {
  #gaps: { start: number; size: number }[] = [];
  end = 0;

  take(bytes: number): number {
    const size = align(bytes);
    const gap = this.#gaps.find((gap) => gap.size >= size);
    if (gap === undefined) {
      this.end += size;
      return this.end - size;
    }
    const start = gap.start;
    gap.start += size;
    gap.size -= size;
    return start;
  }

  give(start: number, bytes: number): void {
    this.#gaps.push({ start, size: align(bytes) });
    this.#gaps.sort((a, b) => a.start - b.start);
    this.#gaps = this.#gaps.reduce<{ start: number; size: number }[]>((merged, gap) => {
      const previous = merged.at(-1);
      if (previous !== undefined && previous.start + previous.size === gap.start) {
        previous.size += gap.size;
      } else if (gap.size > 0) merged.push(gap);
      return merged;
    }, []);
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

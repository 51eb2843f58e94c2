/**
 * Where everything of a plan lies in the block of memory that a run is given: a table with the
 * addresses of inputs and results, which are the caller's or the run's own, the scalars, and the
 * values that are needed between the groups.
 *
 * @module
 */
import type { Program } from "../../../plan/program.ts";
import { lastUses } from "../../../plan/uses.ts";
import type { Group } from "./groups.ts";
import { BYTES } from "./sizes.ts";

/** Offsets in a run's block, in bytes. */
export interface Layout {
  /** For inputs and results the place of their address in the table. */
  readonly table: ReadonlyMap<number, number>;
  /** Offset of the first scalar; the others follow. */
  readonly scalars: number;
  /** For small inputs and results a place in the block, where they need none of their own. */
  readonly small: ReadonlyMap<number, number>;
  /** For the values in between their own place. */
  readonly offsets: ReadonlyMap<number, number>;
  /** Size of the whole. */
  readonly bytes: number;
}

/** Values start on a cache line, so that no vector load of an aligned row is split. */
const ALIGNMENT = 64;
/** Up to this many bytes a copy of an input or a result lies in the run's block. */
const SMALL = 4096;

/**
 * Lays a plan out. A value lives from the group that computes it to the last group that reads it,
 * and two values share bytes only if they never live together.
 */
export function layOut(
  program: Program,
  groups: readonly Group[],
  isNeeded: (value: number) => boolean,
): Layout {
  const { lengths, launches, results, scalars } = program;
  const inputs = Array.from({ length: lengths.length - launches.length }, (_, id) => id);
  const outside = [...new Set([...inputs, ...results])];
  const table = new Map(outside.map((id, i) => [id, i * BYTES]));
  const firstScalar = outside.length * BYTES;
  let head = align(firstScalar + scalars * BYTES);
  const small = new Map<number, number>();
  for (const id of outside) {
    if (lengths[id] * BYTES > SMALL) continue;
    small.set(id, head);
    head += align(lengths[id] * BYTES);
  }
  const offsets = new Map<number, number>();
  const free = new FreeList();
  const lastUse = lastUses(groups.map(({ launches }) => launches));
  groups.forEach((group, step) => {
    for (const { result } of group.launches) {
      if (!table.has(result) && isNeeded(result)) {
        offsets.set(result, head + free.take(lengths[result] * BYTES));
      }
    }
    for (const [id, offset] of offsets) {
      if (lastUse.get(id) === step) free.give(offset - head, lengths[id] * BYTES);
    }
  });
  return { table, scalars: firstScalar, small, offsets, bytes: head + free.end };
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

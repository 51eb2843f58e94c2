/**
 * Groups: launches over one grid that are computed together, tile by tile, so that what one leaves
 * the next finds in registers or in the nearest cache.
 *
 * @module
 */
import type { Launch, Program } from "../../../plan/program.ts";
import { type Affine, keyOf } from "../../lowering/affine.ts";
import { type Grid, mergedGrid, ownIndex, squeezedGrid } from "../../lowering/grid.ts";
import { lower } from "../../lowering/lower.ts";
import { syntaxOf } from "../../lowering/syntax.ts";
import { type Expression, forEachExpression, type Step, Trees } from "../../lowering/tree.ts";
import { Unsupported } from "../../lowering/unsupported.ts";

/** Launches that are computed together, in this order, or one that is left to gpu.js. */
export interface Group {
  readonly launches: readonly Launch[];
  /** For each launch the indices under which it reads, if the group is tiled. */
  readonly indices: readonly (readonly Affine[])[];
  readonly tiled: boolean;
}

/** What a group does for each cell of its grid. */
export interface GroupBody {
  readonly grid: Grid;
  readonly steps: readonly Step[];
  readonly trees: Trees;
}

/** Launches of a group: engines bound what a function may hold. */
const MOST = 64;

/** A group that is being put together. */
interface Open extends Group {
  readonly launches: Launch[];
  readonly indices: (readonly Affine[])[];
  readonly extents: string;
  /** Values that it reads. */
  readonly reads: Set<number>;
}

/**
 * Puts every launch into a group over its grid that comes after all that it needs: that which reads
 * most of what it reads, and of those the first. What it reads of its own group it must read in its own
 * cell only.
 */
export function groupLaunches(program: Program): Group[] {
  const groups: Open[] = [];
  const home = new Map<number, number>();
  for (const launch of program.launches) {
    const survey = surveyOf(launch);
    const reads = survey?.reads;
    const extents = squeezedGrid(launch.grid).extents.join();
    let earliest = 0;
    for (const argument of launch.arguments) {
      const producer = "value" in argument ? home.get(argument.value) : undefined;
      if (producer === undefined || !("value" in argument)) continue;
      const own = reads !== undefined && groups[producer].extents === extents &&
        reads.get(argument.value) !== "others";
      earliest = Math.max(earliest, own ? producer : producer + 1);
    }
    let at = -1;
    let most = -1;
    for (let i = earliest; reads !== undefined && i < groups.length; i++) {
      const group = groups[i];
      if (!group.tiled || group.extents !== extents || group.launches.length >= MOST) continue;
      const shared = [...reads.keys()].filter((value) => group.reads.has(value)).length;
      if (shared > most) {
        at = i;
        most = shared;
      }
    }
    if (at < 0) {
      const tiled = reads !== undefined;
      at = groups.push({ launches: [], indices: [], extents, tiled, reads: new Set() }) - 1;
    }
    const group = groups[at];
    group.launches.push(launch);
    if (survey !== undefined) group.indices.push(survey.indices);
    reads?.forEach((_, value) => group.reads.add(value));
    home.set(launch.result, at);
  }
  return groups;
}

/** The launches of a group as groups of their own. */
export function separated({ launches, indices }: Group, tiled: boolean): Group[] {
  return launches.map((launch, i) => ({ launches: [launch], indices: [indices[i]], tiled }));
}

/** Lowers the launches of a group to one body. Results that only the group reads are not stored. */
export function bodyOf(
  { launches, indices }: Group,
  isNeeded: (value: number) => boolean,
): GroupBody {
  const squeezed = squeezedGrid(launches[0].grid);
  const grid = mergedGrid(squeezed, [...indices.flat(), ownIndex(squeezed)]);
  return { grid, ...lowerAll(launches, isNeeded, grid.keep) };
}

function lowerAll(
  launches: readonly Launch[],
  isNeeded: (value: number) => boolean,
  keep: (at: Affine) => Affine,
): { steps: Step[]; trees: Trees } {
  const trees = new Trees();
  const results = new Map<number, Expression>();
  const steps = launches.flatMap((launch, i): Step[] => {
    const squeezed = squeezedGrid(launch.grid);
    const own = keyOf(ownIndex(squeezed));
    const { steps, result } = lower(syntaxOf(launch.kernel), launch, {
      trees,
      prefix: `${i}.`,
      keep: (at) => keep(squeezed.keep(at)),
      known: (value, at) => keyOf(squeezed.keep(at)) === own ? results.get(value) : undefined,
    });
    const local = trees.local(`result ${launch.result}`);
    results.set(launch.result, local);
    const set: Step = { do: "set", name: `result ${launch.result}`, to: result };
    const store: Step = {
      do: "store",
      value: launch.result,
      at: keep(ownIndex(squeezed)),
      from: local,
    };
    return [...steps, set, ...(isNeeded(launch.result) ? [store] : [])];
  });
  return { steps, trees };
}

/** What a launch does, lowered by itself. */
interface Survey {
  /** Which values it reads, in its own cell only or in others too. */
  readonly reads: ReadonlyMap<number, "own" | "others">;
  /** The indices, and other integer forms, of its squeezed grid. */
  readonly indices: readonly Affine[];
}

/** What a launch does; `undefined` if the kernel is left to gpu.js. */
function surveyOf(launch: Launch): Survey | undefined {
  const squeezed = squeezedGrid(launch.grid);
  const own = keyOf(ownIndex(squeezed));
  const reads = new Map<number, "own" | "others">();
  const indices: Affine[] = [];
  try {
    const { steps, result } = lower(syntaxOf(launch.kernel), launch, {
      trees: new Trees(),
      prefix: "",
      keep: (at) => {
        const kept = squeezed.keep(at);
        indices.push(kept);
        return kept;
      },
      known: () => undefined,
    });
    const all: Step[] = [...steps, { do: "set", name: "", to: result }];
    forEachExpression(all, (expression) => {
      if (expression.op !== "load") return;
      const where = keyOf(expression.at) === own ? "own" : "others";
      if (reads.get(expression.value) !== "others") reads.set(expression.value, where);
    });
    return { reads, indices };
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

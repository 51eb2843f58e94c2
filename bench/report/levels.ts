/**
 * From comparisons of two revisions each to speeds over all revisions.
 *
 * @module
 */
import type { Entry } from "../history.ts";

/** A place on the axis of revisions. */
export interface Stop {
  /** The revision, and whether it has been compared with itself here. */
  readonly label: string;
  readonly again: boolean;
}

/** How fast a workload is at a stop. */
export interface Level {
  readonly stop: string;
  /** How many times as fast as at its first revision. */
  readonly speed: number;
  /** The ends of the interval of the comparison, in the same unit. */
  readonly low: number;
  readonly high: number;
  /**
   * `compared` with a revision whose speed is known; the `start` of everything; `carried` over from the
   * stop before, as nobody has compared the two; or `again`, the same revision against itself, whose
   * distance from its level is what a measurement is off by.
   */
  readonly kind: "start" | "compared" | "carried" | "again";
}

/** The levels of a workload. */
export interface Track {
  readonly workload: string;
  readonly levels: readonly Level[];
  /** Its comparisons, in their order. */
  readonly entries: readonly Entry[];
}

/** The stops of a history, in the order in which revisions have been measured. */
export function stopsOf(history: readonly Entry[]): Stop[] {
  const stops = new Map<string, Stop>();
  const add = (label: string, again = false) => {
    if (!stops.has(label)) stops.set(label, { label, again });
  };
  for (const { revision, against } of history) {
    add(against);
    if (revision === against) add(againLabel(revision), true);
    else add(revision);
  }
  return [...stops.values()];
}

/** Every workload's levels. Where a comparison was made again, the last one counts. */
export function tracksOf(history: readonly Entry[]): Track[] {
  const names = [...new Set(history.map(({ workload }) => workload))];
  return names.map((workload) => {
    const entries = history.filter((entry) => entry.workload === workload);
    return { workload, entries, levels: levelsOf(entries) };
  });
}

function levelsOf(entries: readonly Entry[]): Level[] {
  const levels = new Map<string, Level>();
  let latest = 1;
  for (const { revision, against, ratio } of entries) {
    if (!levels.has(against)) {
      const kind = levels.size === 0 ? "start" : "carried";
      levels.set(against, { stop: against, speed: latest, low: latest, high: latest, kind });
    }
    const { speed } = levels.get(against)!;
    const again = revision === against;
    const stop = again ? againLabel(revision) : revision;
    const level: Level = {
      stop,
      speed: speed / ratio.median,
      low: speed / ratio.high,
      high: speed / ratio.low,
      kind: again ? "again" : "compared",
    };
    levels.set(stop, level);
    if (!again) latest = level.speed;
  }
  return [...levels.values()];
}

/** The last level that is not of a revision against itself. */
export function latestOf({ levels }: Track): Level {
  return levels.findLast(({ kind }) => kind !== "again")!;
}

/** The geometric mean of the speeds of all tracks that have one at each stop but those of A/A runs. */
export function meanLevels(
  tracks: readonly Track[],
  stops: readonly Stop[],
): { readonly stop: string; readonly speed: number; readonly of: number }[] {
  const places = stops.filter(({ again }) => !again).map(({ label }) => label);
  const speedAt = ({ levels }: Track, place: string) =>
    levels.find(({ stop }) => stop === place)?.speed;
  const whole = tracks.filter((track) =>
    places.every((place) => speedAt(track, place) !== undefined)
  );
  if (whole.length === 0) return [];
  return places.map((stop) => ({
    stop,
    speed: geometricMean(whole.map((track) => speedAt(track, stop)!)),
    of: whole.length,
  }));
}

/** The mean of ratios. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** The stop of a revision against itself. */
export function againLabel(revision: string): string {
  return `${revision} A/A`;
}

/**
 * The history of this library's speed against itself: one line of JSON for each comparison.
 *
 * @module
 */
import type { Ratio } from "./statistics.ts";

/** One workload of one comparison. */
export interface Entry {
  readonly date: string;
  /** What was measured, and against what: revisions. */
  readonly revision: string;
  readonly against: string;
  readonly workload: string;
  readonly shape: readonly number[];
  readonly backend: string;
  /** What computed, in words: the adapter on webgpu. */
  readonly device: string;
  /** Median milliseconds of both. */
  readonly median: number;
  readonly before: number;
  /** Time now over time before. */
  readonly ratio: Ratio;
  readonly cpu: string;
  readonly deno: string;
  readonly gpujs: string;
}

/** By how much a ratio must be worse than 1 to be called slower. */
const TOLERATED = 1.1;

/** The entries of a history file. */
export function parseHistory(text: string): Entry[] {
  return text.split("\n").filter((line) => line.trim() !== "").map((line, i) => {
    try {
      return JSON.parse(line) as Entry;
    } catch {
      throw new SyntaxError(`Cannot read the history: line ${i + 1} must be JSON, got ${line}`);
    }
  });
}

/** An entry as a line of the file. */
export function historyLine(entry: Entry): string {
  return JSON.stringify(entry) + "\n";
}

/** Whether a ratio says that something has become slower: surely, and by enough to matter. */
export function isSlower({ ratio }: Pick<Entry, "ratio">): boolean {
  return ratio.low > 1 && ratio.median > TOLERATED;
}

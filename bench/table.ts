/**
 * Races as text.
 *
 * @module
 */
import type { Race, Result } from "./result.ts";
import { isUnsteady } from "./steady.ts";
import { bytesOf, operationsOf } from "./workloads.ts";

/** The fastest other library of a race. */
export function bestPeer({ results }: Race): Result | undefined {
  return results.filter(({ peer }) => peer).reduce<Result | undefined>(
    (best, result) => best === undefined || result.median < best.median ? result : best,
    undefined,
  );
}

/** A race as a table, fastest first. */
export function raceTable(race: Race): string {
  const { workload, results, absent, disturbed = [] } = race;
  const best = bestPeer(race);
  const copy = results.find(({ name }) => name === "copy, fresh memory");
  const operations = operationsOf(workload);
  const rows = [...results].sort((a, b) => a.median - b.median).map((result) => {
    const { name, executor, median, min, error } = result;
    const rate = workload.varies !== undefined
      ? "" // of shapes of several sizes
      : operations > 0 && !name.startsWith("copy")
      ? `${(operations / median / 1e6).toFixed(1)} GFLOP/s`
      : `${(bytesOf(workload) / median / 1e6).toFixed(1)} GB/s`;
    return [
      name,
      medianText(result),
      milliseconds(min),
      best === undefined ? "" : `${(best.median / median).toFixed(2)}x`,
      rate,
      copy === undefined ? "" : `${(100 * copy.median / median).toFixed(0)} %`,
      error === null ? "" : error.toExponential(1),
      executor,
    ];
  });
  const head = [
    "",
    "median ms",
    "min ms",
    "to best peer",
    "rate",
    "of copy",
    "max error",
    "ran on",
  ];
  return [
    `${workload.id} (${workload.from})`,
    ...aligned([head, ...rows]),
    ...absent.map(({ name, absent }) => `  ${name}: absent, ${absent.split("\n")[0]}`),
    ...(disturbed.length === 0 ? [] : [`  disturbed by other work: ${disturbed.join("; ")}`]),
  ].join("\n");
}

/** The median of a result, with a tilde if it is not to be relied on. */
export function medianText(result: Pick<Result, "median" | "min">): string {
  return (isUnsteady(result) ? "~" : "") + milliseconds(result.median);
}

/** Milliseconds with three digits that count. */
export function milliseconds(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** Columns of equal width; the first is set left. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    `  ${
      row.map((cell, i) =>
        i === 0 || i === row.length - 1 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])
      ).join("  ")
    }`.trimEnd()
  );
}

/**
 * Other libraries beside this one, as the last race has them: the table of docs/performance.md.
 *
 * @module
 */

/** The speeds of other libraries in one race, that of this library being 1. */
export interface Rivals {
  readonly workload: string;
  readonly speeds: ReadonlyMap<string, number>;
}

/** What the first cell of the table says. */
const HEAD = "milliseconds, median";
const OURS = "kernorm";
/** Columns that are no other library's. */
const OTHERS: readonly string[] = [HEAD, OURS, "in place", "plain loop", "copy"];

/** The rivals in each row of the table of a page. */
export function rivalsIn(page: string): Rivals[] {
  const lines = page.split("\n");
  const first = lines.findIndex((line) => line.startsWith(`| ${HEAD} `));
  if (first < 0) throw new Error(`Cannot read races: the page must have a table of "${HEAD}"`);
  const rest = lines.slice(first);
  const end = rest.findIndex((line) => !line.startsWith("|"));
  const [head, , ...rows] = rest.slice(0, end < 0 ? rest.length : end).map(cellsOf);
  const ours = head.indexOf(OURS);
  return rows.map((row) => {
    const own = timeIn(row[ours]);
    const speeds = head.flatMap((name, column): [string, number][] => {
      const time = OTHERS.includes(name) ? NaN : timeIn(row[column]);
      return Number.isNaN(own / time) ? [] : [[name, own / time]];
    });
    return { workload: row[0], speeds: new Map(speeds) };
  });
}

function cellsOf(line: string): string[] {
  return line.split("|").slice(1, -1).map((cell) => cell.trim());
}

/** The milliseconds of a cell; NaN if a library cannot do it. */
function timeIn(cell: string): number {
  return Number.parseFloat(cell.replaceAll("*", ""));
}

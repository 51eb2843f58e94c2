/**
 * Into how many equal units the values of a program fall, if each unit of what it computes needs no more
 * than the same unit of what it reads.
 *
 * A program without such units, as one that sums over everything, is run as a whole.
 *
 * @module
 */
import type { Extents, Launch, Program } from "../../../plan/program.ts";
import { type GridAxis, type Index, readsOfKernel } from "../../lowering/reads.ts";

/**
 * The units of a program's values, samples or rows for example. Of a value that has fewer units than the
 * results, unit `u` of a result needs unit `u % span`; a value that is not here is needed as a whole.
 */
export type Spans = ReadonlyMap<number, number>;

/** The axes of a grid that are divided: the outermost ones that have more than one cell, taken as one. */
export interface Division {
  /** Places of the axes in the grid's extents, the outermost first. */
  readonly axes: readonly number[];
  /** Cells along all of them. */
  readonly cells: number;
}

const AXES: readonly GridAxis[] = ["x", "y", "z"];

/**
 * The spans of a program's values where the results have as many units as they can have.
 *
 * @param most No more units than this; it must divide a number of units that is possible.
 */
export function spansOf(
  program: Program,
  most = divisor(program),
): { readonly spans: Spans; readonly units: number } | undefined {
  let units = most;
  while (units > 1) {
    const found = spread(program, units);
    if (typeof found !== "number") return { spans: found, units };
    units = found;
  }
  return undefined;
}

/** What the number of units has to divide, for the launches of the results; 1 if there are no units. */
function divisor({ launches, results }: Program): number {
  const computing = new Map(launches.map((launch) => [launch.result, launch]));
  return results.reduce((units, result) => {
    const launch = computing.get(result);
    return gcd(units, (launch && divisionsOf(launch).at(-1)?.cells) ?? 1);
  }, 0);
}

const known = new WeakMap<Launch, readonly Division[]>();

/** The ways to divide a launch whose cells along the divided axes are independent, the coarsest first. */
function divisionsOf(launch: Launch): readonly Division[] {
  let divisions = known.get(launch);
  if (divisions === undefined) {
    divisions = findDivisions(launch);
    known.set(launch, divisions);
  }
  return divisions;
}

/** The coarsest way to divide a launch into so many units. */
export function divisionOf(launch: Launch, units: number): Division | undefined {
  return divisionsOf(launch).find(({ cells }) => cells % units === 0);
}

function findDivisions(launch: Launch): Division[] {
  const { elsewhere } = readsOfKernel(launch.kernel);
  const divisions: Division[] = [];
  const axes: number[] = [];
  let cells = 1;
  for (let axis = 2; axis >= 0; axis--) {
    if (launch.grid[axis] === 1) continue;
    if (elsewhere.has(AXES[axis])) break;
    axes.push(axis);
    cells *= launch.grid[axis];
    const division = { axes: [...axes], cells };
    if (launch.arguments.every((_, i) => partOf(launch, i, division) !== undefined)) {
      divisions.push(division);
    }
  }
  return divisions;
}

/**
 * Whether a launch may sum products of what all cells read alike and of what differs along the divided axes
 * only.
 */
export function mayContract(launch: Launch, division: Division): boolean {
  const { grid, kernel } = launch;
  const others = AXES.filter((_, axis) => grid[axis] > 1 && !division.axes.includes(axis));
  let alike = false;
  let divided = false;
  launch.arguments.forEach((argument, i) => {
    if ("scalar" in argument) return;
    for (const indices of readsOfKernel(kernel).places.get(kernel.arguments[i].name)!) {
      const counts = indices.some(({ is }, level) =>
        is === undefined && argument.extents[level] > 1
      );
      if (!counts) continue;
      if (partOf(launch, i, division) === 1) alike = true;
      else divided ||= !others.some((axis) => indices.some(({ axes }) => axes.has(axis)));
    }
  });
  return alike && divided;
}

/**
 * How many of a division's cells an argument has parts for: all of them, or those of the inner axes, along which
 * it is read again and again; 1 if all cells read it alike. `undefined` if it is read in another way.
 */
export function partOf(launch: Launch, at: number, division: Division): number | undefined {
  const argument = launch.arguments[at];
  if ("scalar" in argument) return 1;
  const places = readsOfKernel(launch.kernel).places.get(launch.kernel.arguments[at].name)!;
  let part: number | undefined;
  for (const indices of places) {
    const read = partRead(indices, argument.extents, launch.grid, division);
    if (read === undefined || (part !== undefined && part !== read)) return undefined;
    part = read;
  }
  return part ?? 1;
}

function partRead(
  indices: readonly Index[],
  extents: Extents,
  grid: Extents,
  { axes, cells }: Division,
): number | undefined {
  const divided = axes.map((axis) => AXES[axis]);
  // Along a level of one element there is nothing to tell apart.
  const levels = [2, 1, 0].filter((level) => extents[level] > 1);
  const touched = levels.filter((level) => divided.some((axis) => indices[level]?.axes.has(axis)));
  if (touched.length === 0) return 1;
  // The outermost levels have to follow the innermost of the divided axes, one by one.
  const followed = axes.slice(axes.length - touched.length);
  const follows = touched.every((level, i) =>
    level === levels[i] && indices[level].is === AXES[followed[i]] &&
    extents[level] === grid[followed[i]]
  );
  if (!follows) return undefined;
  const outside = axes.slice(0, axes.length - touched.length);
  return outside.reduce((part, axis) => part / grid[axis], cells);
}

/** The spans of all values where the results have so many units, or a smaller number of units to try. */
function spread({ launches, results }: Program, units: number): Spans | number {
  const spans = new Map<number, number>(results.map((result) => [result, units]));
  const whole = new Set<number>();
  for (const launch of launches.toReversed()) {
    const span = spans.get(launch.result);
    const division = span === undefined ? undefined : divisionOf(launch, span);
    if (span !== undefined && division === undefined) {
      const cells = divisionsOf(launch).at(-1)?.cells ?? 1;
      return units / (span / gcd(span, cells));
    }
    for (const [i, argument] of launch.arguments.entries()) {
      if ("scalar" in argument) continue;
      const { value } = argument;
      const part = division === undefined ? 1 : partOf(launch, i, division)!;
      if (part === 1) {
        whole.add(value);
        continue;
      }
      const parts = span! * part / division!.cells;
      if (!Number.isInteger(parts)) return 1;
      if ((spans.get(value) ?? parts) !== parts) return 1;
      spans.set(value, parts);
    }
  }
  return [...whole].some((value) => spans.has(value)) ? 1 : spans;
}

/** The greatest common divisor; of 0 and another number, that. */
export function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

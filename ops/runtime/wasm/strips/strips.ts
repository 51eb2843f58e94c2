/**
 * Strips: a program for a few units of another one. Run again and again, for unit after unit, it computes
 * the same numbers in a memory so small that it stays in the nearest caches.
 *
 * @module
 */
import { type Extents, keyOf, type Launch, type Program } from "../../../plan/program.ts";
import { divisionOf, gcd, mayContract, partOf, type Spans, spansOf } from "./spans.ts";

/** An input or a result of which each strip has its part. */
export interface Slice {
  /** Numbers of a unit. */
  readonly stride: number;
  /** How many units there are of it. */
  readonly span: number;
}

/** How a program is run strip by strip. */
export interface Strips {
  /** What computes one strip. */
  readonly program: Program;
  /** Units of the whole. */
  readonly units: number;
  /** Units of a strip. */
  readonly height: number;
  /** For each input its slices, if a strip does not need all of it. */
  readonly inputs: readonly (Slice | undefined)[];
  /** For each result its slices. */
  readonly results: readonly Slice[];
  /** Numbers of each result. */
  readonly lengths: readonly number[];
}

const BYTES = 4;
/** Bytes of a strip's parts of inputs and results. */
export const WINDOW = 128 * 1024;
/** With fewer strips than these a program is run as a whole; strips of one unit may be two. */
const FEWEST = 4;
/** No tile of the compiler is taller. */
const TILE = 16;
/** So many numbers are computed for each one that all strips compute alike. */
const SHARE = 8;

/**
 * The strips of a program, if it is worth being run by strips.
 *
 * @param window Bytes that the parts of inputs and results of a strip are to have.
 */
export function stripsOf(program: Program, window = WINDOW): Strips | undefined {
  let found = spansOf(program);
  while (found !== undefined) {
    const { spans, units } = found;
    const least = leastHeight(program, spans);
    const wanted = Math.max(least, wantedHeight(program, spans, units, window));
    const period = [...spans.values()].filter((span) => span < units).reduce(gcd, 0);
    // A strip must not reach over the end of what is read from its start again.
    const height = period === 0 ? rounded(wanted) : largestDivisor(period, wanted);
    if (period === 0 || (2 * height > wanted && height >= least)) {
      return isWorth(units, height) ? made(program, spans, units, height) : undefined;
    }
    // Of units that are whole periods there may be any number in a strip.
    found = spansOf(program, units / period);
  }
  return undefined;
}

/**
 * Units of which contractions have more than one cell along the axes that are divided. The compiler sees
 * no axis of a single cell, and would not take for a contraction, whose terms may be rounded once, what
 * is one in the whole.
 */
function leastHeight({ launches }: Program, spans: Spans): number {
  const hasThin = launches.some((launch) => {
    const span = spans.get(launch.result);
    if (span === undefined) return false;
    const division = divisionOf(launch, span)!;
    return division.cells === span && mayContract(launch, division);
  });
  return hasThin ? 2 : 1;
}

/**
 * Units that fill a window, and next to which what all strips compute alike is little. Where all strips
 * read more than a window, as a matrix from channel to channel, they are as large as that: what is laid
 * out of it for one strip is laid out again for the next.
 */
function wantedHeight(program: Program, spans: Spans, units: number, window: number): number {
  const { lengths, launches, results } = program;
  const inputs = lengths.length - launches.length;
  const returned = new Set(results);
  let copied = 0;
  let divided = 0;
  let alike = 0;
  let shared = 0;
  lengths.forEach((length, value) => {
    const span = spans.get(value);
    if (value < inputs && span === undefined) shared += length;
    if (span === units && (value < inputs || returned.has(value))) copied += length / span;
    if (value < inputs) return;
    if (span === undefined) alike += length;
    else divided += length / span;
  });
  const filling = Math.floor(Math.max(window / BYTES, shared) / copied);
  return Math.max(1, filling, Math.ceil(SHARE * alike / divided));
}

/** Whole tiles, if there are any. */
function rounded(height: number): number {
  return height < TILE ? height : height - height % TILE;
}

function isWorth(units: number, height: number): boolean {
  return units >= (height === 1 ? 2 : FEWEST * height);
}

function made(program: Program, spans: Spans, units: number, height: number): Strips {
  const { lengths, launches, results } = program;
  const lengthOf = (value: number) => {
    const span = spans.get(value);
    return span === undefined ? lengths[value] : lengths[value] / span * height;
  };
  const strip = {
    ...program,
    lengths: lengths.map((_, value) => lengthOf(value)),
    launches: launches.map((launch) => launchOf(launch, spans.get(launch.result), height)),
  };
  const sliceOf = (value: number): Slice | undefined => {
    const span = spans.get(value);
    return span === undefined ? undefined : { stride: lengths[value] / span, span };
  };
  return {
    program: { ...strip, key: keyOf(strip) },
    units,
    height,
    inputs: lengths.slice(0, lengths.length - launches.length).map((_, value) => sliceOf(value)),
    results: results.map((result) => sliceOf(result)!),
    lengths: results.map((result) => lengths[result]),
  };
}

/** A launch over the cells of a strip. */
function launchOf(launch: Launch, span: number | undefined, height: number): Launch {
  const { kernel, grid, constants, arguments: args, result } = launch;
  if (span === undefined) return launch;
  const division = divisionOf(launch, span)!;
  const cells = division.cells / span * height;
  return {
    kernel,
    grid: shortened(grid, division.axes, cells),
    constants,
    arguments: args.map((argument, i) => {
      if ("scalar" in argument) return argument;
      const part = partOf(launch, i, division)!;
      if (part === 1) return argument;
      return { value: argument.value, extents: argumentExtents(argument.extents, part, cells) };
    }),
    result,
  };
}

/** Extents with so many cells along the innermost of some axes, and one along the others. */
function shortened(extents: Extents, axes: readonly number[], cells: number): Extents {
  const inner = axes.at(-1)!;
  const [x, y, z] = extents.map((extent, axis) =>
    axis === inner ? cells : axes.includes(axis) ? 1 : extent
  );
  return [x, y, z];
}

/** Extents of a strip's part of an argument whose outermost levels, `part` elements, are divided. */
function argumentExtents(extents: Extents, part: number, cells: number): Extents {
  const levels: number[] = [];
  let covered = 1;
  for (let level = 2; covered < part; level--) {
    if (extents[level] === 1) continue;
    levels.push(level);
    covered *= extents[level];
  }
  return shortened(extents, levels, cells);
}

/** The largest divisor of a number that is no larger than another one. */
function largestDivisor(of: number, most: number): number {
  let divisor = Math.min(of, most);
  while (of % divisor !== 0) divisor--;
  return divisor;
}

/**
 * Lines of charts, with their points, error bars and crosses.
 *
 * @module
 */
import { escaped, LINE_COLOURS, round } from "./chart_style.ts";

/** A point of a line. */
export type Point = readonly [x: number, y: number];

/** From a number to one that is not less. */
export type Range = readonly [from: number, to: number];

/** A cross at the top of a panel, with a few words. */
export interface Cross {
  readonly x: number;
  readonly label: string;
}

/** A line of a panel. */
export interface Line {
  readonly name?: string;
  readonly points: readonly Point[];
  /** From where to where y goes from seed to seed, for each point; drawn as error bars. */
  readonly bars?: readonly Range[];
  /** Where there is no point to draw, or not one of all that there should be. */
  readonly crosses?: readonly Cross[];
  /** Drawn as steps and filled. */
  readonly filled?: boolean;
  readonly dashed?: boolean;
}

/** From one row of crosses to the next. */
const ROW = 12;

/** The SVG of a line. */
export function lineOf(
  { points, bars = [], filled = false, dashed = false }: Line,
  colour: number,
  toX: (x: number) => number,
  toY: (y: number) => number,
  bottom: number,
): string {
  const path = points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${toX(x)} ${toY(y)}`).join("");
  if (filled) {
    const ends = `L${toX(points.at(-1)![0])} ${bottom}L${toX(points[0][0])} ${bottom}Z`;
    return `<path class="line${colour} fill${colour}" d="${path}${ends}" fill-opacity="0.3"/>`;
  }
  const dash = dashed ? ` stroke-dasharray="5 4"` : "";
  const dots = points.length > 20
    ? []
    : points.map(([x, y]) =>
      `<circle class="fill${colour}" cx="${toX(x)}" cy="${toY(y)}" r="2.5"/>`
    );
  const errors = bars.map(([from, to], i) => {
    const x = toX(points[i][0]);
    return `M${x - 3} ${toY(to)}h6m-3 0V${toY(from)}m-3 0h6`;
  });
  return [
    `<path class="line${colour}" d="${path}" fill="none" stroke-width="1.8"${dash}/>`,
    ...errors.length > 0
      ? [`<path class="line${colour}" d="${errors.join("")}" fill="none"/>`]
      : [],
    ...dots,
  ].join("");
}

/** The crosses of all lines, those of each line in a row of their own, with the words on the inside. */
export function crossesOf(
  lines: readonly Line[],
  toX: (x: number) => number,
  { top, middle }: { readonly top: number; readonly middle: number },
): string[] {
  const crossed = lines.flatMap(({ crosses = [] }, i) =>
    crosses.length > 0 ? [{ crosses, colour: i % LINE_COLOURS }] : []
  );
  return crossed.flatMap(({ crosses, colour }, row) =>
    crosses.map(({ x, label }) => {
      const at = toX(x);
      const y = top + 8 + ROW * row;
      const place = at < middle ? `x="${round(at + 7)}"` : `x="${round(at - 7)}" text-anchor="end"`;
      return `<path class="line${colour}" d="M${round(at - 4)} ${y - 4}l8 8m0 -8l-8 8" ` +
        `fill="none" stroke-width="1.8"/>` +
        `<text class="fill${colour}" ${place} y="${y + 4}" font-size="10">${escaped(label)}</text>`;
    })
  );
}

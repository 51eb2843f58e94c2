/**
 * Charts as SVG: lines, bars and maps of counts in panels side by side.
 *
 * @module
 */
import { encode } from "fast-png";
import { crossesOf, type Line, lineOf, type Range } from "./chart_line.ts";
import { escaped, LINE_COLOURS, round, styleSheet } from "./chart_style.ts";

export type { Cross, Line, Point, Range } from "./chart_line.ts";

/** A panel with axes. */
export interface Panel {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines?: readonly Line[];
  /** Counts over a square of the plane, rows from the bottom; the darker, the more. */
  readonly map?: { readonly size: number; readonly counts: ArrayLike<number> };
  /** What the axes cover; by default all points. */
  readonly range?: { readonly x: Range; readonly y: Range };
  /** Ticks of the horizontal axis; by default four or so round numbers. */
  readonly ticks?: readonly number[];
  /** Whether the horizontal axis is logarithmic. */
  readonly logarithmic?: boolean;
}

const WIDTH = 330;
const HEIGHT = 270;
const MARGIN = { left: 52, right: 14, top: 34, bottom: 44 };
/** Lines whose names find room inside of a panel; those of more stand beside it, at their ends. */
const INSIDE = 2;
const BESIDE = 90;
/** From one name to the next. */
const PITCH = 14;

/** An SVG of panels, `columns` of them side by side. */
export function chart(title: string, panels: readonly Panel[], columns = panels.length): string {
  const rows = Math.ceil(panels.length / columns);
  const beside = Math.max(...panels.map(besideOf));
  const width = columns * (WIDTH + beside);
  const height = rows * HEIGHT + 34;
  const drawn = panels.map((panel, i) => {
    const x = (i % columns) * (WIDTH + beside);
    const y = 34 + Math.floor(i / columns) * HEIGHT;
    return `<g transform="translate(${x} ${y})">\n${panelOf(panel)}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<title>${escaped(title)}</title>`,
    styleSheet(),
    `<rect class="page" width="${width}" height="${height}" rx="6"/>`,
    `<text x="14" y="22" font-size="15" font-weight="bold">${escaped(title)}</text>`,
    ...drawn,
    "</svg>\n",
  ].join("\n");
}

function panelOf(panel: Panel): string {
  const { title, lines = [], map, logarithmic = false } = panel;
  const range = panel.range ?? rangeOf(lines);
  const inner = {
    width: WIDTH - MARGIN.left - MARGIN.right,
    height: HEIGHT - MARGIN.top - MARGIN.bottom,
  };
  const warp = (value: number) => logarithmic ? Math.log2(value) : value;
  const along = (value: number, [from, to]: Range) => (value - from) / (to - from);
  const toX = (x: number) =>
    round(MARGIN.left + inner.width * along(warp(x), [warp(range.x[0]), warp(range.x[1])]));
  const toY = (y: number) => round(MARGIN.top + inner.height * (1 - along(y, range.y)));
  const ticks = { x: panel.ticks ?? ticksOf(range.x), y: ticksOf(range.y) };
  const bottom = MARGIN.top + inner.height;
  return [
    `<text x="${MARGIN.left}" y="20" font-weight="bold">${escaped(title)}</text>`,
    ...ticks.y.map((tick) =>
      `<path class="grid" d="M${MARGIN.left} ${toY(tick)}h${inner.width}"/>` +
      `<text x="${MARGIN.left - 6}" y="${toY(tick) + 4}" text-anchor="end">${tick}</text>`
    ),
    ...ticks.x.map((tick) =>
      `<text x="${toX(tick)}" y="${bottom + 16}" text-anchor="middle">${tick}</text>`
    ),
    ...(map === undefined ? [] : [mapOf(map, inner)]),
    ...lines.map((line, i) => lineOf(line, i % LINE_COLOURS, toX, toY, bottom)),
    ...crossesOf(lines, toX, { top: MARGIN.top, middle: MARGIN.left + inner.width / 2 }),
    `<path class="axis" d="M${MARGIN.left} ${MARGIN.top}V${bottom}H${MARGIN.left + inner.width}" ` +
    `fill="none"/>`,
    `<text x="${MARGIN.left + inner.width / 2}" y="${HEIGHT - 10}" text-anchor="middle">` +
    `${escaped(panel.x)}</text>`,
    `<text transform="translate(13 ${MARGIN.top + inner.height / 2}) rotate(-90)" ` +
    `text-anchor="middle">${escaped(panel.y)}</text>`,
    ...namesOf(lines, MARGIN.left + inner.width, toY, bottom),
  ].join("\n");
}

function mapOf(
  { size, counts }: NonNullable<Panel["map"]>,
  inner: { readonly width: number; readonly height: number },
): string {
  const most = Math.max(...Array.from(counts));
  const red = 26;
  const green = 54;
  const blue = 93;
  const data = Uint8Array.from({ length: 4 * size * size }, (_, k) => {
    const x = (k >> 2) % size;
    const y = size - 1 - Math.floor((k >> 2) / size);
    // The root shows the tails as well.
    const shade = Math.round(255 * Math.sqrt(counts[y * size + x] / most));
    return [red, green, blue, shade][k % 4];
  });
  const png = encode({ width: size, height: size, data, channels: 4, depth: 8 });
  return `<image class="map" x="${MARGIN.left}" y="${MARGIN.top}" width="${inner.width}" ` +
    `height="${inner.height}" preserveAspectRatio="none" style="image-rendering:pixelated" ` +
    `href="data:image/png;base64,${btoa(String.fromCharCode(...png))}"/>`;
}

/** The names of the lines: of a few at the top, of more where each line ends. */
function namesOf(
  lines: readonly Line[],
  right: number,
  toY: (y: number) => number,
  bottom: number,
): string[] {
  const atEnds = lines.length > INSIDE;
  const ends = lines.map(({ points }) => points.length === 0 ? bottom : toY(points.at(-1)![1]));
  const places = atEnds ? apart(ends, PITCH, bottom) : ends.map((_, i) => MARGIN.top + 8 + 15 * i);
  const place = atEnds ? `x="${right + 8}"` : `x="${right}" text-anchor="end"`;
  return lines.flatMap(({ name }, i) =>
    name === undefined ? [] : [
      `<text class="fill${i % LINE_COLOURS}" ${place} y="${round(places[i] + 4)}">` +
      `${escaped(name)}</text>`,
    ]
  );
}

/** Places as near to the wanted ones as they can be, a pitch or more apart and not below the last. */
function apart(wanted: readonly number[], pitch: number, last: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[b] - wanted[a]);
  const places = [...wanted];
  let lowest = last;
  for (const i of order) { // from below
    places[i] = Math.min(wanted[i], lowest);
    lowest = places[i] - pitch;
  }
  return places;
}

function besideOf({ lines = [] }: Panel): number {
  return lines.length > INSIDE ? BESIDE : 0;
}

function rangeOf(lines: readonly Line[]): { x: Range; y: Range } {
  const points = lines.flatMap(({ points }) => points);
  const crosses = lines.flatMap(({ crosses = [] }) => crosses);
  const bars = lines.flatMap(({ bars = [] }) => bars.flat());
  const range = (values: number[], from = Math.min(...values)): Range => {
    if (values.length === 0) return [0, 1];
    const to = Math.max(...values);
    return from === to ? [from - 1, to + 1] : [from, to];
  };
  const ys = [...points.map(([, y]) => y), ...bars];
  const [low, high] = range(ys);
  const room = 0.06 * (high - low);
  const rows = lines.filter(({ crosses = [] }) => crosses.length > 0).length;
  return {
    x: range([...points.map(([x]) => x), ...crosses.map(({ x }) => x)]),
    y: [low < 0 ? low - room : Math.max(0, low - room), high + room * (1 + rows)],
  };
}

/** Three to six round numbers inside of a range. */
function ticksOf([from, to]: Range): number[] {
  const raw = (to - from) / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * power).find((step) => step >= raw)!;
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor(to / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}

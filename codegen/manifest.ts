/**
 * Rows of the manifest, the kernels that they stand for, and how those are named.
 *
 * A name is `<kernel><Format><Flags>[X<lanes>]`: the template function; ChannelsLast, ChannelsFirst
 * or nothing for flat; for each hole of the row in turn nothing if it is false or "none", its own
 * name if it is true, else its value, all in PascalCase; X4 for four lanes.
 *
 * @module
 */
import type { Format } from "../ops/_kernel.ts";

/** One row: a template function, and the values at which it is generated. */
export interface Row {
  /** File stem of the template. */
  readonly template: string;
  /** The function in it. */
  readonly kernel: string;
  readonly formats: readonly Format[];
  /** Elements per cell. @default {[1]} */
  readonly lanes?: readonly number[];
  /** The values of each hole. */
  readonly holes?: Readonly<Record<string, readonly (boolean | string)[]>>;
  /** Combinations that are left out: those that agree with every entry of one of these. */
  readonly except?: readonly Readonly<Record<string, boolean | string | number>>[];
}

/** One kernel to be generated. */
export interface Variant {
  readonly template: string;
  readonly kernel: string;
  readonly name: string;
  readonly format: Format;
  readonly lanes: number;
  readonly holes: Readonly<Record<string, boolean | string>>;
}

/**
 * The kernels of all rows, sorted by name.
 *
 * @throws {TypeError} If two have one name.
 */
export function expand(rows: readonly Row[]): Variant[] {
  const variants = rows.flatMap(expandRow).sort((a, b) => a.name < b.name ? -1 : 1);
  const twice = variants.find(({ name }, i) => variants[i + 1]?.name === name);
  if (twice !== undefined) {
    throw new TypeError(`Cannot expand the manifest: names must be unique, got ${twice.name} twice`);
  }
  return variants;
}

function expandRow({ template, kernel, formats, lanes = [1], holes = {}, except = [] }: Row) {
  let points: Record<string, boolean | string>[] = [{}];
  for (const [hole, values] of Object.entries(holes)) {
    points = points.flatMap((point) => values.map((value) => ({ ...point, [hole]: value })));
  }
  return formats.flatMap((format) =>
    lanes.flatMap((lane) =>
      points
        .filter((point) => {
          const all: Record<string, unknown> = { ...point, format, lanes: lane };
          return !except.some((e) => Object.entries(e).every(([k, value]) => all[k] === value));
        })
        .map((point): Variant => ({
          template,
          kernel,
          name: nameOf(kernel, format, lane, point),
          format,
          lanes: lane,
          holes: point,
        }))
    )
  );
}

/** The name of a kernel; see the module's comment. */
export function nameOf(
  kernel: string,
  format: Format,
  lanes: number,
  holes: Readonly<Record<string, boolean | string>>,
): string {
  const flags = Object.entries(holes).map(([hole, value]) => {
    if (value === true) return pascal(hole.toLowerCase());
    return value === false || value === "none" ? "" : pascal(value);
  });
  const place = format === "flat" ? "" : pascal(format);
  return `${kernel}${place}${flags.join("")}${lanes > 1 ? `X${lanes}` : ""}`;
}

function pascal(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Rows of the manifest, and the kernels that they stand for.
 *
 * @module
 */
import type { Format } from "../ops/plan/kernel.ts";
import { nameOf } from "../ops/plan/kernel_name.ts";

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
 * @throws {TypeError} If two have one name, an exception excludes nothing, or a row holds a format,
 * number of lanes or hole that there is not.
 */
export function expand(rows: readonly Row[]): Variant[] {
  const variants = rows.flatMap(expandRow).sort((a, b) => a.name < b.name ? -1 : 1);
  const twice = variants.find(({ name }, i) => variants[i + 1]?.name === name);
  if (twice !== undefined) {
    throw new TypeError(
      `Cannot expand the manifest: names must be unique, got ${twice.name} twice`,
    );
  }
  return variants;
}

const FORMATS: readonly string[] = ["channelsLast", "channelsFirst", "flat"];
/** One element per cell, or as many as a texel holds, which are the most that gpu.js returns. */
const LANES: readonly number[] = [1, 4];

function expandRow(row: Row): Variant[] {
  checkRow(row);
  const { template, kernel, formats, lanes = [1], holes = {}, except = [] } = row;
  const fits = (variant: Variant, exception: Readonly<Record<string, unknown>>) => {
    const all: Record<string, unknown> = { ...variant.holes, ...variant };
    return Object.entries(exception).every(([key, value]) => all[key] === value);
  };
  let points: Record<string, boolean | string>[] = [{}];
  for (const [hole, values] of Object.entries(holes)) {
    points = points.flatMap((point) => values.map((value) => ({ ...point, [hole]: value })));
  }
  const variants = formats.flatMap((format) =>
    lanes.flatMap((lane) =>
      points.map((point): Variant => ({
        template,
        kernel,
        name: nameOf({ kernel, format, lanes: lane, holes: point }),
        format,
        lanes: lane,
        holes: point,
      }))
    )
  );
  const idle = except.find((exception) => !variants.some((variant) => fits(variant, exception)));
  if (idle !== undefined) throw rowError(row, "except", "exclude something", JSON.stringify(idle));
  return variants.filter((variant) => !except.some((exception) => fits(variant, exception)));
}

function checkRow(row: Row): void {
  const format = row.formats.find((format) => !FORMATS.includes(format));
  if (format !== undefined) {
    throw rowError(row, "formats", `be among ${FORMATS.join(", ")}`, format);
  }
  const lanes = row.lanes?.find((lanes) => !LANES.includes(lanes));
  if (lanes !== undefined) throw rowError(row, "lanes", `be among ${LANES.join(", ")}`, `${lanes}`);
  for (const [hole, values] of Object.entries(row.holes ?? {})) {
    if (hole === "FORMAT") throw rowError(row, "holes", "leave FORMAT to formats", hole);
    const odd = values.find((value) => typeof value === "string" && !/^[a-z]\w*$/i.test(value));
    if (odd !== undefined) throw rowError(row, hole, "be booleans or names", JSON.stringify(odd));
  }
}

function rowError(row: Row, what: string, rule: string, got: string): TypeError {
  return new TypeError(
    `Cannot expand ${row.template}/${row.kernel}: ${what} must ${rule}, got ${got}`,
  );
}

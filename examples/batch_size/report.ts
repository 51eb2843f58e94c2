/**
 * What the trainings have shown: tables and a chart.
 *
 * @module
 */
import { chart, type Line, type Panel } from "../shared/chart.ts";
import { meanOf, rangeOf, shown } from "../shared/spread.ts";
import { ALL, type Norm, NORMS, VARIANTS } from "./norms.ts";
import type { Result } from "./training.ts";

/** A training whose scores are not finite, or with this error, has diverged: guessing has 0.9. */
const DIVERGED = 0.8;

/** The trainings of a norm at a batch size. */
export interface Cell {
  /** Errors in per cent of the trainings that have not diverged. */
  readonly errors: readonly number[];
  readonly diverged: number;
}

/** The results of a norm at a batch size, by one of their errors. */
export function cellOf(
  results: readonly Result[],
  norm: Norm,
  size: number,
  which: "error" | "exactError" = "error",
): Cell {
  const all = results.filter((one) => one.norm === norm && one.size === size)
    .map((one) => one[which]!);
  const errors = all.filter((error) => error < DIVERGED).map((error) => 100 * error);
  return { errors, diverged: all.length - errors.length };
}

/** Mean and sample deviation, and how many have diverged. */
export function textOf({ errors, diverged }: Cell): string {
  const count = errors.length + diverged;
  const share = diverged > 0 ? [`${diverged} of ${count} diverged`] : [];
  if (errors.length === 0) return share[0] ?? "";
  return [shown(errors, 2), ...share].join(", ");
}

/** All tables as text. */
export function tablesOf(results: readonly Result[], sizes: readonly number[]): string {
  return [
    table("error, %", sizes, ALL, (norm, size) => textOf(cellOf(results, norm, size))),
    table(
      "error by the statistics of the digits that are judged, %",
      sizes,
      VARIANTS,
      (norm, size) => textOf(cellOf(results, norm, size, "exactError")),
    ),
    table(
      "renorm's r, off 1 by a factor; |d|; shares of r and of d that are limited, %",
      sizes,
      VARIANTS.slice(1),
      (norm, size) => correctionsOf(results, norm, size),
    ),
  ].join("\n\n");
}

/** The chart: all norms, and what changes renorm. */
export function chartOf(
  results: readonly Result[],
  sizes: readonly number[],
  seeds: number,
  count: number,
): string {
  const panel = (title: string, norms: readonly Norm[]): Panel => ({
    title,
    x: "digits per batch",
    y: "error, %",
    logarithmic: true,
    ticks: sizes,
    lines: norms.map((norm, i) => lineOf(results, norm, sizes, 2 ** (0.08 * (i - 2)))),
  });
  return chart(
    `Error on ${count} digits by the batch size: mean and range of ${seeds} trainings`,
    [panel("norms", NORMS), panel("renorm in other settings", VARIANTS)],
  );
}

/** A line, moved sideways by a factor so that the error bars stand side by side. */
function lineOf(
  results: readonly Result[],
  name: Norm,
  sizes: readonly number[],
  factor: number,
): Line {
  const cells = sizes.map((size) => ({ x: size * factor, ...cellOf(results, name, size) }));
  const ended = cells.filter(({ errors }) => errors.length > 0);
  return {
    name,
    points: ended.map(({ x, errors }) => [x, meanOf(errors)]),
    bars: ended.map(({ errors }) => rangeOf(errors)),
    crosses: cells.filter(({ diverged }) => diverged > 0).map(({ x, errors, diverged }) => ({
      x,
      label: `${diverged} of ${diverged + errors.length}`,
    })),
  };
}

function table(
  title: string,
  sizes: readonly number[],
  norms: readonly Norm[],
  cell: (norm: Norm, size: number) => string,
): string {
  const rows = norms.map((norm) => [norm, ...sizes.map((size) => cell(norm, size))]);
  const heads = ["digits per batch", ...sizes.map(String)];
  const widths = heads.map((_, k) => Math.max(...[heads, ...rows].map((row) => row[k].length)));
  const line = (row: readonly string[]) =>
    row.map((text, k) => k === 0 ? text.padEnd(widths[k]) : text.padStart(widths[k])).join("  ");
  return [title, line(heads), ...rows.map(line)].join("\n");
}

function correctionsOf(results: readonly Result[], norm: Norm, size: number): string {
  const all = results.filter((one) => one.norm === norm && one.size === size)
    .flatMap(({ corrections }) => corrections ?? []);
  if (all.length === 0) return "";
  const mean = (of: (one: typeof all[number]) => number) => meanOf(all.map(of));
  return [
    mean(({ r }) => r).toFixed(2),
    mean(({ d }) => d).toFixed(2),
    (100 * mean(({ limitedR }) => limitedR)).toFixed(1),
    (100 * mean(({ limitedD }) => limitedD)).toFixed(1),
  ].join("; ");
}

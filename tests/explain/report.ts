/**
 * What `deno task explain` says of a run.
 *
 * @module
 */
import type { Program } from "../../ops/plan/program.ts";
import { counted, gridText } from "./plan_text.ts";
import type { Found, Replayed } from "./replay.ts";

/** The verdict on a run on two backends, as lines. */
export function verdictLines(
  program: Program,
  { launches, first, alone, result }: Replayed,
  names: readonly string[],
  tolerance: number,
): string[] {
  const both = names.join(" and ");
  const details = (found: Found) => differenceLines(program, found, names, tolerance);
  if (first !== undefined) {
    const why = alone
      ? "also when it runs alone on the same numbers"
      : "but not when it runs alone on the same numbers: its inputs differ by rounding, or the launches " +
        "that it is compiled with make the difference";
    const end = result === undefined
      ? " the results of the plan agree"
      : ` of the results, the first to differ is that of launch ${nameOf(program, result.launch)}`;
    return [
      `${both} first differ in launch ${nameOf(program, first.launch)}, ${why}`,
      ...details(first),
      end,
    ];
  }
  if (result !== undefined) {
    return [
      `${both} differ in the result of launch ${
        nameOf(program, result.launch)
      }, but not when the values of all launches are kept`,
      ...details(result),
    ];
  }
  const apart = launches.reduce((most, { apart }) => Math.max(most, apart), 0);
  if (apart === 0) return [`${both} compute the same bits`];
  const worst = launches.findIndex((launch) => launch.apart === apart);
  return [
    `${both} agree; furthest apart are values of launch ${nameOf(program, worst)}: ` +
    `${apart.toPrecision(2)} of the largest, where ${tolerance} is allowed`,
  ];
}

function nameOf({ launches }: Program, launch: number): string {
  return `#${launch + 1} ${launches[launch].kernel.name}`;
}

function differenceLines(
  { launches }: Program,
  { launch, difference, scale }: Found,
  [ours, theirs]: readonly string[],
  tolerance: number,
): string[] {
  const { index, values, count } = difference;
  const { grid: [width, height, depth] } = launches[launch];
  const cell = [
    index % width,
    Math.floor(index / width) % height,
    Math.floor(index / width / height),
  ];
  return [
    ` first at ${index}, cell ${cell.join(", ")} of ${gridText(launches[launch])}: ` +
    `${values[0]} on ${ours}, ${values[1]} on ${theirs}`,
    ` ${count} of ${counted(width * height * depth, "number")} further apart than ` +
    `${tolerance} of the largest, ${scale}`,
  ];
}

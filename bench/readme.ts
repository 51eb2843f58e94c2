/**
 * `deno task bench readme <run.json>`: writes what is published of a run. All of its rows go into
 * docs/performance.md, a few with a chart into the README.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Run } from "./races.ts";
import type { Race, Result } from "./result.ts";
import { chart } from "./readme_chart.ts";
import { columnsOf, fastest } from "./readme_columns.ts";
import { disturbedIn } from "./steady.ts";
import { milliseconds } from "./table.ts";

const ROOT = new URL("../", import.meta.url);
const START = "<!-- performance: start -->";
const END = "<!-- performance: end -->";

/** The rows of the README: one for each kind of op, in the default format, and a tiny one. */
export const SELECTED: readonly string[] = [
  "gdn 1x64x64x192 NHWC",
  "groupNorm 32 8x56x56x64 NHWC",
  "batchNorm training 8x56x56x64 NHWC",
  "batchNorm inference 8x56x56x64 NHWC",
  "layerNorm 512x768",
  "tiny batchNorm inference 1x4x4x16 NHWC",
];

/** Runs the command. */
export async function main([file]: readonly string[]): Promise<void> {
  if (file === undefined) {
    console.error(
      "Cannot write the section: a file of `deno task bench race --json=file` must be named",
    );
    Deno.exit(2);
  }
  const run = JSON.parse(await Deno.readTextFile(file)) as Run;
  steadyRaces(run);
  const races = selectedRaces(run);
  await write("docs/images/performance.svg", chart(races, run.machine));
  await writeSection("docs/performance.md", `${introduction(run)}\n\n${table(run.races)}`);
  await writeSection("README.md", table(races));
}

async function writeSection(page: string, section: string): Promise<void> {
  const text = await Deno.readTextFile(new URL(page, ROOT));
  await write(page, withSection(page, text, section));
}

/** Writes a file as `deno fmt` would have it. */
async function write(file: string, text: string): Promise<void> {
  const path = new URL(file, ROOT);
  await Deno.writeTextFile(path, text);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", fileURLToPath(path)],
  }).output();
  if (!success) throw new Error(`Cannot write the section: ${file} must be formatted by deno fmt`);
}

/**
 * A page whose section between the markers is replaced.
 *
 * @throws {Error} If the markers are not there.
 */
export function withSection(page: string, text: string, section: string): string {
  const start = text.indexOf(START);
  const end = text.indexOf(END);
  if (start < 0 || end < start) {
    throw new Error(`Cannot write the section: ${page} must hold ${START} and ${END}`);
  }
  return `${text.slice(0, start + START.length)}\n\n${section}\n\n${text.slice(end)}`;
}

/**
 * The races of the README's rows, in their order.
 *
 * @throws {Error} If the run lacks one.
 */
export function selectedRaces({ races }: Run): Race[] {
  return SELECTED.map((id) => {
    const race = races.find(({ workload }) => workload.id === id);
    if (race === undefined) {
      throw new Error(`Cannot write the section: the run must have raced ${id}`);
    }
    return race;
  });
}

/**
 * The races of a run, none of which other work has disturbed.
 *
 * @throws {Error} If it has disturbed one.
 */
export function steadyRaces({ races }: Run): readonly Race[] {
  const disturbed = races.flatMap(({ workload, results, disturbed = disturbedIn(results) }) =>
    disturbed.length === 0 ? [] : [`${workload.id} (${disturbed.join("; ")})`]
  );
  if (disturbed.length > 0) {
    throw new Error(
      `Cannot publish the run: its rows must be steady, got ${disturbed.join(", ")}. Run ` +
        "`deno task bench race --json=file --again` on a quiet machine",
    );
  }
  return races;
}

/** What was measured, on what, and how to read the table. */
export function introduction({ machine, races }: Run): string {
  const { cpu, cores, deno, v8, gpujs, date } = machine;
  return [
    `Measured on ${cpu}, ${cores} cores, with Deno ${deno} (V8 ${v8}) and gpu.js ${gpujs} on ${date}:`,
    "all in one process, taking turns, on WebAssembly with one thread. Inputs and outputs are plain",
    'arrays, except in the column "in place". Bold marks the fastest; a dash means unsupported. For each',
    `library the fastest variant is shown; versions: ${
      versions(races)
    }. ort is ONNX Runtime, and copy`,
    "copies x into fresh memory. Rows that other work on the machine disturbed were run again.",
  ].join("\n");
}

/** Medians in milliseconds, the fastest library of each row in bold. */
export function table(races: readonly Race[]): string {
  const columns = columnsOf(races);
  const rows = races.map((race) => {
    const cells = columns.map(({ name }) => fastest(race, name));
    const libraries = cells.slice(0, -1).filter((cell) => cell !== undefined);
    const best = Math.min(...libraries.map(({ median }) => median));
    return [race.workload.id, ...cells.map((cell) => cellOf(cell, best))];
  });
  const head = ["milliseconds, median", ...columns.map(({ head }) => head)];
  const rule = head.map((_, i) => i === 0 ? "---" : "---:");
  return [head, rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Names of other libraries that hold a version, as they are, without threads and forms. */
function versions(races: readonly Race[]): string {
  const names = races.flatMap(({ results }) => results.filter(({ peer }) => peer))
    .map(({ name }) => name.replace(/[,:].*/, "")).filter((name) => / \d/.test(name));
  return [...new Set(names)].sort().join(", ");
}

function cellOf(result: Result | undefined, best: number): string {
  if (result === undefined) return "–";
  const text = milliseconds(result.median);
  return result.median === best ? `**${text}**` : text;
}

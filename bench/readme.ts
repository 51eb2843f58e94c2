/**
 * `deno task bench readme <run.json>`: writes the performance section of the README from a run.
 *
 * @module
 */
import type { Run } from "./races.ts";
import type { Race, Result } from "./race.ts";
import { timeOf } from "./table.ts";

const [START, END] = ["<!-- performance: start -->", "<!-- performance: end -->"];

/** Columns: what is shown of each race, by how the names start. */
const COLUMNS: readonly (readonly [head: string, name: string])[] = [
  ["kernorm", "kernorm wasm"],
  ["in place", "kernorm wasm, in place"],
  ["tfjs-wasm", "tfjs-wasm"],
  ["ort-web", "onnxruntime-web"],
  ["ort-node, 1 thread", "onnxruntime-node"],
  ["plain loop", "plain loop"],
  ["copy", "copy, fresh memory"],
];

/** Runs the command. */
export async function main([file]: readonly string[]): Promise<void> {
  if (file === undefined) {
    console.error(
      "Cannot write the section: a file of `deno task bench race --json=file` must be named",
    );
    Deno.exit(2);
  }
  const path = new URL("../README.md", import.meta.url);
  const run = JSON.parse(await Deno.readTextFile(file)) as Run;
  await Deno.writeTextFile(
    path,
    withSection(await Deno.readTextFile(path), performanceSection(run)),
  );
}

/** A README whose section between the markers is replaced. */
export function withSection(readme: string, section: string): string {
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)];
  if (start < 0 || end < start) {
    throw new Error(`Cannot write the section: README.md must hold ${START} and ${END}`);
  }
  return `${readme.slice(0, start + START.length)}\n\n${section}\n\n${readme.slice(end)}`;
}

/** The section: a table of medians in milliseconds, the fastest library of each row in bold. */
export function performanceSection({ machine, races }: Run): string {
  const { cpu, cores, deno, v8, gpujs, date } = machine;
  const rows = races.map((race) => {
    const cells = COLUMNS.map(([, name]) => fastest(race, name));
    const libraries = cells.slice(0, -1).filter((cell) => cell !== undefined);
    const best = Math.min(...libraries.map(({ median }) => median));
    return [race.workload.id, ...cells.map((cell) => cellOf(cell, best))];
  });
  const head = ["milliseconds, median", ...COLUMNS.map(([head]) => head)];
  const rule = head.map((_, i) => i === 0 ? "---" : "---:");
  return [
    `Measured on ${cpu}, ${cores} cores, with Deno ${deno} (V8 ${v8}) and gpu.js ${gpujs} on ${date}:`,
    "all in one process, taking turns, on WebAssembly with one thread. Plain arrays go in and come out,",
    "but in the column in place. Bold is the fastest of a row, and a dash is what a library cannot do.",
    `Each is shown in the fastest of its forms; versions: ${
      versions(races)
    }. ort is ONNX Runtime, copy`,
    "the copy of x into fresh memory. A tilde marks a median of more than twice the fastest round.",
    "",
    ...[head, rule, ...rows].map((row) => `| ${row.join(" | ")} |`),
  ].join("\n");
}

/** Names of other libraries that hold a version, as they are, without threads and forms. */
function versions(races: readonly Race[]): string {
  const names = races.flatMap(({ results }) => results.filter(({ peer }) => peer))
    .map(({ name }) => name.replace(/[,:].*/, "")).filter((name) => / \d/.test(name));
  return [...new Set(names)].sort().join(", ");
}

/** The fastest result whose name starts so, with one thread. */
function fastest({ results }: Race, name: string): Result | undefined {
  const isForm = (result: Result) =>
    result.name === name ||
    (!name.startsWith("kernorm") && result.name.startsWith(name) && !result.name.includes(", 2"));
  const forms = results.filter(isForm).sort((a, b) => a.median - b.median);
  return forms[0];
}

function cellOf(result: Result | undefined, best: number): string {
  if (result === undefined) return "–";
  const text = timeOf(result);
  return result.median === best ? `**${text}**` : text;
}

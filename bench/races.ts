/**
 * `deno task bench race [filter ...] [--rounds=15] [--only=name] [--published] [--tries=5]
 * [--json=file] [--again]`: races every workload whose name contains the filter, and prints a table for
 * each. With `--published` only those take part that the published tables show, which leaves out the
 * slowest. A race that other work disturbs is run again. `--again` completes the file: only those are run
 * that it lacks or that were still disturbed when it was written.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { machine } from "./machine.ts";
import { race } from "./race.ts";
import { isPublished } from "./readme_columns.ts";
import type { Race } from "./result.ts";
import { raceTable } from "./table.ts";
import { type RaceWorkload, raceWorkloads } from "./race_workloads.ts";

/** What a run leaves in a file. */
export interface Run {
  readonly machine: Awaited<ReturnType<typeof machine>>;
  readonly races: readonly Race[];
}

const USAGE =
  "deno task bench race [filter ...] [--rounds=15] [--only=name] [--published] [--tries=5] " +
  "[--json=file] [--again]";

/** Runs the command. */
export async function main(args: readonly string[]): Promise<void> {
  const { rounds, tries, takesPart, json, again, filters } = settings(args);
  const matching = raceWorkloads.filter(({ id }) => filters.every((filter) => id.includes(filter)));
  if (matching.length === 0) fail(`a workload must match, got ${filters.join(" ")}`);
  const here = await machine();
  const before = again ? JSON.parse(await Deno.readTextFile(json!)) as Run : undefined;
  const chosen = before === undefined ? matching : chosenAgain(matching, before, here);
  const races = new Map(before?.races.map((race) => [race.workload.id, race]));
  for (const [i, workload] of chosen.entries()) {
    console.error(`${i + 1} of ${chosen.length}: ${workload.id} ...`);
    const done = await race(workload, { rounds, tries, only: takesPart });
    races.set(workload.id, done);
    console.log(raceTable(done) + "\n");
    if (json === undefined) continue;
    // In the order of the workloads, whenever each was run; written each time, so that an end keeps them.
    const all = raceWorkloads.flatMap(({ id }) => races.get(id) ?? []);
    const run: Run = { machine: here, races: all };
    await Deno.writeTextFile(json, JSON.stringify(run, null, 1) + "\n");
  }
  // Workers of the other libraries would keep the process.
  Deno.exit(0);
}

/**
 * The workloads to run again: those that the file lacks, and those that were disturbed.
 *
 * @throws {Error} If the file is of another machine, or of other versions.
 */
export function chosenAgain(
  matching: readonly RaceWorkload[],
  { machine: { cpu, cores, deno }, races }: Run,
  here: Run["machine"],
): RaceWorkload[] {
  if (cpu !== here.cpu || cores !== here.cores || deno !== here.deno) {
    throw new Error(
      `Cannot run again: the file must be of this machine and these versions, got ${cpu}, Deno ${deno}`,
    );
  }
  const steady = races.filter(({ disturbed }) => disturbed?.length === 0);
  return matching.filter(({ id }) => !steady.some(({ workload }) => workload.id === id));
}

function settings(args: readonly string[]) {
  const text = (initial: string) => ({ type: "string", default: initial }) as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      rounds: text("15"),
      tries: text("5"),
      only: text(""),
      published: { type: "boolean", default: false },
      json: { type: "string" },
      again: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  const { only, published, json, again } = values;
  if (again && json === undefined) fail("json must name the file that --again completes");
  const rounds = countOf("rounds", values.rounds);
  return {
    rounds,
    tries: countOf("tries", values.tries),
    takesPart: (name: string) => name.includes(only) && (!published || isPublished(name)),
    json,
    again,
    filters: positionals,
  };
}

function countOf(name: string, text: string): number {
  const count = Number(text);
  if (!(Number.isInteger(count) && count >= 1)) {
    fail(`${name} must be an integer >= 1, got ${text}`);
  }
  return count;
}

function fail(rule: string): never {
  console.error(`Cannot bench: ${rule}\n${USAGE}`);
  Deno.exit(2);
}

/**
 * `deno task bench race [filter ...] [--rounds=15] [--only=name] [--json=file]`: races every workload
 * whose name contains the filter, and prints a table for each.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { machine } from "./machine.ts";
import { type Race, race } from "./race.ts";
import { raceTable } from "./table.ts";
import { workloads } from "./workloads.ts";

/** What a run leaves in a file. */
export interface Run {
  readonly machine: Awaited<ReturnType<typeof machine>>;
  readonly races: readonly Race[];
}

const USAGE = "deno task bench race [filter ...] [--rounds=15] [--only=name] [--json=file]";

/** Runs the command. */
export async function main(args: readonly string[]): Promise<void> {
  const { rounds, only, json, filters } = settings(args);
  const chosen = workloads.filter(({ id }) => filters.every((filter) => id.includes(filter)));
  if (chosen.length === 0) fail(`a workload must match, got ${filters.join(" ")}`);
  const races: Race[] = [];
  for (const [i, workload] of chosen.entries()) {
    console.error(`${i + 1} of ${chosen.length}: ${workload.id} ...`);
    const done = await race(workload, { rounds, only: (name) => name.includes(only) });
    races.push(done);
    console.log(raceTable(done) + "\n");
  }
  if (json !== undefined) {
    const run: Run = { machine: await machine(), races };
    await Deno.writeTextFile(json, JSON.stringify(run, null, 1) + "\n");
  }
  // Workers of the other libraries would keep the process.
  Deno.exit(0);
}

function settings(args: readonly string[]) {
  const text = (initial: string) => ({ type: "string", default: initial }) as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { rounds: text("15"), only: text(""), json: { type: "string" } },
      allowPositionals: true,
    });
    const rounds = Number(values.rounds);
    if (!(Number.isInteger(rounds) && rounds >= 1)) {
      fail(`rounds must be an integer >= 1, got ${values.rounds}`);
    }
    return { rounds, only: values.only, json: values.json, filters: positionals };
  } catch (error) {
    return fail((error as Error).message);
  }
}

function fail(rule: string): never {
  console.error(`Cannot bench: ${rule}\n${USAGE}`);
  Deno.exit(2);
}

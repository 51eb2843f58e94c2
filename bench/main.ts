/**
 * `deno task bench [filter] [--rounds=15] [--only=name] [--json=file]`: races every workload whose
 * name contains the filter, and prints a table for each.
 *
 * @module
 */
import { machine } from "./machine.ts";
import { type Race, race } from "./race.ts";
import { raceTable } from "./table.ts";
import { workloads } from "./workloads.ts";

/** What a run leaves in a file. */
export interface Run {
  readonly machine: Awaited<ReturnType<typeof machine>>;
  readonly races: readonly Race[];
}

const USAGE = "deno task bench [filter] [--rounds=15] [--only=name] [--json=file]";

if (import.meta.main) await main(Deno.args);

async function main(args: readonly string[]): Promise<void> {
  const options = new Map<string, string>();
  const filters: string[] = [];
  for (const argument of args) {
    const [, name, value] = /^--(rounds|only|json)=(.+)$/.exec(argument) ?? [];
    if (name !== undefined) options.set(name, value);
    else if (argument.startsWith("-")) fail(`an option must be known, got ${argument}`);
    else filters.push(argument);
  }
  const rounds = Number(options.get("rounds") ?? 15);
  if (!(Number.isInteger(rounds) && rounds >= 1)) fail("rounds must be an integer >= 1");
  const chosen = workloads.filter(({ id }) => filters.every((filter) => id.includes(filter)));
  if (chosen.length === 0) fail(`a workload must match, got ${filters.join(" ")}`);
  const races: Race[] = [];
  for (const [i, workload] of chosen.entries()) {
    console.error(`${i + 1} of ${chosen.length}: ${workload.id} ...`);
    const only = (name: string) => name.includes(options.get("only") ?? "");
    const done = await race(workload, { rounds, only });
    races.push(done);
    console.log(raceTable(done) + "\n");
  }
  const json = options.get("json");
  if (json !== undefined) {
    const run: Run = { machine: await machine(), races };
    await Deno.writeTextFile(json, JSON.stringify(run, null, 1) + "\n");
  }
  // Workers of the other libraries would keep the process.
  Deno.exit(0);
}

function fail(rule: string): never {
  console.error(`Cannot bench: ${rule}\n${USAGE}`);
  Deno.exit(2);
}

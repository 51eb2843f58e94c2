/**
 * `deno task bench gpu [filter ...] [--quick] [--rounds=7] [--json=file]`: this library on a graphics
 * card beside the other libraries there, with the speeds of copying and of multiply-adds of the same
 * device as yardsticks.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { type Machine, machine } from "../machine.ts";
import { keepAdapters } from "./adapters.ts";
import { eventOf } from "./contenders.ts";
import { type Crossing, crossingOps, crossingsOf, crossingTable } from "./crossing.ts";
import { type Card, openCard } from "./device.ts";
import { goalsOf, goalTable } from "./goals.ts";
import { waysOf } from "./peers/ours.ts";
import { type GpuRace, raceOf } from "./race.ts";
import { gpuTable, SOFTWARE_NOTE } from "./report.ts";
import { trainingEvents } from "./training.ts";
import { gpuWorkloads, type Size } from "./workloads.ts";

/** What a run leaves in a file. */
export interface GpuRun {
  readonly machine: Machine;
  readonly adapter: string;
  /** If so, nothing here is the speed of a card. */
  readonly software: boolean;
  readonly size: Size;
  readonly races: readonly GpuRace[];
  readonly crossings: readonly Crossing[];
}

const USAGE = "deno task bench gpu [filter ...] [--quick] [--rounds=7] [--json=file]";
const ROUNDS = { full: 7, quick: 3 };

/** Runs the command. */
export async function main(args: readonly string[]): Promise<void> {
  const { quick, rounds: asked, json, filters } = settings(args);
  keepAdapters();
  const card = await openCard();
  if ("missing" in card) {
    console.log(`webgpu: absent, ${card.missing}\nNothing was measured.`);
    Deno.exit(0);
  }
  const size = quick || card.software ? "quick" : "full";
  const rounds = asked ?? ROUNDS[size];
  const chosen = (id: string) => filters.every((filter) => id.includes(filter));
  const workloads = gpuWorkloads(size, card.largest).filter(({ id }) => chosen(id));
  const trainings = trainingEvents(card, size).filter(({ id }) => chosen(id));
  const crossed = crossingOps(chosen);
  if (workloads.length + trainings.length + crossed.length === 0) {
    fail(`a workload must match, got ${filters.join(" ")}`);
  }
  console.log(headOf(card, size, quick));
  const races: GpuRace[] = [];
  const run = async (race: Promise<GpuRace>) => {
    races.push(await race);
    console.log("\n" + gpuTable(races.at(-1)!));
  };
  for (const workload of workloads) {
    await run(raceOf(await eventOf(card, waysOf(card), workload, size), rounds));
  }
  for (const { open } of trainings) await run(raceOf(await open(), rounds));
  const crossings: Crossing[] = [];
  for (const op of crossed) {
    for (const crossing of await crossingsOf(op, card, size, rounds)) {
      crossings.push(crossing);
      console.log("\n" + crossingTable(crossing));
    }
  }
  console.log("\n" + (card.software ? SOFTWARE_NOTE : goalTable(goalsOf(races, crossings))));
  if (json !== undefined) {
    const { name: adapter, software } = card;
    const result: GpuRun = {
      machine: await machine(),
      adapter,
      software,
      size,
      races,
      crossings,
    };
    await Deno.writeTextFile(json, JSON.stringify(result, null, 1) + "\n");
  }
  const failed = races.some(({ failed }) => failed.length > 0);
  // Devices and workers of the other libraries would keep the process.
  Deno.exit(failed ? 1 : 0);
}

function headOf({ name, software }: Card, size: Size, asked: boolean): string {
  const sizes = size === "full"
    ? "full sizes"
    : asked
    ? "small sizes, by --quick"
    : "small sizes, since it is software";
  return [`On ${name}, ${sizes}.`, ...software ? [SOFTWARE_NOTE] : []].join("\n");
}

function settings(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      json: { type: "string" },
    },
    allowPositionals: true,
  });
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= 1)) {
    fail(`rounds must be an integer >= 1, got ${values.rounds}`);
  }
  return { quick: values.quick, rounds, json: values.json, filters: positionals };
}

function fail(rule: string): never {
  console.error(`Cannot bench: ${rule}\n${USAGE}`);
  Deno.exit(2);
}

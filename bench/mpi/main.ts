/**
 * `deno task bench mpi`: how long the collectives of replicas take, with each MPI that is installed.
 *
 * @module
 */
import { type Implementation, implementations, launch } from "../../tests/mpi/launch.ts";
import { machine } from "../machine.ts";
import { aligned, medianText } from "../table.ts";
import type { Timing } from "./timing.ts";

const SIZES: readonly number[] = [1, 2, 4];

const PROGRAM = new URL("program.ts", import.meta.url).href;

/** Runs the command. */
export async function main(args: readonly string[]): Promise<void> {
  if (args.length > 0) {
    console.error(`Cannot bench mpi: there must be no arguments, got ${args.join(" ")}`);
    Deno.exit(2);
  }
  const { cpu, cores } = await machine();
  console.log(`${cpu}, ${cores} cores; milliseconds, of float64 from each replica`);
  for (const implementation of implementations) {
    if (implementation.skip !== undefined) {
      console.log(`\n${implementation.name}: absent, ${implementation.skip}`);
      continue;
    }
    console.log(`\n${implementation.name}\n${await table(implementation)}`);
  }
}

async function table(implementation: Implementation): Promise<string> {
  const columns: (readonly Timing[])[] = [];
  for (const size of SIZES) {
    const { code, output, reports } = await launch(implementation, size, PROGRAM, [], {
      limit: 600,
    });
    if (code !== 0) throw new Error(output);
    columns.push(reports[0] as readonly Timing[]);
  }
  const rows = columns[0].map(({ what }, i) => [
    what,
    ...columns.map((timings) => medianText(timings[i])),
    "",
  ]);
  return aligned([["", ...SIZES.map((size) => `${size} ranks`), ""], ...rows]).join("\n");
}

/**
 * `deno task bench export <run.json>`: medians of a run as the JSON that benchmark dashboards call
 * customSmallerIsBetter, on standard output.
 *
 * @module
 */
import type { Run } from "./races.ts";

/** One value of the format. */
export interface Exported {
  readonly name: string;
  readonly unit: "ms";
  readonly value: number;
  readonly extra: string;
}

/** Runs the command. */
export async function main(args: readonly string[]): Promise<void> {
  if (args.length !== 1) {
    console.error("Cannot export: a file of `deno task bench race --json=file` must be named");
    Deno.exit(2);
  }
  const run = JSON.parse(await Deno.readTextFile(args[0])) as Run;
  console.log(JSON.stringify(smallerIsBetter(run), null, 2));
}

/** The medians of what this library did. */
export function smallerIsBetter({ machine, races }: Run): Exported[] {
  return races.flatMap(({ workload, results }) =>
    results.filter(({ name }) => name.startsWith("kernorm")).map((result) => ({
      name: `${workload.id}: ${result.name}`,
      unit: "ms" as const,
      value: result.median,
      extra: `${result.executor}, ${machine.cpu}, Deno ${machine.deno}`,
    }))
  );
}

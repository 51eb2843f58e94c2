/**
 * `deno task bench track [revision] [--only=workload]`: this tree against another revision of it, by
 * default the last tag, or the commit before the last change. Each runs its own bench code
 * (`tracked.ts`), both in one process and in turns (A B B A), on wasm. Every ratio goes to
 * bench/history.jsonl as soon as it is there. Ends with 1 if something has surely become slower by more
 * than a tenth. `--check` measures nothing, and says whether the newest `perf` commit and the newest
 * release have been tracked.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { git } from "./git.ts";
import { type Entry, historyLine, isSlower, parseHistory } from "./history.ts";
import { machine } from "./machine.ts";
import { median, ratioOf } from "./statistics.ts";
import { aligned, milliseconds } from "./table.ts";
import { OtherWork } from "./other_work.ts";
import { type Tracked, tracked } from "./tracked.ts";
import { trackedBefore } from "./tracked_before.ts";
import { untracked, warningsOf } from "./untracked.ts";

/** What is done, for messages. */
const TRACK = "track";

const HISTORY = new URL("history.jsonl", import.meta.url);
const ROUNDS = 24;
const WARM_UP = 6;
/** Tiny calls are timed many at a time. */
const TINY = 4096;
const CALLS = 200;
const RARE_ROUNDS = 48;

type TrackedWorkload = Tracked["workloads"][number];

/** Runs the command. */
export async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: "" },
      check: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  if (values.check) await warn();
  else await track(positionals[0], values.only);
}

/** Says what has not been tracked. That fails nothing: another machine may be the one that measures. */
async function warn(): Promise<void> {
  try {
    const history = parseHistory(await Deno.readTextFile(HISTORY));
    for (const line of warningsOf(await untracked(history), history)) console.log(line);
  } catch (error) {
    console.log(`warning: ${(error as Error).message}`);
  }
}

async function track(named: string | undefined, only: string): Promise<void> {
  const against = await git(TRACK, ["rev-parse", "--short", named ?? await lastRelease()]);
  const revision = (await git(TRACK, ["rev-parse", "--short", "HEAD"])) +
    (await isChanged() ? "+" : "");
  const folder = await Deno.makeTempDir({ prefix: "kernorm-bench-" });
  await git(TRACK, ["worktree", "add", "--detach", folder, against]);
  try {
    const theirs = await trackedOf(new URL(`file://${folder}/`), against);
    const entries: Entry[] = [];
    for (const workload of tracked.workloads.filter(({ id }) => id.includes(only))) {
      if (!theirs.workloads.some(({ id }) => id === workload.id)) {
        console.error(`${workload.id}: left out, ${against} does not have it`);
        continue;
      }
      for (const rare of isTiny(workload) ? [false, true] : [false]) {
        console.error(`${nameOf(workload, rare)} ...`);
        const entry = await compare(workload, theirs, revision, against, rare);
        entries.push(entry);
        await Deno.writeTextFile(HISTORY, historyLine(entry), { append: true });
      }
    }
    for (const { id } of theirs.workloads) {
      if (!id.includes(only) || tracked.workloads.some((workload) => workload.id === id)) continue;
      console.error(`${id}: left out, only ${against} has it`);
    }
    if (entries.length === 0) {
      throw new Error(`Cannot track: a workload of both revisions must match, got ${only}`);
    }
    console.log(`${revision} against ${against}, time now over time before`);
    console.log(
      aligned([["", "before", "now", "ratio", "95 % interval", ""], ...entries.map(row)])
        .join("\n"),
    );
    Deno.exitCode = entries.some(isSlower) ? 1 : 0;
  } finally {
    await git(TRACK, ["worktree", "remove", "--force", folder]);
  }
}

/** The workloads of the revision that is checked out in a folder. */
async function trackedOf(folder: URL, revision: string): Promise<Tracked> {
  const has = async (path: string) =>
    await Deno.stat(new URL(path, folder)).then(() => true, () => false);
  if (await has("bench/tracked.ts")) {
    return (await import(new URL("bench/tracked.ts", folder).href) as typeof import("./tracked.ts"))
      .tracked;
  }
  if (await has("bench/peers/ours.ts")) return await trackedBefore(folder);
  throw new Error(`Cannot track: the other revision must have benches, got ${revision}`);
}

function row(entry: Entry): string[] {
  const { median, low, high } = entry.ratio;
  return [
    entry.workload,
    milliseconds(entry.before),
    milliseconds(entry.median),
    median.toFixed(3),
    `${low.toFixed(3)} to ${high.toFixed(3)}`,
    isSlower(entry) ? "slower" : "",
  ];
}

function isTiny({ shape }: TrackedWorkload): boolean {
  return shape.reduce((product, extent) => product * extent, 1) <= TINY;
}

/** Of tiny calls there are those in a row, and those among other work. */
function nameOf({ id }: TrackedWorkload, rare: boolean): string {
  return rare ? `${id}, rare` : id;
}

async function compare(
  workload: TrackedWorkload,
  before: Tracked,
  revision: string,
  against: string,
  rare: boolean,
): Promise<Entry> {
  const { id, shape } = workload;
  const runs = [await tracked.open(id), await before.open(id)];
  const sides = runs.map((run) => ({ ...run, times: [] as number[] }));
  const calls = isTiny(workload) && !rare ? CALLS : 1;
  const between = rare ? new OtherWork() : undefined;
  // What is rare has been compiled by the engine all the same.
  for (const { run } of sides) for (let i = 0; rare && i < CALLS; i++) await run();
  for (let round = -WARM_UP; round < (rare ? RARE_ROUNDS : ROUNDS); round++) {
    // A B, then B A: whoever comes first is not the same every time.
    const order = round % 2 === 0 ? sides : sides.toReversed();
    for (const { run, times } of order) {
      await between?.go();
      const start = performance.now();
      for (let i = 0; i < calls; i++) await run();
      if (round >= 0) times.push((performance.now() - start) / calls);
    }
  }
  const [mine, theirs] = sides;
  for (const { dispose } of sides) await dispose();
  const { backend, device } = mine;
  const { date, cpu, deno, gpujs } = await machine();
  return {
    date,
    revision,
    against,
    workload: nameOf(workload, rare),
    shape,
    backend,
    device,
    median: median(mine.times),
    before: median(theirs.times),
    ratio: ratioOf(mine.times, theirs.times),
    cpu,
    deno,
    gpujs,
  };
}

async function lastRelease(): Promise<string> {
  return await git(TRACK, ["describe", "--tags", "--abbrev=0"]).catch(() =>
    git(TRACK, ["rev-parse", "--short", "HEAD~1"])
  );
}

async function isChanged(): Promise<boolean> {
  return await git(TRACK, ["status", "--porcelain", "ops", "generated"]) !== "";
}

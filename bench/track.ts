/**
 * `deno task bench:track [revision] [--only=workload]`: this tree against another revision of it, by default the last
 * tag, or the commit before the last change. Both run in one process and take turns (A B B A), on wasm;
 * the ratios go to bench/history.jsonl. Ends with 1 if something has surely become slower by more
 * than a tenth.
 *
 * @module
 */
import { parseArgs } from "node:util";
import * as now from "../mod.ts";
import { inputsOf } from "./inputs.ts";
import { type Entry, historyLine, isSlower } from "./history.ts";
import { machine } from "./machine.ts";
import { call } from "./peers/ours.ts";
import { median, ratioOf } from "./statistics.ts";
import { aligned, milliseconds } from "./table.ts";
import { elementsOf, type Workload, workloads } from "./workloads.ts";

const ROUNDS = 24;
const WARM_UP = 6;
/** Workloads of more elements take too long to be repeated so often. */
const MOST = 4e6;
const TINY = 4096;
const CALLS = 200;

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    args: [...Deno.args],
    options: { only: { type: "string", default: "" } },
    allowPositionals: true,
  });
  await main(positionals[0], values.only);
}

async function main(named: string | undefined, only: string): Promise<void> {
  const against = await git("rev-parse", "--short", named ?? await lastRelease());
  const revision = (await git("rev-parse", "--short", "HEAD")) + (await isChanged() ? "+" : "");
  const folder = await Deno.makeTempDir({ prefix: "kernorm-bench-" });
  await git("worktree", "add", "--detach", folder, against);
  try {
    const before = await import(new URL(`file://${folder}/mod.ts`).href) as typeof now;
    const entries: Entry[] = [];
    for (const workload of workloads) {
      if (workload.first || elementsOf(workload) > MOST || !workload.id.includes(only)) continue;
      console.error(`${workload.id} ...`);
      entries.push(await compare(workload, before, revision, against));
    }
    if (entries.length === 0) {
      throw new Error(`Cannot track: a workload must match, got ${only}`);
    }
    await Deno.writeTextFile(
      new URL("history.jsonl", import.meta.url),
      entries.map(historyLine).join(""),
      { append: true },
    );
    console.log(`${revision} against ${against}, time now over time before`);
    console.log(
      aligned([["", "before", "now", "ratio", "95 % interval", ""], ...entries.map(row)])
        .join("\n"),
    );
    Deno.exitCode = entries.some(isSlower) ? 1 : 0;
  } finally {
    await git("worktree", "remove", "--force", folder);
  }
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

async function compare(
  workload: Workload,
  before: typeof now,
  revision: string,
  against: string,
): Promise<Entry> {
  const inputs = inputsOf(workload);
  const sides = await Promise.all([now, before].map(async (library) => {
    const runtime = await library.createRuntime({ backend: "wasm" });
    const x = library.tensor(inputs.x, workload.shape);
    return { runtime, run: call(library, workload, inputs, x), times: [] as number[] };
  }));
  const calls = elementsOf(workload) <= TINY ? CALLS : 1;
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    // A B, then B A: whoever comes first is not the same every time.
    const order = round % 2 === 0 ? sides : sides.toReversed();
    for (const { runtime, run, times } of order) {
      const start = performance.now();
      for (let i = 0; i < calls; i++) await run(runtime);
      if (round >= 0) times.push((performance.now() - start) / calls);
    }
  }
  const [mine, theirs] = sides;
  const { backend, device } = mine.runtime.stats();
  for (const { runtime } of sides) await runtime.dispose();
  const { date, cpu, deno, gpujs } = await machine();
  return {
    date,
    revision,
    against,
    workload: workload.id,
    shape: workload.shape,
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
  return await git("describe", "--tags", "--abbrev=0").catch(() =>
    git("rev-parse", "--short", "HEAD~1")
  );
}

async function isChanged(): Promise<boolean> {
  return await git("status", "--porcelain", "ops", "generated") !== "";
}

async function git(...args: readonly string[]): Promise<string> {
  const cwd = new URL("..", import.meta.url).pathname;
  const { success, stdout, stderr } = await new Deno.Command("git", { args: [...args], cwd })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (!success) {
    throw new Error(`Cannot track: git ${args.join(" ")} must work, got ${text(stderr)}`);
  }
  return text(stdout);
}

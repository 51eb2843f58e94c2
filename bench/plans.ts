/**
 * `deno task bench plans [--check]`: how the plans of all workloads are carried out, as one text file for
 * each in bench/plans/. A change of structure is a change of these files, on every machine and without a
 * timing.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { tensor } from "../mod.ts";
import type { Program } from "../ops/plan/program.ts";
import { Engine } from "../ops/runtime/engine.ts";
import { EngineRuntime } from "../ops/runtime/engine_runtime.ts";
import type { Executor } from "../ops/runtime/executor.ts";
import { planText } from "../tests/explain/plan_text.ts";
import type { Inputs } from "./inputs.ts";
import { call } from "./peers/ours.ts";
import { channelsOf, elementsOf, type Workload, workloads } from "./workloads.ts";

const FOLDER = new URL("plans/", import.meta.url);

/** Runs the command. */
export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { check: { type: "boolean", default: false } },
  });
  const changes = await changedPlans(FOLDER);
  for (const { file, before, now } of changes) {
    console.log(differenceText(file, before, now));
    if (values.check) continue;
    if (now === "") await Deno.remove(new URL(file, FOLDER));
    else await Deno.writeTextFile(new URL(file, FOLDER), now);
  }
  console.log(`${workloads.length} plans, ${changes.length} files changed`);
  if (values.check && changes.length > 0) Deno.exitCode = 1;
}

/** A file that is not what it should be; the text of one that is not there is empty. */
export interface Change {
  readonly file: string;
  readonly before: string;
  readonly now: string;
}

/** The files in a folder that differ from the plans of the workloads. */
export async function changedPlans(folder: URL): Promise<Change[]> {
  const texts = new Map<string, string>();
  for (const workload of workloads) texts.set(fileOf(workload), await textOf(workload));
  const changes: Change[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const before = await Deno.readTextFile(new URL(name, folder));
    const now = texts.get(name) ?? "";
    if (before !== now) changes.push({ file: name, before, now });
    texts.delete(name);
  }
  for (const [file, now] of texts) changes.push({ file, before: "", now });
  return changes.sort((a, b) => a.file < b.file ? -1 : 1);
}

/** The lines in which two texts differ, after the name of the file. */
export function differenceText(file: string, before: string, now: string): string {
  const old = before.split("\n");
  const fresh = now.split("\n");
  let first = 0;
  while (first < old.length && first < fresh.length && old[first] === fresh[first]) first++;
  let last = 0;
  const most = Math.min(old.length, fresh.length) - first;
  while (last < most && old.at(-1 - last) === fresh.at(-1 - last)) last++;
  return [
    `bench/plans/${file}, from line ${first + 1}`,
    ...old.slice(first, old.length - last).map((line) => `- ${line}`),
    ...fresh.slice(first, fresh.length - last).map((line) => `+ ${line}`),
  ].join("\n");
}

/** The file of a workload. */
export function fileOf({ id }: Workload): string {
  return `${id.toLowerCase().replace(/[^a-z0-9]+/g, "_")}.txt`;
}

/** The plans of a workload, in the order in which it runs them. */
export async function textOf(workload: Workload): Promise<string> {
  const programs: Program[] = [];
  const runtime = new EngineRuntime(new Engine(recorder(programs), 1), "wasm", "nothing", []);
  const inputs = emptyInputs(workload);
  await call(workload, inputs, tensor(inputs.x, workload.shape))(runtime);
  const texts = programs.map((program) => planText(program).join("\n"));
  return `${workload.id}: ${workload.from}\n\n${texts.join("\n\n")}\n`;
}

/** An executor that computes zeros, and keeps what it should have compiled. */
function recorder(programs: Program[]): Executor {
  return {
    backend: "wasm",
    device: "nothing",
    bytes: 0,
    compile(program) {
      programs.push(program);
      const run = () => program.results.map((value) => new Float32Array(program.lengths[value]));
      return { bytes: 0, byGpuJs: 0, run, runAtOnce: run, dispose() {} };
    },
    dispose: () => Promise.resolve(),
  };
}

/** Inputs of a workload's shapes. Numbers do not matter, as none of these ops looks at them. */
function emptyInputs(workload: Workload): Inputs {
  const channels = channelsOf(workload);
  const vector = () => new Float32Array(channels);
  const hasMatrix = workload.operation === "gdn" || workload.operation === "pipeline";
  return {
    x: new Float32Array(elementsOf(workload)),
    dy: new Float32Array(workload.backward ? elementsOf(workload) : 0),
    beta: vector(),
    gamma: vector(),
    mean: vector(),
    variance: vector(),
    matrix: new Float32Array(hasMatrix ? channels ** 2 : 0),
  };
}

/**
 * A thread that trains: it is told the digits, and then one job after the other.
 *
 * @module
 */
/// <reference lib="dom" />
import { createRuntime } from "../../mod.ts";
import type { Sets } from "./digits.ts";
import { type Job, openTrainer, type Result, type Trainer } from "./training.ts";

/** What a thread is told. */
export type Request = { readonly sets: Sets } | { readonly job: Job };

/** What a thread says: how many steps it has done since it last said so, or what came out. */
export type Reply = { readonly steps: number } | { readonly result: Result };

/** Milliseconds from one report to the next. */
const REPORT = 250;

let trainer: Promise<Trainer>;

addEventListener("message", async ({ data }: MessageEvent<Request>) => {
  if ("sets" in data) trainer = opened(data.sets);
  else trained(await trainer, data.job);
});

async function opened(sets: Sets): Promise<Trainer> {
  return openTrainer(sets, await createRuntime({ backend: "wasm" }));
}

function trained(trainer: Trainer, job: Job): void {
  let steps = 0;
  let last = performance.now();
  const report = () => {
    say({ steps });
    steps = 0;
    last = performance.now();
  };
  const result = trainer.train(job, (count) => {
    steps += count;
    if (performance.now() - last > REPORT) report();
  });
  report();
  say({ result });
}

function say(reply: Reply): void {
  postMessage(reply);
}

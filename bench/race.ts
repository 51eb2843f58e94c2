/**
 * Races: all contenders of a workload in one process, taking turns, each checked before it is timed.
 *
 * @module
 */
import { errorOf, WrongAnswer } from "./answer.ts";
import { type Absent, type Contender, isAbsent, isThreaded } from "./contender.ts";
import { type Check, checkOf } from "./expected.ts";
import { inputsOf } from "./inputs.ts";
import { OtherWork } from "./other_work.ts";
import { copies } from "./peers/copies.ts";
import { gpu } from "./peers/gpu.ts";
import { jax } from "./peers/jax.ts";
import { loop } from "./peers/loop.ts";
import { onnx } from "./peers/onnx.ts";
import { ours } from "./peers/ours.ts";
import { pytorch } from "./peers/pytorch.ts";
import { tensorflow } from "./peers/tensorflow.ts";
import { ofOneShape, varied } from "./peers/varied.ts";
import { atCall, type RaceWorkload } from "./race_workloads.ts";
import type { Race, Result } from "./result.ts";
import { median } from "./statistics.ts";
import { untilSteady } from "./steady.ts";
import { elementsOf } from "./workloads.ts";

/** How long a race goes on. */
export interface Pace {
  /** Rounds that are timed. */
  readonly rounds: number;
  /** Which contenders take part, by name. @default {all} */
  readonly only?: (name: string) => boolean;
  /** How often a race is run at most until nothing disturbs it. @default {3} */
  readonly tries?: number;
}

/** Rounds before anything is timed: engines recompile what is hot. */
const WARM_UP = 5;
/** A contender that takes longer than this is left out of most rounds. */
const SLOW_MS = 500;
/** Between two rounds. */
const REST_MS = 100;
/** Tiny calls are timed many at a time. */
const TINY = 4096;
const CALLS = 200;
/** Calls of each contender before the first round: one is checked, one shows whether it is slow. */
const ENTRY_CALLS = 2;

/** All that can take part in a workload. */
export async function contendersOf(
  workload: RaceWorkload,
): Promise<{ contenders: Contender[]; absent: Absent[] }> {
  const inputs = inputsOf(workload);
  const all = [
    ...await ours(workload, inputs),
    ...await varied(loop)(workload, inputs),
    ...await varied((_, inputs) => copies(inputs))(workload, inputs),
    ...await ofOneShape("gpu.js", gpu)(workload, inputs),
    ...await varied(tensorflow)(workload, inputs),
    ...await varied(jax)(workload, inputs),
    ...await ofOneShape("onnxruntime", onnx)(workload, inputs),
    ...await varied(pytorch)(workload, inputs),
  ];
  return {
    contenders: all.filter((one): one is Contender => !isAbsent(one)),
    absent: all.filter(isAbsent),
  };
}

/** Runs a race, and again if other work disturbs it. A wrong answer ends it: what is wrong has no speed. */
export async function race(
  workload: RaceWorkload,
  { rounds, only = () => true, tries = 3 }: Pace,
): Promise<Race> {
  atCall(workload, ENTRY_CALLS + tries * (WARM_UP + rounds) - 1); // refuses more calls than shapes
  const { contenders: all, absent } = await contendersOf(workload);
  try {
    const check = checkOf(workload, inputsOf(workload));
    const entrants: Entrant[] = [];
    for (const contender of all.filter(({ name }) => only(name))) {
      const entered = await enter(contender, check);
      if ("absent" in entered) absent.push(entered);
      else entrants.push(entered);
    }
    const { rare = false, varies } = workload;
    const calls = elementsOf(workload) <= TINY && !rare && varies === undefined ? CALLS : 1;
    const between = rare ? new OtherWork() : undefined;
    let round = ENTRY_CALLS;
    const steady = await untilSteady(
      tries,
      () => timed(entrants, { rounds, calls, between, next: () => round++ }),
      (disturbed) => console.error(`  again, as ${disturbed.join("; ")} was disturbed ...`),
    );
    return { workload, absent, ...steady };
  } finally {
    for (const contender of all) await contender.dispose?.();
  }
}

/** How contenders are timed. */
interface Timing {
  readonly rounds: number;
  readonly calls: number;
  /** What goes before every call. */
  readonly between: OtherWork | undefined;
  /** The number of a round, of all tries. */
  readonly next: () => number;
}

/** Times all that take part, in turn. */
async function timed(
  entrants: readonly Entrant[],
  { rounds, calls, between, next }: Timing,
): Promise<Result[]> {
  const times = entrants.map((): number[] => []);
  for (let round = -WARM_UP; round < rounds; round++) {
    const number = next();
    // Threads of the last contender go on spinning, and would be in the way of the first.
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    for (const entrant of inTurn(entrants, round + WARM_UP)) {
      if (entrant.slow && (round < 0 || round > 1)) continue;
      await entrant.contender.prepare?.(number);
      await between?.go();
      const time = await timeOf(entrant.contender, calls);
      if (round >= 0) times[entrants.indexOf(entrant)].push(time);
    }
  }
  return entrants.map(({ contender, error }, i): Result => ({
    name: contender.name,
    peer: contender.peer,
    executor: contender.executor,
    median: median(times[i]),
    min: Math.min(...times[i]),
    error,
  }));
}

/** Milliseconds of a call, of so many in a row. */
async function timeOf(contender: Contender, calls: number): Promise<number> {
  if (contender.time !== undefined) return await contender.time(calls);
  const start = performance.now();
  for (let call = 0; call < calls; call++) await contender.run();
  return (performance.now() - start) / calls;
}

/**
 * The order of a round. Each starts a round in its turn: the first finds memory given back to the system
 * and pays for it. Those with threads come last, since their threads go on spinning for a while.
 */
function inTurn(entrants: readonly Entrant[], round: number): Entrant[] {
  const threaded = ({ contender }: Entrant) => isThreaded(contender);
  const alone = entrants.filter((entrant) => !threaded(entrant));
  const first = round % Math.max(1, alone.length);
  return [...alone.slice(first), ...alone.slice(0, first), ...entrants.filter(threaded)];
}

/** A contender whose answer is right. */
interface Entrant {
  readonly contender: Contender;
  readonly error: number | null;
  readonly slow: boolean;
}

/**
 * Checks a contender by its first answer, and sees by a second run whether it is slow.
 *
 * @returns Why it is absent, if it does not run.
 */
async function enter(contender: Contender, check: Check): Promise<Entrant | Absent> {
  const { name } = contender;
  try {
    await contender.prepare?.(0);
    const error = errorOf(contender, await contender.run(), check);
    await contender.prepare?.(1);
    return { contender, error, slow: await timeOf(contender, 1) > SLOW_MS };
  } catch (error) {
    if (error instanceof WrongAnswer) throw error;
    return { name, absent: (error as Error).message };
  }
}

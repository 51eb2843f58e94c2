/**
 * Races on a GPU: everything that can do a workload, each checked before it is timed, in rounds that
 * take turns, with the yardsticks among them.
 *
 * @module
 */
import { errorOf, WrongAnswer } from "../answer.ts";
import type { Absent } from "../contender.ts";
import type { Check } from "../expected.ts";
import { median } from "../statistics.ts";
import type { GpuContender, Place, Work } from "./contender.ts";
import { batch, paceOf } from "./pace.ts";

/** One that is there, or is not; another library may be missing, this one may not. */
export type GpuEntry = GpuContender | (Absent & { readonly peer: boolean });

/** What is raced. */
export interface GpuEvent {
  readonly id: string;
  /** What a call is counted as, in words. */
  readonly counted: string;
  readonly work: Work;
  readonly contenders: readonly GpuEntry[];
  readonly check: Check;
}

/** How one contender did. */
export interface GpuResult {
  readonly name: string;
  readonly peer: boolean;
  readonly place: Place;
  /** The adapter, or what else computed. */
  readonly device: string;
  /** Whether it is what the others are measured against. */
  readonly yardstick: boolean;
  /** Milliseconds of a call. */
  readonly median: number;
  readonly min: number;
  /** Calls of a batch. */
  readonly calls: number;
  readonly work: Work;
  readonly error: number | null;
}

/** A finished race. */
export interface GpuRace {
  readonly id: string;
  readonly counted: string;
  readonly results: readonly GpuResult[];
  readonly absent: readonly Absent[];
  /** What of this library did not run, or was wrong: that is an error of this run. */
  readonly failed: readonly Absent[];
}

/** A batch that takes longer is left out of most rounds. */
const SLOW_MS = 500;
/** Rounds that such a one takes part in. */
const SLOW_ROUNDS = 2;

/** One that takes part. */
interface Entrant {
  readonly contender: GpuContender;
  readonly error: number | null;
  readonly calls: number;
  readonly slow: boolean;
  readonly times: number[];
}

/** Runs a race. */
export async function raceOf(event: GpuEvent, rounds: number): Promise<GpuRace> {
  const there = event.contenders.filter((one): one is GpuContender => !("absent" in one));
  const absent: Absent[] = event.contenders.flatMap((one) =>
    "absent" in one ? [{ name: one.name, absent: one.absent }] : []
  );
  const entrants: Entrant[] = [];
  try {
    for (const contender of there) {
      const entered = await enter(contender, event.check);
      if ("absent" in entered) absent.push(entered);
      else entrants.push(entered);
    }
    for (let round = 0; round < rounds; round++) {
      for (const entrant of turned(entrants, round)) {
        const { contender, calls, times, slow } = entrant;
        if (slow && round >= SLOW_ROUNDS) continue;
        try {
          times.push(await batch(contender, calls));
        } catch (error) {
          absent.push(notRunning(contender.name, error));
          entrants.splice(entrants.indexOf(entrant), 1);
        }
      }
    }
  } finally {
    for (const contender of there) await contender.dispose();
  }
  const peers = new Set(event.contenders.filter((one) => one.peer).map(({ name }) => name));
  const isOurs = ({ name }: Absent) => !peers.has(name);
  return {
    id: event.id,
    counted: event.counted,
    results: entrants.map((entrant) => resultOf(entrant, event.work)),
    absent: absent.filter((one) => !isOurs(one)),
    failed: absent.filter(isOurs),
  };
}

/** Each begins a round in its turn. */
function turned<T>(all: readonly T[], round: number): T[] {
  const first = round % Math.max(1, all.length);
  return [...all.slice(first), ...all.slice(0, first)];
}

/** Checks a contender by its first answer, and finds how many calls make a batch. */
async function enter(contender: GpuContender, check: Check): Promise<Entrant | Absent> {
  const { name } = contender;
  try {
    const error = errorOf(contender, await contender.answer(), check);
    // What was wrong on the device while it answered is told here.
    await contender.finish();
    const { calls, whole } = await paceOf(contender);
    return { contender, error, calls, slow: whole > SLOW_MS, times: [] };
  } catch (error) {
    return error instanceof WrongAnswer ? { name, absent: error.message } : notRunning(name, error);
  }
}

/** Errors of other libraries may be numbers. */
function notRunning(name: string, error: unknown): Absent {
  const message = error instanceof Error ? error.message : `error ${error}`;
  return { name, absent: `it does not run: ${message}` };
}

function resultOf({ contender, error, calls, times }: Entrant, work: Work): GpuResult {
  const { name, peer, place, device } = contender;
  return {
    name,
    peer,
    place,
    device,
    yardstick: contender.work !== undefined,
    median: median(times),
    min: Math.min(...times),
    calls,
    work: contender.work ?? work,
    error,
  };
}

/**
 * Where a plan runs: where it is estimated to end first.
 *
 * @module
 */
import type { Program } from "../../plan/program.ts";
import type { Executor } from "../executor.ts";
import { calibrate, type Clock } from "./calibrate.ts";
import { costOf, type LaunchCost } from "./cost.ts";
import { type Rates, timeOf, type Transfer } from "./rates.ts";

/** One of the two backends that "auto" holds. */
export type Place = "wasm" | "webgpu";

/** The backends that "auto" holds. */
export type Pair = Readonly<Record<Place, Executor>>;

/** What a plan is estimated to take on each backend, in milliseconds. */
export type Estimate = Readonly<Record<Place, number>>;

const BYTES = 4;

/** Plans of fewer bytes than this are not even counted. */
const TINY = 16 * 1024;

/** A slow processor: 4 GFLOP/s, and 3 GB/s from and to memory. */
const SLOW: Rates = {
  latency: 0,
  launch: 0,
  up: 1 / 3e6,
  down: 1 / 3e6,
  byte: 1 / 3e6,
  flop: 1 / 4e6,
  turn: 0,
};

/** A GPU that has failed: no run on it ever ends. */
const UNUSABLE: Rates = { ...SLOW, latency: Infinity };

/** In fewer milliseconds no GPU answers. */
const LEAST_LATENCY = 0.08;

/** What has been measured, by the names of the devices. */
export type Measured = Map<string, Promise<Readonly<Record<Place, Rates>>>>;

const inThisProcess: Measured = new Map();

/**
 * The work of a plan that may be worth a question; none of one that even a slow processor ends before
 * any GPU could answer.
 */
export function worthAQuestion(program: Program): readonly LaunchCost[] | undefined {
  const bytes = program.lengths.reduce((sum, length) => sum + length * BYTES, 0);
  if (bytes < TINY) return undefined;
  const costs = costOf(program);
  return timeOf(costs, { up: bytes, down: 0 }, SLOW) < LEAST_LATENCY ? undefined : costs;
}

/** Estimates plans for two backends, which are measured when the first plan needs it. */
export class Choice {
  readonly #pair: Pair;
  readonly #now: Clock;
  readonly #known: Measured;

  /** @param known What has been measured before. */
  constructor(pair: Pair, now: Clock = () => performance.now(), known = inThisProcess) {
    this.#pair = pair;
    this.#now = now;
    this.#known = known;
  }

  /** How long work takes on each backend. */
  async estimate(costs: readonly LaunchCost[], transfer: Transfer): Promise<Estimate> {
    const rates = await this.#rates();
    return {
      wasm: timeOf(costs, transfer, rates.wasm),
      webgpu: timeOf(costs, transfer, rates.webgpu),
    };
  }

  #rates(): Promise<Readonly<Record<Place, Rates>>> {
    const key = `${this.#pair.wasm.device} ${this.#pair.webgpu.device}`;
    let rates = this.#known.get(key);
    if (rates === undefined) {
      const forget = () => this.#known.delete(key);
      rates = this.#measure(forget);
      this.#known.set(key, rates);
      rates.catch(forget);
    }
    return rates;
  }

  /** @param forget Called if the GPU could not be measured, to be tried again by a later plan. */
  async #measure(forget: () => void): Promise<Readonly<Record<Place, Rates>>> {
    // One after the other: they share the processor.
    const wasm = await calibrate(this.#pair.wasm, this.#now);
    const webgpu = await calibrate(this.#pair.webgpu, this.#now).catch(() => {
      forget();
      return UNUSABLE;
    });
    return { wasm, webgpu };
  }
}

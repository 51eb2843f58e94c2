/**
 * Measures how fast a backend is, by a few small plans.
 *
 * @module
 */
import { field, Plan, type Recorded, rows, type Value } from "../../plan/plan.ts";
import { DeviceData, type Elements } from "../../tensor/elements.ts";
import type { Executor } from "../executor.ts";
import { costOf, type LaunchCost } from "./cost.ts";
import type { Rates } from "./rates.ts";

/** The time in milliseconds. */
export type Clock = () => number;

/** Where inputs and results are. */
type Where = "memory" | "device" | "device to memory";

/** Runs of each plan, after one that builds it. */
const ROUNDS = 3;
/** Milliseconds that can be told from the latency of a run. */
const LONG_ENOUGH = 2;

const TINY = 4;
/** Numbers of what is copied and streamed; the last ones are more than the nearer caches hold. */
const LENGTHS = [2 ** 16, 2 ** 20];
/** Turns of the loop of a single cell. */
const TURNS = [2 ** 10, 2 ** 14];
/** Positions of a GDN: a card needs many cells to be busy. */
const POSITIONS = [32, 512, 4096];
const CHANNELS = 256;

/**
 * Measures a backend. Each plan starts small and grows while it is too short to be measured well, so that
 * a slow backend does not take much longer than a fast one.
 */
export async function calibrate(executor: Executor, now: Clock): Promise<Rates> {
  const onDevice = executor.upload !== undefined;
  // A chain is long where a launch is short; where runs are at once, one can be timed alone.
  const links = onDevice ? 8 : 1;
  const bench = new Bench(executor, now);
  try {
    const one = await bench.time(chain(1, TINY), "memory");
    const launch = Math.max(0, await bench.time(chain(1 + 32, TINY), "memory") - one) / 32;
    const latency = Math.max(0, one - launch);
    /** Milliseconds for each unit of what a plan does besides, which the last plan has most of. */
    const rate = async (
      plans: readonly Recorded[],
      where: Where,
      units: (plan: Recorded) => number,
      other: (plan: Recorded) => number = () => 0,
    ): Promise<number> => {
      let least = 0;
      for (const plan of plans) {
        const { launches } = plan.program;
        const ms = await bench.time(plan, where) - latency - launches.length * launch - other(plan);
        least = Math.max(0, ms) / units(plan);
        if (ms >= LONG_ENOUGH) break;
      }
      return least;
    };
    const streams = LENGTHS.map((length) => chain(links, length));
    const byte = await rate(streams, "device", bytesOf);
    const sums = POSITIONS.map((positions) => gdnChain(onDevice ? 4 : 1, positions));
    const flop = await rate(sums, "device", flopsOf);
    const turn = onDevice ? await rate(TURNS.map(loop), "device", turnsOf) : 0;
    const copies = LENGTHS.map((length) => chain(1, length));
    const streaming = (plan: Recorded) => bytesOf(plan) * byte;
    const halves = (plan: Recorded) => bytesOf(plan) / 2;
    const both = await rate(copies, "memory", halves, streaming);
    // Where the input is there already, only the result is on its way.
    const down = onDevice
      ? Math.min(both, await rate(copies, "device to memory", halves, streaming))
      : both / 2;
    return { latency, launch, up: both - down, down, byte, flop, turn };
  } finally {
    await bench.end();
  }
}

/** Plans on one backend, and how long they take. */
class Bench {
  readonly #executor: Executor;
  readonly #now: Clock;
  readonly #ends: (() => void | Promise<void>)[] = [];

  constructor(executor: Executor, now: Clock) {
    this.#executor = executor;
    this.#now = now;
  }

  async end(): Promise<void> {
    for (const end of this.#ends) await end();
  }

  /** The middle time of a plan; that of one round if it is long. */
  async time({ program, scalars }: Recorded, where: Where): Promise<number> {
    const resident = where !== "memory";
    const keep = where === "device";
    const executable = this.#executor.compile(program);
    const lengths = program.lengths.slice(0, program.lengths.length - program.launches.length);
    const inputs = lengths.map((length) => this.#numbers(length, resident));
    this.#ends.push(() => executable.dispose());
    const marker = this.#numbers(1, true);
    const times: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const start = this.#now();
      const results = await executable.run(inputs, scalars, keep);
      // What stays on a device is there when something after it has come back.
      if (results[0] instanceof DeviceData) await (marker as DeviceData).read();
      if (round > 0) times.push(this.#now() - start);
      for (const result of results) this.#release(result);
      if (times[0] > 10 * LONG_ENOUGH) break;
    }
    return times.sort((a, b) => a - b)[times.length >> 1];
  }

  #numbers(length: number, resident: boolean): Elements {
    const numbers = new Float32Array(length).fill(1);
    const uploaded = resident ? this.#executor.upload?.(numbers) : undefined;
    if (uploaded !== undefined) {
      this.#ends.push(() => uploaded.release());
      return uploaded;
    }
    const placed = resident ? this.#executor.allocate?.(length) : undefined;
    if (placed === undefined) return numbers;
    this.#ends.push(() => this.#executor.release?.(placed));
    placed.set(numbers);
    return placed;
  }

  #release(result: Elements): void {
    if (result instanceof DeviceData) result.release();
    else this.#executor.release?.(result);
  }
}

/** x = 1 x + 0, so many times. */
function chain(links: number, length: number): Recorded {
  return recorded((plan) => {
    let x = plan.input("x", {}, length, none);
    for (let i = 0; i < links; i++) x = plan.each("affine", { a: x, factor: 1, term: 0 });
    return x;
  });
}

/** GDN after GDN: sums of products, of which the memory is no limit. */
function gdnChain(links: number, positions: number): Recorded {
  return recorded((plan) => {
    const size = { n: 1, c: CHANNELS, s: positions };
    const holes = { INVERSE: false, POOL: "square", ROOT: "square" };
    const beta = plan.input("beta", {}, CHANNELS, none);
    const gamma = plan.input("gamma", {}, CHANNELS ** 2, none);
    let x = plan.input("x", {}, CHANNELS * positions, none);
    for (let i = 0; i < links; i++) {
      const pool = field(x, size);
      const args = { x: pool, pool, beta, gamma: rows(gamma, CHANNELS) };
      x = plan.launch("gdn", "channelsLast", size, args, holes, { channels: CHANNELS });
    }
    return x;
  });
}

/** A sum by a single cell. */
function loop(turns: number): Recorded {
  return recorded((plan) => {
    const block = Math.sqrt(turns);
    const x = field(plan.input("x", {}, turns, none), { n: 1, c: 1, s: turns });
    const constants = { positions: turns, chunks: 1, length: turns, blocks: block, block };
    const one = { n: 1, c: 1, s: 1 };
    return plan.launch("chunkSum", "channelsFirst", one, { x }, { SCALED: false }, constants);
  });
}

function recorded(record: (plan: Plan) => Value): Recorded {
  const plan = new Plan();
  return plan.finish([record(plan)]);
}

const bytesOf = ({ program }: Recorded) => sumOf(costOf(program), "bytes");
const flopsOf = ({ program }: Recorded) => sumOf(costOf(program), "flops");
const turnsOf = ({ program }: Recorded) => sumOf(costOf(program), "turns");

function sumOf(costs: readonly LaunchCost[], what: keyof LaunchCost): number {
  return costs.reduce((sum, cost) => sum + cost[what], 0);
}

/** The numbers of these plans come from the bench. */
function none(): never {
  throw new Error("Cannot read an input: a plan that is measured must be given it, got none");
}

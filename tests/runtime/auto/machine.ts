/**
 * A machine that only says how long it would take: wasm and a graphics card with a clock of their own.
 *
 * @module
 */
import type { Program } from "../../../ops/plan/program.ts";
import type { Pair, Place } from "../../../ops/runtime/auto/choice.ts";
import { costOf, type LaunchCost } from "../../../ops/runtime/auto/cost.ts";
import { type Rates, timeOf } from "../../../ops/runtime/auto/rates.ts";
import type { Executable, Executor } from "../../../ops/runtime/executor.ts";
import { DeviceData, type Elements } from "../../../ops/tensor/elements.ts";

const BYTES = 4;

/** A machine that computes nothing. */
export class Machine {
  /** The time in milliseconds. */
  clock = 0;
  readonly rates: Readonly<Record<Place, Rates>>;
  readonly pair: Pair;
  readonly runs: Record<Place, number> = { wasm: 0, webgpu: 0 };
  readonly #costs = new Map<string, LaunchCost[]>();
  /** When the card will have done all that it has been told to do. */
  #idleAt = 0;

  constructor(rates: Readonly<Record<Place, Rates>>) {
    this.rates = rates;
    this.pair = {
      wasm: { ...this.#executor("wasm"), allocate: (length) => new Float32Array(length) },
      webgpu: {
        ...this.#executor("webgpu"),
        upload: ({ length }) => {
          this.#idleAt = Math.max(this.#idleAt, this.clock) + length * BYTES * rates.webgpu.up;
          return new DataOf(this, length);
        },
        holds: (data) => data instanceof DataOf && data.machine === this,
      },
    };
  }

  /** How long a program takes, from numbers in memory to those. */
  timeOf(place: Place, program: Program, keep = false): number {
    const inputs = program.lengths.length - program.launches.length;
    const sum = (lengths: readonly number[]) => lengths.reduce((a, b) => a + b, 0) * BYTES;
    const up = sum(program.lengths.slice(0, inputs));
    const down = keep ? 0 : sum(program.results.map((id) => program.lengths[id]));
    return timeOf(this.#costOf(program), { up, down }, this.rates[place]);
  }

  /** Waits for numbers that are on the card. */
  read(length: number): void {
    const { latency, down } = this.rates.webgpu;
    this.clock = Math.max(this.clock, this.#idleAt) + latency + length * BYTES * down;
  }

  #costOf(program: Program): LaunchCost[] {
    let costs = this.#costs.get(program.key);
    if (costs === undefined) this.#costs.set(program.key, costs = costOf(program));
    return costs;
  }

  #executor(place: Place): Executor {
    return {
      backend: place,
      device: place,
      bytes: 0,
      compile: (program): Executable => ({
        bytes: 0,
        byGpuJs: 0,
        run: (inputs, _, keep = false) => this.#run(place, program, inputs, keep),
        dispose: () => {},
      }),
      keeps: () => false,
      dispose: () => Promise.resolve(),
    };
  }

  #run(
    place: Place,
    program: Program,
    inputs: readonly Elements[],
    keep: boolean,
  ): Elements[] | Promise<Elements[]> {
    this.runs[place]++;
    const rates = this.rates[place];
    const work = timeOf(this.#costOf(program), { up: 0, down: 0 }, { ...rates, latency: 0 });
    const lengths = program.results.map((id) => program.lengths[id]);
    const results = lengths.reduce((a, b) => a + b, 0) * BYTES;
    const numbers = () => lengths.map(numbersOf);
    if (place === "wasm") {
      const moved = keep ? 0 : inputs.reduce((sum, { length }) => sum + length * BYTES, 0);
      this.clock += rates.latency + work + moved * rates.up + (keep ? 0 : results * rates.down);
      return numbers();
    }
    const sent = inputs.reduce((sum, x) => x instanceof DeviceData ? sum : sum + x.length, 0);
    this.#idleAt = Math.max(this.#idleAt, this.clock) + work + sent * BYTES * rates.up;
    if (keep) return Promise.resolve(lengths.map((length) => new DataOf(this, length)));
    this.clock = this.#idleAt + rates.latency + results * rates.down;
    return Promise.resolve(numbers());
  }
}

/** So many numbers, without memory. */
export function numbersOf(length: number): Float32Array {
  const numbers = { length, slice: () => numbers };
  return numbers as unknown as Float32Array;
}

/** Numbers on the card of a machine. */
class DataOf extends DeviceData {
  readonly machine: Machine;
  override readonly length: number;
  override readonly buffer = {} as never;

  constructor(machine: Machine, length: number) {
    super();
    this.machine = machine;
    this.length = length;
  }

  override retain(): this {
    return this;
  }

  override release(): void {}

  override copy(): DataOf {
    return new DataOf(this.machine, this.length);
  }

  override read(): Promise<Float32Array<ArrayBuffer>> {
    this.machine.read(this.length);
    return Promise.resolve(new Float32Array(this.length));
  }
}

/**
 * A plan that runs on one of two backends.
 *
 * @module
 */
import type { Program } from "../../plan/program.ts";
import { DeviceData, type Elements } from "../../tensor/elements.ts";
import type { Executable } from "../executor.ts";
import { type Choice, type Estimate, type Pair, type Place, worthAQuestion } from "./choice.ts";
import type { LaunchCost } from "./cost.ts";
import type { Transfer } from "./rates.ts";

const BYTES = 4;

/** Where plans have run, and what they were estimated to take. */
export interface Log {
  readonly runs: Record<Place, number>;
  readonly estimates: Map<AutoExecutable, Estimate & { readonly backend: Place }>;
}

/** A plan that is compiled for a backend when it first runs there. */
export class AutoExecutable implements Executable {
  readonly byGpuJs = 0;
  readonly kernels: readonly string[];
  readonly #program: Program;
  readonly #pair: Pair;
  readonly #choice: Choice;
  readonly #log: Log;
  /** None where there is nothing to choose. */
  readonly #costs: readonly LaunchCost[] | undefined;
  readonly #compiled = new Map<Place, Executable>();
  /** Where it runs unless its inputs are elsewhere; chosen once, since another place has other bits. */
  #place: Place | undefined;
  #choosing: Promise<Place> | undefined;

  constructor(program: Program, pair: Pair, choice: Choice, log: Log) {
    this.#program = program;
    this.#pair = pair;
    this.#choice = choice;
    this.#log = log;
    this.kernels = program.launches.map(({ kernel }) => kernel.name);
    this.#costs = worthAQuestion(program);
    if (this.#costs === undefined) this.#place = "wasm";
  }

  get bytes(): number {
    return [...this.#compiled.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  run(
    inputs: readonly Elements[],
    scalars: readonly number[],
    keep = false,
    names = this.#program.names,
  ): Elements[] | Promise<Elements[]> {
    const place = this.#boundTo(inputs) ?? this.#place;
    if (place !== undefined) return this.#runOn(place, inputs, scalars, keep, names);
    // The caller's numbers are his again when this returns.
    const copies = inputs.map((input) => input instanceof DeviceData ? input : input.slice());
    this.#choosing ??= this.#choose(this.#costs!, this.#transfer(inputs, keep));
    return this.#choosing.then((place) => this.#runOn(place, copies, scalars, keep, names));
  }

  async dispose(): Promise<void> {
    this.#log.estimates.delete(this);
    for (const executable of this.#compiled.values()) await executable.dispose();
    this.#compiled.clear();
  }

  /** Where inputs are that cannot be elsewhere, or that a scope holds. */
  #boundTo(inputs: readonly Elements[]): Place | undefined {
    if (inputs.some((input) => input instanceof DeviceData)) return "webgpu";
    const { wasm } = this.#pair;
    const held = inputs.some((input) => input instanceof Float32Array && wasm.keeps?.(input));
    return held ? "wasm" : undefined;
  }

  #runOn(
    place: Place,
    inputs: readonly Elements[],
    scalars: readonly number[],
    keep: boolean,
    names: readonly string[],
  ): Elements[] | Promise<Elements[]> {
    const results = this.#on(place).run(inputs, scalars, keep, names);
    if (!(results instanceof Promise)) {
      this.#log.runs[place]++;
      return results;
    }
    return results.then((results) => {
      this.#log.runs[place]++;
      return results;
    });
  }

  async #choose(costs: readonly LaunchCost[], transfer: Transfer): Promise<Place> {
    try {
      const estimate = await this.#choice.estimate(costs, transfer).catch(() => undefined);
      // What cannot be measured at all is left to wasm, which says what is wrong.
      if (estimate === undefined) return "wasm";
      const backend = this.#possible(estimate.webgpu < estimate.wasm ? "webgpu" : "wasm");
      this.#log.estimates.set(this, { ...estimate, backend });
      return this.#place = backend;
    } finally {
      this.#choosing = undefined;
    }
  }

  /** A place, or the other one if the plan is too large for it. */
  #possible(place: Place): Place {
    try {
      this.#on(place);
      return place;
    } catch (error) {
      const other = place === "wasm" ? "webgpu" : "wasm";
      if (!(error instanceof RangeError)) throw error;
      this.#on(other);
      return other;
    }
  }

  #transfer(inputs: readonly Elements[], keep: boolean): Transfer {
    const { lengths, results, constants } = this.#program;
    const up = inputs.reduce((sum, { length }, id) => constants.has(id) ? sum : sum + length, 0);
    const down = keep ? 0 : results.reduce((sum, id) => sum + lengths[id], 0);
    return { up: up * BYTES, down: down * BYTES };
  }

  #on(place: Place): Executable {
    let compiled = this.#compiled.get(place);
    if (compiled === undefined) {
      compiled = this.#pair[place].compile(this.#program);
      this.#compiled.set(place, compiled);
    }
    return compiled;
  }
}

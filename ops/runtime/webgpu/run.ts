/**
 * One run of a plan: the buffers that it takes, what it submits, and what becomes of its results.
 *
 * @module
 */
import type { Program } from "../../plan/program.ts";
import type { Elements } from "../../tensor/elements.ts";
import { type Held, USAGE } from "./buffers.ts";
import type { Built } from "./built.ts";
import { GpuData } from "./data.ts";
import { Readback } from "./readback.ts";
import type { Scalars } from "./scalars.ts";
import type { Slots } from "./slots.ts";

const BYTES = 4;

/** Numbers in memory, or on the device of the run. */
export type Input = Float32Array | GpuData;

/** What one run is given. */
export interface Call {
  readonly inputs: readonly Input[];
  readonly scalars: readonly number[];
  /** What the values are called. */
  readonly names: readonly string[];
  /** Whether the results stay on the device. */
  readonly keep: boolean;
}

/** A run from its buffers to its results. */
export class Run {
  readonly #program: Program;
  readonly #built: Built;
  readonly #call: Call;
  readonly #taken: Held[] = [];
  /** Results that stay, by the buffers that were taken for them. */
  readonly #kept = new Map<Held, GpuData>();
  #results: GpuData[] = [];
  #readback: Readback | undefined;

  constructor(program: Program, built: Built, call: Call) {
    this.#program = program;
    this.#built = built;
    this.#call = call;
  }

  /** Gives the device all commands. It does not wait, so that the device's errors can be told apart. */
  submit(slots: Slots, scalars: Scalars): void {
    const { session } = this.#built;
    const { buffers, device, traffic } = session;
    try {
      slots.lengths.forEach((length, i) => {
        this.#take(length * BYTES, USAGE.values, this.#call.names[slots.first[i]]);
      });
      const values = this.#program.lengths.map((_, id) => this.#bufferOf(id, slots));
      const numbers = scalars.bytes === 0
        ? undefined
        : this.#take(scalars.bytes, USAGE.scalars, "the scalars");
      this.#call.inputs.forEach((input, id) => {
        if (input instanceof GpuData || this.#built.constants.has(id)) return;
        device.queue.writeBuffer(values[id]!.buffer, 0, input);
        traffic.up += input.byteLength;
      });
      if (numbers !== undefined) {
        device.queue.writeBuffer(numbers.buffer, 0, scalars.filled(this.#call.scalars));
      }
      const { results, lengths } = this.#program;
      if (this.#call.keep) this.#results = results.map((id) => this.#keep(id, values[id]!));
      else {
        const readings = results.map((id) => ({ buffer: values[id]!.buffer, length: lengths[id] }));
        this.#readback = new Readback(session, readings, "the results");
      }
      const encoder = device.createCommandEncoder();
      this.#built.encode(encoder, values, numbers);
      this.#readback?.encode(encoder);
      device.queue.submit([encoder.finish()]);
      this.#readback?.map();
    } finally {
      // What is submitted later happens later, so that the next run may have the buffers already.
      for (const held of this.#taken) if (!this.#kept.has(held)) buffers.give(held);
    }
  }

  /** Rejects if there was no memory for something that the run needs. */
  get ready(): readonly Promise<unknown>[] {
    const resident = [...this.#call.inputs, ...this.#built.constants.values()];
    return [
      ...resident.flatMap((data) => data instanceof GpuData ? [data.ready] : []),
      ...this.#taken.map(({ made }) => made),
    ];
  }

  /** The results, once the device has done all without an error. */
  async results(): Promise<Elements[]> {
    return this.#readback === undefined ? this.#results : await this.#readback.read();
  }

  /** Gives up what a run that has failed has taken: a buffer of it may be what has failed. */
  abandon(): void {
    const { buffers } = this.#built.session;
    this.#readback?.abandon();
    this.#results.forEach((result) => result.release());
    this.#taken.forEach((held) => buffers.discard(held));
  }

  #take(bytes: number, usage: number, name: string): Held {
    const held = this.#built.session.buffers.take(bytes, usage, name);
    this.#taken.push(held);
    return held;
  }

  /** The buffer of a value, unless it never leaves a shader. */
  #bufferOf(id: number, slots: Slots): Held | undefined {
    const slot = slots.of[id];
    if (slot !== undefined) return this.#taken[slot];
    const there = this.#built.constants.get(id) ?? this.#call.inputs[id];
    return there instanceof GpuData ? there.held : undefined;
  }

  /** A result that stays: an input that is on the device already, or what a buffer has been taken for. */
  #keep(id: number, held: Held): GpuData {
    const known = id < this.#call.inputs.length ? this.#call.inputs[id] : undefined;
    if (known instanceof GpuData) return known.retain();
    const kept = this.#kept.get(held);
    if (kept !== undefined) return kept.retain();
    const data = new GpuData(this.#built.session, held, this.#program.lengths[id]);
    this.#kept.set(held, data);
    return data;
  }
}

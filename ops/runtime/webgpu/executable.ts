/**
 * A compiled plan and its runs: inputs are written into buffers of the device, all launches are one
 * submit, and the results come back in one readback.
 *
 * @module
 */
import { Lru } from "../../plan/lru.ts";
import type { Program } from "../../plan/program.ts";
import type { Executable } from "../executor.ts";
import { retriedOnLoss } from "../gpu/loss.ts";
import type { WebGpuBinding, WebGpuPipeline } from "../host/webgpu.ts";
import { type Held, USAGE } from "./buffers.ts";
import type { Devices, DeviceSession } from "./device.ts";
import { type Slots, slotsOf } from "./slots.ts";
import { type Shader, shaderOf } from "./wgsl.ts";

const BYTES = 4;

/** `GPUMapMode.READ`. */
const READ = 1;

/** Where the scalars of a launch may begin in a buffer of them, in bytes. */
const SCALARS_ALIGNMENT = 256;

/** How many sets of bindings a plan keeps: one for each set of buffers that it has run on. */
const KEPT_BINDINGS = 4;

/** What a plan has on one device. */
interface Built {
  readonly session: DeviceSession;
  readonly pipelines: readonly WebGpuPipeline[];
  /** The bindings of all launches, by the numbers of the buffers. */
  readonly bindings: Lru<string, object[]>;
}

/** The buffers of one run. */
interface Taken {
  /** One for each slot. */
  readonly values: readonly Held[];
  readonly scalars: Held | undefined;
}

/** A plan compiled for WebGPU. */
export class WebGpuExecutable implements Executable {
  readonly bytes = 0;
  readonly byGpuJs = 0;
  readonly #devices: Devices;
  readonly #program: Program;
  readonly #shaders: readonly Shader[];
  readonly #slots: Slots;
  /** Where the scalars of each launch begin, in elements; `undefined` where it has none. */
  readonly #scalarsAt: readonly (number | undefined)[];
  readonly #scalarsLength: number;
  /** Elements of all results. */
  readonly #resultsLength: number;
  #built: Built | undefined;

  constructor(devices: Devices, program: Program) {
    this.#devices = devices;
    this.#program = program;
    this.#shaders = program.launches.map(shaderOf);
    this.#slots = slotsOf(program);
    let end = 0;
    this.#scalarsAt = this.#shaders.map(({ scalars }) => {
      if (scalars.length === 0) return undefined;
      const at = end;
      end += Math.ceil(scalars.length * BYTES / SCALARS_ALIGNMENT) * SCALARS_ALIGNMENT / BYTES;
      return at;
    });
    this.#scalarsLength = end;
    this.#resultsLength = program.results.reduce((sum, id) => sum + program.lengths[id], 0);
  }

  async run(inputs: readonly Float32Array[], scalars: readonly number[]): Promise<Float32Array[]> {
    const copies = inputs.map((input) => input.slice());
    return await retriedOnLoss(
      this.#devices,
      (session) => this.#attempt(session, copies, scalars),
    );
  }

  dispose(): void {
    if (this.#built === undefined) return;
    const { pipelines } = this.#built.session;
    this.#shaders.forEach(({ text }) => pipelines.give(text));
    this.#built = undefined;
  }

  async #attempt(
    session: DeviceSession,
    inputs: readonly Float32Array[],
    scalars: readonly number[],
  ): Promise<Float32Array[]> {
    const { buffers } = session;
    let staging: Held | undefined;
    let mapped: Promise<unknown> | undefined;
    const submitted = session.checked(() => {
      const taken = this.#take(session);
      try {
        this.#write(session, taken, inputs, scalars);
        staging = buffers.take(this.#resultsLength * BYTES, USAGE.reading);
        session.device.queue.submit([this.#encode(session, taken, staging)]);
        mapped = staging.buffer.mapAsync(READ);
      } finally {
        // What is submitted later happens later, so that the next run may have the buffers already.
        taken.values.slice().reverse().forEach((held) => buffers.give(held));
        if (taken.scalars !== undefined) buffers.give(taken.scalars);
      }
    });
    try {
      const outcomes = await Promise.allSettled([submitted, mapped]);
      for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
      const results = this.#read(staging!);
      staging!.buffer.unmap();
      buffers.give(staging!);
      return results;
    } catch (error) {
      // What a run that has failed made may be of no use: buffers without memory, invalid pipelines.
      if (staging !== undefined) buffers.end(staging);
      buffers.clear();
      if (this.#built?.session === session) this.dispose();
      throw error;
    }
  }

  #take({ buffers }: DeviceSession): Taken {
    return {
      values: this.#slots.lengths.map((length) => buffers.take(length * BYTES, USAGE.values)),
      scalars: this.#scalarsLength === 0
        ? undefined
        : buffers.take(this.#scalarsLength * BYTES, USAGE.scalars),
    };
  }

  #write(
    { device: { queue } }: DeviceSession,
    taken: Taken,
    inputs: readonly Float32Array[],
    scalars: readonly number[],
  ): void {
    inputs.forEach((input, id) => {
      queue.writeBuffer(taken.values[this.#slots.of[id]].buffer, 0, input);
    });
    if (taken.scalars === undefined) return;
    const all = new Float32Array(this.#scalarsLength);
    this.#shaders.forEach((shader, i) => {
      const at = this.#scalarsAt[i];
      shader.scalars.forEach((scalar, j) => all[at! + j] = scalars[scalar]);
    });
    queue.writeBuffer(taken.scalars.buffer, 0, all);
  }

  /** All launches one after the other, and the copies of the results. */
  #encode(session: DeviceSession, taken: Taken, staging: Held): object {
    const { pipelines, bindings } = this.#build(session);
    const key = [...taken.values, ...taken.scalars ? [taken.scalars] : []].map(({ id }) => id);
    const bound = bindings.get(
      key.join(" "),
      () => pipelines.map((pipeline, i) => this.#bind(session, pipeline, i, taken)),
    );
    const encoder = session.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    this.#shaders.forEach(({ groups: [x, y] }, i) => {
      pass.setPipeline(pipelines[i]);
      pass.setBindGroup(0, bound[i]);
      pass.dispatchWorkgroups(x, y);
    });
    pass.end();
    let at = 0;
    for (const id of this.#program.results) {
      const bytes = this.#program.lengths[id] * BYTES;
      const { buffer } = taken.values[this.#slots.of[id]];
      encoder.copyBufferToBuffer(buffer, 0, staging.buffer, at, bytes);
      at += bytes;
    }
    return encoder.finish();
  }

  /** What the plan has on a device; made when it first runs there. */
  #build(session: DeviceSession): Built {
    if (this.#built?.session !== session) {
      this.#built = {
        session,
        pipelines: this.#shaders.map(({ text }) => session.pipelines.take(text)),
        bindings: new Lru(KEPT_BINDINGS),
      };
    }
    return this.#built;
  }

  /** The buffers of a launch in the order in which its shader declares them. */
  #bind(session: DeviceSession, pipeline: WebGpuPipeline, launch: number, taken: Taken): object {
    const { reads, scalars } = this.#shaders[launch];
    const bufferOf = (value: number) => taken.values[this.#slots.of[value]].buffer;
    const resources: WebGpuBinding[] = [...reads, this.#program.launches[launch].result]
      .map((value) => ({ buffer: bufferOf(value), size: this.#program.lengths[value] * BYTES }));
    if (taken.scalars !== undefined && scalars.length > 0) {
      resources.push({
        buffer: taken.scalars.buffer,
        offset: this.#scalarsAt[launch]! * BYTES,
        size: Math.ceil(scalars.length / 4) * 4 * BYTES,
      });
    }
    return session.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });
  }

  #read(staging: Held): Float32Array[] {
    const range = staging.buffer.getMappedRange();
    let at = 0;
    return this.#program.results.map((id) => {
      const length = this.#program.lengths[id];
      const result = new Float32Array(range, at, length).slice();
      at += length * BYTES;
      return result;
    });
  }
}

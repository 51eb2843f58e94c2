/**
 * A compiled plan and its runs: inputs that are not on the device yet are written to it, all launches
 * are one submit, and the results stay there or come back in one readback.
 *
 * @module
 */
import { Lru } from "../../plan/lru.ts";
import type { Program } from "../../plan/program.ts";
import type { Elements } from "../../tensor/elements.ts";
import type { Executable } from "../executor.ts";
import { retriedOnLoss } from "../gpu/loss.ts";
import { OutOfMemory } from "./buffers.ts";
import { Built } from "./built.ts";
import { GpuData } from "./data.ts";
import { type Devices, type DeviceSession, lossOf } from "./device.ts";
import { type Dispatch, dispatchesOf } from "./compiler/dispatches.ts";
import { refusalOf } from "./foreign.ts";
import { checkReadback } from "./limits.ts";
import { type Call, type Input, Run } from "./run.ts";
import { Scalars } from "./scalars.ts";
import { type Slots, slotsOf } from "./slots.ts";

/** How many divisions of values among buffers are kept: one for each set of inputs that are on the device. */
const KEPT_SLOTS = 4;

/** A plan compiled for WebGPU. */
export class WebGpuExecutable implements Executable {
  readonly bytes = 0;
  readonly byGpuJs = 0;
  readonly #devices: Devices;
  readonly #program: Program;
  readonly #dispatches: readonly Dispatch[];
  readonly #scalars: Scalars;
  readonly #slots = new Lru<string, Slots>(KEPT_SLOTS);
  #built: Built | undefined;

  constructor(devices: Devices, program: Program) {
    this.#devices = devices;
    this.#program = program;
    this.#dispatches = dispatchesOf(program);
    this.#scalars = new Scalars(this.#dispatches.map(({ shader }) => shader));
  }

  async run(
    given: readonly Input[],
    scalars: readonly number[],
    keep = false,
    names = this.#program.names,
  ): Promise<Elements[]> {
    const resident = given.filter((input) => input instanceof GpuData);
    // For a second attempt: numbers in memory are the caller's again when this returns.
    const inputs = given.map((input) => input instanceof GpuData ? input.retain() : input.slice());
    try {
      const attempt = (session: DeviceSession) =>
        this.#withMemory(session, { inputs, scalars, names, keep });
      return resident.length === 0
        ? await retriedOnLoss(this.#devices, attempt)
        : await this.#unlessLost(given, names, attempt);
    } finally {
      resident.forEach((data) => data.release());
    }
  }

  dispose(): void {
    this.#built?.dispose();
    this.#built = undefined;
  }

  /** Runs where the inputs are, which are lost with their device. */
  async #unlessLost<T>(
    inputs: readonly Input[],
    names: readonly string[],
    run: (session: DeviceSession) => Promise<T>,
  ): Promise<T> {
    const { latest } = this.#devices;
    inputs.forEach((input, id) => {
      if (!(input instanceof GpuData)) return;
      if (input.session !== latest) throw lossOf(names[id]);
      latest.checkLive(names[id]);
    });
    try {
      return await run(latest);
    } catch (error) {
      if (!await latest.isLost()) throw error;
      const first = inputs.findIndex((input) => input instanceof GpuData);
      throw lossOf(names[first]);
    }
  }

  /** A run for which memory is made where there is too little. */
  async #withMemory(session: DeviceSession, call: Call): Promise<Elements[]> {
    try {
      return await this.#attempt(session, call);
    } catch (error) {
      if (!(error instanceof OutOfMemory && session.buffers.clear())) throw error;
      return await this.#attempt(session, call);
    }
  }

  async #attempt(session: DeviceSession, call: Call): Promise<Elements[]> {
    if (!call.keep) checkReadback(this.#program, session.device.limits);
    let run: Run | undefined;
    const submitted = session.checked(() => {
      const { inputs } = call;
      const mask = inputs.map((input) => Number(input instanceof GpuData)).join("");
      const slots = this.#slots.get(mask, () => {
        const { constants } = this.#program;
        const isThere = (id: number) => inputs[id] instanceof GpuData || constants.has(id);
        return slotsOf(this.#program, this.#dispatches, isThere);
      });
      run = new Run(this.#program, this.#builtOn(session), call);
      run.submit(slots, this.#scalars);
    });
    try {
      // What lacks memory explains the errors of commands that use it.
      const outcomes = await Promise.allSettled([...run?.ready ?? [], submitted]);
      for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
      return await run!.results();
    } catch (error) {
      run?.abandon();
      // What a run that has failed made may be of no use: invalid pipelines, say.
      if (this.#built?.session === session) this.dispose();
      throw await this.#explained(error, call);
    }
  }

  /** The error of a run, or what is wrong with a buffer among the inputs that may be its cause. */
  async #explained(error: unknown, { inputs, names }: Call): Promise<unknown> {
    for (const [id, input] of inputs.entries()) {
      if (!(input instanceof GpuData && input.foreign)) continue;
      const refusal = await refusalOf(input);
      if (refusal === undefined) continue;
      return new Error(
        `Cannot run on webgpu: ${
          names[id]
        } must be in a live buffer of the runtime's device, got one that it refuses: ${refusal}`,
        { cause: error },
      );
    }
    return error;
  }

  /** What the plan has on a device; made when it first runs there. */
  #builtOn(session: DeviceSession): Built {
    if (this.#built?.session !== session) {
      this.#built = new Built(session, this.#program, this.#dispatches, this.#scalars);
    }
    return this.#built;
  }
}

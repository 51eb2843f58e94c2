/**
 * What a plan has on one device: pipelines, constants, and bindings of the buffers it has run on.
 *
 * @module
 */
import { Lru } from "../../plan/lru.ts";
import type { Program } from "../../plan/program.ts";
import type { WebGpuBinding, WebGpuEncoder, WebGpuPipeline } from "../host/webgpu.ts";
import type { Held } from "./buffers.ts";
import { GpuData } from "./data.ts";
import type { DeviceSession } from "./device.ts";
import type { Dispatch } from "./compiler/dispatches.ts";
import type { Scalars } from "./scalars.ts";

const BYTES = 4;

/** How many sets of bindings are kept: one for each set of buffers. */
const KEPT_BINDINGS = 4;

/** A plan on one device. */
export class Built {
  readonly session: DeviceSession;
  /** The plan's constants, by their values. */
  readonly constants: ReadonlyMap<number, GpuData>;
  readonly #program: Program;
  readonly #dispatches: readonly Dispatch[];
  readonly #scalars: Scalars;
  readonly #pipelines: readonly WebGpuPipeline[];
  /** The bindings of all dispatches, by the numbers of the buffers. */
  readonly #bindings = new Lru<string, object[]>(KEPT_BINDINGS);

  constructor(
    session: DeviceSession,
    program: Program,
    dispatches: readonly Dispatch[],
    scalars: Scalars,
  ) {
    this.session = session;
    this.#program = program;
    this.#dispatches = dispatches;
    this.#scalars = scalars;
    this.#pipelines = dispatches.map(({ shader: { text } }) => session.pipelines.take(text));
    this.constants = new Map(
      [...program.constants].map(([id, number]) => {
        const numbers = new Float32Array(program.lengths[id]).fill(number);
        return [id, GpuData.upload(session, numbers)];
      }),
    );
  }

  /**
   * Writes all dispatches down, one after the other.
   *
   * @param values The buffers of the values that have one.
   */
  encode(
    encoder: WebGpuEncoder,
    values: readonly (Held | undefined)[],
    scalars: Held | undefined,
  ): void {
    const key = [...values, scalars].map((held) => held?.id).join(" ");
    const bound = this.#bindings.get(
      key,
      () => this.#pipelines.map((pipeline, i) => this.#bind(pipeline, i, values, scalars)),
    );
    const pass = encoder.beginComputePass();
    this.#dispatches.forEach(({ shader: { groups: [x, y] } }, i) => {
      pass.setPipeline(this.#pipelines[i]);
      pass.setBindGroup(0, bound[i]);
      pass.dispatchWorkgroups(x, y);
    });
    pass.end();
  }

  /** Gives back what the plan has here. */
  dispose(): void {
    this.#dispatches.forEach(({ shader: { text } }) => this.session.pipelines.give(text));
    this.constants.forEach((constant) => constant.release());
  }

  /** The buffers of a dispatch in the order in which its shader declares them. */
  #bind(
    pipeline: WebGpuPipeline,
    dispatch: number,
    values: readonly (Held | undefined)[],
    scalars: Held | undefined,
  ): object {
    const { shader: { reads }, writes } = this.#dispatches[dispatch];
    const resources: WebGpuBinding[] = [...reads, ...writes].map((value) => ({
      buffer: values[value]!.buffer,
      size: this.#program.lengths[value] * BYTES,
    }));
    const part = this.#scalars.parts[dispatch];
    if (scalars !== undefined && part !== undefined) {
      resources.push({ buffer: scalars.buffer, ...part });
    }
    return this.session.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });
  }
}

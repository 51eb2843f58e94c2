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
import type { Scalars } from "./scalars.ts";
import type { Shader } from "./wgsl.ts";

const BYTES = 4;

/** How many sets of bindings are kept: one for each set of buffers. */
const KEPT_BINDINGS = 4;

/** A plan on one device. */
export class Built {
  readonly session: DeviceSession;
  /** The plan's constants, by their values. */
  readonly constants: ReadonlyMap<number, GpuData>;
  readonly #program: Program;
  readonly #shaders: readonly Shader[];
  readonly #scalars: Scalars;
  readonly #pipelines: readonly WebGpuPipeline[];
  /** The bindings of all launches, by the numbers of the buffers. */
  readonly #bindings = new Lru<string, object[]>(KEPT_BINDINGS);

  constructor(
    session: DeviceSession,
    program: Program,
    shaders: readonly Shader[],
    scalars: Scalars,
  ) {
    this.session = session;
    this.#program = program;
    this.#shaders = shaders;
    this.#scalars = scalars;
    this.#pipelines = shaders.map(({ text }) => session.pipelines.take(text));
    this.constants = new Map(
      [...program.constants].map(([id, number]) => {
        const numbers = new Float32Array(program.lengths[id]).fill(number);
        return [id, GpuData.upload(session, numbers)];
      }),
    );
  }

  /** Writes all launches down, one after the other. */
  encode(encoder: WebGpuEncoder, values: readonly Held[], scalars: Held | undefined): void {
    const key = [...values, ...scalars ? [scalars] : []].map(({ id }) => id).join(" ");
    const bound = this.#bindings.get(
      key,
      () => this.#pipelines.map((pipeline, i) => this.#bind(pipeline, i, values, scalars)),
    );
    const pass = encoder.beginComputePass();
    this.#shaders.forEach(({ groups: [x, y] }, i) => {
      pass.setPipeline(this.#pipelines[i]);
      pass.setBindGroup(0, bound[i]);
      pass.dispatchWorkgroups(x, y);
    });
    pass.end();
  }

  /** Gives back what the plan has here. */
  dispose(): void {
    this.#shaders.forEach(({ text }) => this.session.pipelines.give(text));
    this.constants.forEach((constant) => constant.release());
  }

  /** The buffers of a launch in the order in which its shader declares them. */
  #bind(
    pipeline: WebGpuPipeline,
    launch: number,
    values: readonly Held[],
    scalars: Held | undefined,
  ): object {
    const { lengths, launches } = this.#program;
    const resources: WebGpuBinding[] = [...this.#shaders[launch].reads, launches[launch].result]
      .map((value) => ({ buffer: values[value].buffer, size: lengths[value] * BYTES }));
    const part = this.#scalars.parts[launch];
    if (scalars !== undefined && part !== undefined) {
      resources.push({ buffer: scalars.buffer, ...part });
    }
    return this.session.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });
  }
}

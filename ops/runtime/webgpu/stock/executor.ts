/**
 * The webgpu executor by gpu.js alone, to compare with: one of its pipelines per program, so that intermediates stay on the device and
 * a run is one submit and one readback.
 *
 * @module
 */
import type { Program } from "../../../plan/program.ts";
import type { Executable, Executor } from "../../executor.ts";
import type { Gpu, GpuInput, GpuLibrary, GpuPipeline } from "../../gpu/declarations.ts";
import { retriedOnLoss, type SessionPool } from "../../gpu/loss.ts";
import { feedsAnother, kernelSettings } from "../../gpu/settings.ts";
import { textOf } from "../../gpu/texts.ts";
import type { WebGpuDevice } from "../../host/webgpu.ts";
import { findAdapter } from "../adapter.ts";
import { checkReadback, checkValues } from "../limits.ts";
import { type DeviceSession, exclusively, openDevice, retainDevice } from "./device.ts";
import { extentConstants, launchedWebGpuKernel } from "./kernel.ts";

/**
 * Compiles programs to WebGPU.
 *
 * @throws {Error} If there is no adapter.
 */
export async function createStockWebGpuExecutor(library: GpuLibrary): Promise<Executor> {
  const adapter = await findAdapter();
  if ("missing" in adapter) throw new Error(adapter.missing);
  const gpu = new library.GPU({ mode: "webgpu" });
  gpu.Kernel = launchedWebGpuKernel(library.WebGPUKernel);
  const release = retainDevice(library);
  const pool = new DevicePool(library);
  const { device } = await pool.current().catch(async (error) => {
    await release();
    throw error;
  });
  return {
    backend: "webgpu",
    device: adapter.name,
    bytes: 0,
    compile(program) {
      checkValues(program, device.limits);
      checkReadback(program, device.limits);
      return new WebGpuExecutable(library, gpu, pool, program);
    },
    async dispose() {
      await gpu.destroy();
      await release();
    },
  };
}

/** The one device of the process, and after a loss the next one. */
class DevicePool implements SessionPool<DeviceSession> {
  #library: GpuLibrary;
  #session: Promise<DeviceSession>;

  constructor(library: GpuLibrary) {
    this.#library = library;
    this.#session = openDevice(library);
  }

  current(): Promise<DeviceSession> {
    return this.#session;
  }

  isLost(session: DeviceSession): Promise<boolean> {
    return session.isLost();
  }

  /** Replaces a lost session; the first caller to notice the loss does it for all. */
  async renew(lost: DeviceSession): Promise<DeviceSession> {
    if (await this.#session === lost) {
      this.#session = this.#library.WebGPUContext.destroy().then(() => openDevice(this.#library));
    }
    return await this.#session;
  }
}

class WebGpuExecutable implements Executable {
  readonly byGpuJs: number;
  readonly bytes: number;
  #library: GpuLibrary;
  #gpu: Gpu;
  #pool: DevicePool;
  #program: Program;
  #built: { pipeline: BuiltPipeline; session: DeviceSession } | undefined;
  constructor(library: GpuLibrary, gpu: Gpu, pool: DevicePool, program: Program) {
    this.#library = library;
    this.#gpu = gpu;
    this.#pool = pool;
    this.#program = program;
    this.byGpuJs = program.launches.length;
    this.bytes = 4 * program.lengths.reduce((sum, length) => sum + length, 0);
  }

  async run(inputs: readonly Float32Array[], scalars: readonly number[]): Promise<Float32Array[]> {
    const { Input } = this.#library;
    const args = [...inputs.map((input) => new Input(input.slice(), [input.length])), ...scalars];
    return await retriedOnLoss(this.#pool, (session) => this.#attempt(session, args));
  }

  async dispose(): Promise<void> {
    const built = this.#built;
    this.#built = undefined;
    await built?.pipeline.dispose();
  }

  async #attempt(session: DeviceSession, args: (GpuInput | number)[]): Promise<Float32Array[]> {
    if (this.#built?.session !== session) {
      const results = await exclusively(() => this.#build(session, args));
      if (results !== undefined) return results;
    }
    return this.#read(await this.#built!.pipeline.run(...args));
  }

  /** Builds the pipeline by running it once, unless a run before this one has built it. */
  async #build(
    session: DeviceSession,
    args: (GpuInput | number)[],
  ): Promise<Float32Array[] | undefined> {
    if (this.#built?.session === session) return undefined;
    await this.dispose();
    const pipeline = createPipeline(this.#gpu, this.#program);
    try {
      const results = await withoutDeviceErrors(session.device, () => pipeline.run(...args));
      if (pipeline.run.executorKind !== "fused-encoder") {
        throw new Error(`Cannot run on webgpu: ${pipeline.run.fallbackReason}`);
      }
      this.#built = { pipeline, session };
      return this.#read(results);
    } catch (error) {
      await pipeline.dispose();
      throw error;
    }
  }

  #read(results: Record<string, Float32Array>): Float32Array[] {
    return this.#program.results.map((_, i) => results[`r${i}`]);
  }
}

/** A gpu.js pipeline with the kernels that it was recorded from. */
interface BuiltPipeline {
  readonly run: GpuPipeline;
  dispose(): Promise<void>;
}

/** Records a program's launches as a gpu.js pipeline: inputs first, then scalars. */
function createPipeline(gpu: Gpu, program: Program): BuiltPipeline {
  const inputs = program.lengths.length - program.launches.length;
  const kernels = program.launches.map((launch) => {
    const kernel = launch.wide !== undefined && !feedsAnother(program, launch)
      ? launch.wide
      : launch.kernel;
    const settings = kernelSettings(launch, kernel);
    return gpu.createKernel(textOf(kernel), {
      ...settings,
      constants: { ...settings.constants, ...extentConstants(launch) },
    });
  });
  const orchestrate = (...handles: GpuInput[]) => {
    const values = handles.slice(0, inputs);
    program.launches.forEach((launch, i) => {
      const args = launch.arguments.map((argument) =>
        "scalar" in argument ? handles[inputs + argument.scalar] : values[argument.value]
      );
      values[launch.result] = kernels[i](...args) as GpuInput;
    });
    return Object.fromEntries(program.results.map((id, i) => [`r${i}`, values[id]]));
  };
  // gpu.js makes as many handles as the function says it takes.
  Object.defineProperty(orchestrate, "length", { value: inputs + program.scalars });
  const run = gpu.createPipeline(orchestrate);
  return {
    run,
    async dispose() {
      await run.destroy();
      kernels.forEach((kernel) => kernel.destroy());
    },
  };
}

/** A device error (out of memory, say) leaves buffers of zeros behind: turn it into an exception. */
async function withoutDeviceErrors<T>(device: WebGpuDevice, run: () => Promise<T>): Promise<T> {
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  let errors: ({ readonly message: string } | null)[] = [];
  try {
    return await run();
  } finally {
    errors = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
    const error = errors.find((error) => error !== null);
    // deno-lint-ignore no-unsafe-finally -- the device's error explains the other one
    if (error) throw new Error(`Cannot run on webgpu: ${error.message}`);
  }
}

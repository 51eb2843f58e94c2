/**
 * The webgl2 executor: gpu.js' WebGL2 kernels, each drawing into a texture that the next ones read,
 * and one readback per run.
 *
 * @module
 */
import type { Program } from "../../plan/program.ts";
import type { Executable, Executor } from "../executor.ts";
import type { GpuLibrary } from "../gpu/declarations.ts";
import { BuiltProgram } from "./built.ts";
import { closeContext, type ContextFacts, type ContextSession, openContext } from "./context.ts";
import { mostTexels, textureBytes } from "./texture.ts";

/**
 * Compiles programs to WebGL2.
 *
 * @throws {Error} If there is no context that would do.
 */
export function createWebGl2Executor(library: GpuLibrary): Executor {
  const contexts = new ContextPool(library);
  const { facts } = contexts.current();
  return {
    backend: "webgl2",
    device: facts.name,
    bytes: 0,
    compile(program) {
      checkLimits(program, facts);
      return new WebGl2Executable(contexts, program);
    },
    dispose: () => contexts.dispose(),
  };
}

/** The one context of an executor, opened anew after a loss. */
class ContextPool {
  #library: GpuLibrary;
  #session: ContextSession;

  constructor(library: GpuLibrary) {
    this.#library = library;
    this.#session = openContext(library);
  }

  current(): ContextSession {
    // What a lost context held is gone already.
    if (this.#session.gl.isContextLost()) this.#session = openContext(this.#library);
    return this.#session;
  }

  dispose(): Promise<void> {
    return closeContext(this.#session);
  }
}

class WebGl2Executable implements Executable {
  readonly byGpuJs: number;
  readonly bytes: number;
  #contexts: ContextPool;
  #program: Program;
  #built: BuiltProgram | undefined;

  constructor(contexts: ContextPool, program: Program) {
    this.#contexts = contexts;
    this.#program = program;
    this.byGpuJs = program.launches.length;
    this.bytes = program.lengths.reduce((sum, length) => sum + textureBytes(length), 0);
  }

  /**
   * Ops are pure, so a run that dies with its context is repeated once on a fresh one. The inputs
   * are copied first: the caller may overwrite them while the run is pending.
   */
  async run(inputs: readonly Float32Array[], scalars: readonly number[]): Promise<Float32Array[]> {
    const copies = inputs.map((input) => input.slice());
    const session = this.#contexts.current();
    try {
      return await this.#attempt(session, copies, scalars);
    } catch (error) {
      if (!session.gl.isContextLost()) throw error;
      return await this.#attempt(this.#contexts.current(), copies, scalars);
    }
  }

  dispose(): void {
    this.#built?.dispose();
    this.#built = undefined;
  }

  #attempt(
    session: ContextSession,
    inputs: readonly Float32Array[],
    scalars: readonly number[],
  ): Promise<Float32Array[]> {
    if (this.#built?.session !== session) {
      this.dispose();
      this.#built = new BuiltProgram(session, this.#program);
    }
    return this.#built.run(inputs, scalars);
  }
}

/** Refuses what no texture of the context can hold. */
function checkLimits({ lengths, names }: Program, { side }: ContextFacts): void {
  const most = mostTexels(side);
  lengths.forEach((length, id) => {
    if (!(length <= most)) {
      throw new RangeError(
        `Cannot run on webgl2: ${names[id]} must have at most ${most} elements, got ${length}`,
      );
    }
  });
}

/**
 * The webgl2 executor: gpu.js' WebGL2 kernels, each drawing into a texture that the next ones read,
 * and one readback per run.
 *
 * @module
 */
import type { Program } from "../../plan/program.ts";
import type { Executable, Executor } from "../executor.ts";
import type { GpuLibrary } from "../gpu/declarations.ts";
import { retriedOnLoss, type SessionPool } from "../gpu/loss.ts";
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

/** The one context of an executor, and after a loss the next one. */
class ContextPool implements SessionPool<ContextSession> {
  #library: GpuLibrary;
  #session: ContextSession;

  constructor(library: GpuLibrary) {
    this.#library = library;
    this.#session = openContext(library);
  }

  current(): ContextSession {
    // What a lost context held is gone already.
    if (this.isLost(this.#session)) this.#session = openContext(this.#library);
    return this.#session;
  }

  isLost({ gl }: ContextSession): boolean {
    return gl.isContextLost();
  }

  renew(): ContextSession {
    return this.current();
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

  async run(inputs: readonly Float32Array[], scalars: readonly number[]): Promise<Float32Array[]> {
    const copies = inputs.map((input) => input.slice());
    return await retriedOnLoss(
      this.#contexts,
      (session) => this.#attempt(session, copies, scalars),
    );
  }

  dispose(): void {
    this.#built?.dispose();
    this.#built = undefined;
  }

  async #attempt(
    session: ContextSession,
    inputs: readonly Float32Array[],
    scalars: readonly number[],
  ): Promise<Float32Array[]> {
    if (this.#built?.session !== session) {
      this.dispose();
      this.#built = new BuiltProgram(session, this.#program);
    }
    return await this.#built.run(inputs, scalars);
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

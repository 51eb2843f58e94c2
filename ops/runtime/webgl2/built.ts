/**
 * A program built in one context: a texture for each input, and a kernel with its texture for each
 * launch.
 *
 * @module
 */
import type { Launch, LaunchArgument, Program } from "../../plan/program.ts";
import type { GpuTexture, WebGl2KernelBase } from "../gpu/declarations.ts";
import { feedsAnother, kernelSettings } from "../gpu/settings.ts";
import { textOf } from "../gpu/texts.ts";
import type { ContextSession } from "./context.ts";
import { hasFloatIndices } from "./kernel.ts";
import { createTexture, readBack, textureSize, upload, type ValueTexture } from "./texture.ts";

/** A kernel, and its arguments with their extents; a scalar by its number in the program. */
interface BuiltLaunch {
  readonly kernel: WebGl2KernelBase;
  readonly arguments: readonly (GpuTexture | { readonly scalar: number })[];
}

/** Owns everything that a program holds in a context. */
export class BuiltProgram {
  readonly session: ContextSession;
  readonly #program: Program;
  readonly #inputs: readonly ValueTexture[];
  readonly #values: ValueTexture[];
  readonly #launches: BuiltLaunch[] = [];

  /** @throws {Error} If the context refuses a shader, or has no memory left for a texture. */
  constructor(session: ContextSession, program: Program) {
    this.session = session;
    this.#program = program;
    const { gl } = session;
    const inputs = program.lengths.length - program.launches.length;
    this.#inputs = program.lengths.slice(0, inputs).map((length) => createTexture(gl, length));
    this.#values = [...this.#inputs];
    try {
      for (const launch of program.launches) this.#build(launch);
      this.#check();
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Computes the results; everything has been read and launched when this returns. */
  run(inputs: readonly Float32Array[], scalars: readonly number[]): Promise<Float32Array[]> {
    const { gl } = this.session;
    this.#inputs.forEach((texture, id) => upload(gl, texture, inputs[id]));
    for (const { kernel, arguments: args } of this.#launches) {
      kernel.run(
        ...args.map((argument) => "scalar" in argument ? scalars[argument.scalar] : argument),
      );
    }
    return this.#read(inputs);
  }

  dispose(): void {
    const { gl } = this.session;
    for (const { kernel } of this.#launches.splice(0)) kernel.destroy();
    for (const { texture } of this.#inputs) gl.deleteTexture(texture);
  }

  /** Builds a kernel over the textures of its arguments, which all have been made by now. */
  #build(launch: Launch): void {
    const { gpu } = this.session;
    const generated = launch.wide !== undefined && !feedsAnother(this.#program, launch)
      ? launch.wide
      : launch.kernel;
    const shortcut = gpu.createKernel(textOf(generated), {
      ...kernelSettings(launch, generated),
      argumentTypes: launch.kernel.arguments.map(({ kind }) =>
        kind === "scalar" ? "Float" : "ArrayTexture(1)"
      ),
      pipeline: true,
      precision: "single",
      // Not as little precision as the size of the texture seems to ask for.
      tactic: "precision",
      fixIntegerDivisionAccuracy: false,
    });
    const kernel = shortcut.kernel as WebGl2KernelBase;
    const args = launch.arguments.map((argument) => this.#argument(argument));
    this.#launches.push({ kernel, arguments: args });
    kernel.build(...args.map((argument) => "scalar" in argument ? 0 : argument));
    // gpu.js would go on in plain JavaScript.
    if (kernel.fallbackReason) throw new Error(`Cannot run on webgl2: ${kernel.fallbackReason}`);
    if (hasFloatIndices(kernel.compiledFragmentShader)) checkExtents(this.#program, launch);
    const length = this.#program.lengths[launch.result];
    const { lanes } = generated;
    this.#values[launch.result] = {
      texture: kernel.texture.texture,
      size: textureSize(length / lanes),
      lanes,
      length,
    };
  }

  /** A value as gpu.js takes textures, with the extents under which one launch indexes it. */
  #argument(argument: LaunchArgument): GpuTexture | { readonly scalar: number } {
    if ("scalar" in argument) return argument;
    const { texture, size } = this.#values[argument.value];
    return {
      texture,
      size: new Int32Array(size),
      dimensions: argument.extents,
      type: "ArrayTexture(1)",
      context: this.session.gl,
    };
  }

  /** Waits for the results; an input that is one as well is copied. */
  async #read(inputs: readonly Float32Array[]): Promise<Float32Array[]> {
    const { gl, facts } = this.session;
    const { results } = this.#program;
    const computed = results.filter((id) => id >= inputs.length);
    const back = readBack(gl, facts.format, computed.map((id) => this.#values[id]));
    try {
      this.#check();
      await this.#launches[0].kernel._pollFence(back.fence);
      const read = back.finish().values();
      // A lost context reads as zeros.
      if (gl.isContextLost()) throw new Error("Cannot run on webgl2: the context was lost");
      return results.map((id) => id < inputs.length ? inputs[id].slice() : read.next().value!);
    } finally {
      back.dispose();
    }
  }

  /** Turns what the context has noted into an exception. */
  #check(): void {
    const { gl } = this.session;
    const error = gl.getError();
    if (error === gl.NO_ERROR) return;
    while (!gl.isContextLost() && gl.getError() !== gl.NO_ERROR);
    const what = error === gl.OUT_OF_MEMORY ? "out of memory" : `error 0x${error.toString(16)}`;
    throw new Error(`Cannot run on webgl2: ${what}`);
  }
}

/** Floats count no further than this. */
const MOST_COUNTED = 2 ** 24;

/** Refuses arguments of a launch that are too long for indices computed in floats. */
function checkExtents({ names }: Program, launch: Launch): void {
  for (const argument of launch.arguments) {
    if ("scalar" in argument) continue;
    const extent = Math.max(...argument.extents);
    if (extent > MOST_COUNTED) {
      throw new RangeError(
        `Cannot run on webgl2: ${
          names[argument.value]
        } must have at most ${MOST_COUNTED} elements along an axis, got ${extent}`,
      );
    }
  }
}

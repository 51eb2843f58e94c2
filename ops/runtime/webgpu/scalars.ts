/**
 * The numbers that launches are given, in one buffer.
 *
 * @module
 */
import type { Shader } from "./compiler/wgsl.ts";

const BYTES = 4;

/** Where those of a launch may begin, in bytes. */
const ALIGNMENT = 256;

/** A part of the buffer, in bytes. */
export interface Part {
  readonly offset: number;
  readonly size: number;
}

/** Where the scalars of a plan's dispatches lie. */
export class Scalars {
  readonly #shaders: readonly Shader[];
  /** For each dispatch; `undefined` where it has none. */
  readonly parts: readonly (Part | undefined)[];
  /** Size of the buffer. */
  readonly bytes: number;

  constructor(shaders: readonly Shader[]) {
    this.#shaders = shaders;
    let end = 0;
    this.parts = shaders.map(({ scalars }) => {
      if (scalars.length === 0) return undefined;
      const offset = end;
      end += Math.ceil(scalars.length * BYTES / ALIGNMENT) * ALIGNMENT;
      // Shaders see them as vectors of four.
      return { offset, size: Math.ceil(scalars.length / 4) * 4 * BYTES };
    });
    this.bytes = end;
  }

  /** What lies in the buffer in a run with these numbers. */
  filled(numbers: readonly number[]): Float32Array {
    const all = new Float32Array(this.bytes / BYTES);
    this.#shaders.forEach(({ scalars }, i) => {
      const part = this.parts[i];
      scalars.forEach((scalar, j) => all[part!.offset / BYTES + j] = numbers[scalar]);
    });
    return all;
  }
}
